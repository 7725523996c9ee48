#include "world/cpu_share.h"

#include "base/check.h"
#include "base/wide.h"

#include <algorithm>
#include <numeric>

namespace ebb::world {

MilliCpu split_cpu(MilliCpu capacity, std::vector<CpuClaim>& claims) {
  MilliCpu wanted;
  std::int64_t weights = 0;
  for (CpuClaim& claim : claims) {
    EBB_CHECK(claim.weight > 0 && claim.wish.v >= 0);
    claim.granted = claim.wish;
    wanted += claim.wish;
    weights += claim.weight;
  }
  MilliCpu left = std::max(capacity, MilliCpu{0});
  if (wanted <= left) return wanted;

  // Whoever wants least for its weight is served first, so that what it leaves is known to the rest.
  std::vector<std::size_t> order(claims.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return static_cast<Int128>(claims[a].wish.v) * claims[b].weight < static_cast<Int128>(claims[b].wish.v) * claims[a].weight;
  });
  MilliCpu sum;
  for (const std::size_t i : order) {
    CpuClaim& claim = claims[i];
    const MilliCpu fair{static_cast<std::int64_t>(static_cast<Int128>(left.v) * claim.weight / weights)};
    claim.granted = std::min(claim.wish, fair);
    left -= claim.granted;
    weights -= claim.weight;
    sum += claim.granted;
  }
  return sum;
}

}   // namespace ebb::world
