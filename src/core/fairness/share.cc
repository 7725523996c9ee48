#include "core/fairness/share.h"

#include "core/fairness/wide_product.h"

#include <algorithm>

namespace ebb::core::fairness {
namespace {

UInt128 scale(const Share& share) { return static_cast<UInt128>(share.total) * static_cast<UInt128>(share.weight); }

UInt128 common_divisor(UInt128 a, UInt128 b) {
  while (b != 0) {
    a %= b;
    std::swap(a, b);
  }
  return a;
}

std::string digits(UInt128 value) {
  std::string out;
  do {
    out.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(out.begin(), out.end());
  return out;
}

}   // namespace

Share Share::of_units(Int128 units, std::int64_t total, std::int64_t weight) {
  const UInt128 most = kMostFine >> kFineBits;
  const UInt128 held = units <= 0 ? 0 : std::min(static_cast<UInt128>(units), most);
  return {held << kFineBits, std::max<std::int64_t>(total, 1), weight};
}

std::strong_ordering operator<=>(const Share& a, const Share& b) {
  if (a.total == b.total && a.weight == b.weight) return a.fine <=> b.fine;
  return product(a.fine, scale(b)) <=> product(b.fine, scale(a));
}

std::int64_t percent(const Share& share) {
  const UInt128 one = scale(share);   // below 2^84: doubling and shifting it stays below 2^117
  const Wide twice = product(share.fine, 200);
  const UInt128 halves = quotient(twice, product(one, static_cast<UInt128>(1) << kFineBits));
  return static_cast<std::int64_t>(std::min<UInt128>((halves + 1) / 2, 1'000'000'000));
}

std::string to_string(const Share& share) {
  const UInt128 below = scale(share) << kFineBits;
  const UInt128 divisor = common_divisor(share.fine, below);
  if (share.fine == 0) return "0";
  const UInt128 whole = below / divisor;
  return whole == 1 ? digits(share.fine / divisor) : digits(share.fine / divisor) + "/" + digits(whole);
}

}   // namespace ebb::core::fairness
