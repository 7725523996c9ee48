#include "world/load_curve.h"

#include "base/wide.h"

namespace ebb::world {

Permille level(const LoadCurve& curve, Instant at) {
  if (curve.period.v <= 0) return curve.low;
  constexpr std::int64_t kOne = 1 << 20;
  std::int64_t into = (at - curve.trough).v % curve.period.v;
  if (into < 0) into += curve.period.v;
  const auto x = static_cast<std::int64_t>(static_cast<Int128>(into) * kOne / curve.period.v);
  const std::int64_t y = x < kOne / 2 ? 2 * x : 2 * (kOne - x);
  const std::int64_t s = y * y / kOne * (3 * kOne - 2 * y) / kOne;
  return Permille{curve.low.v + (curve.high.v - curve.low.v) * s / kOne};
}

}   // namespace ebb::world
