#include "core/placement/gang_victims.h"

#include "base/check.h"
#include "core/placement/node_check.h"
#include "core/placement/victim_search.h"

#include <algorithm>
#include <utility>

namespace ebb::core::placement {

Preemption::Cost cost_of_eviction(const PodTable& pods, const DisruptionBudgets& budgets, std::vector<PodIndex> evicted) {
  std::ranges::sort(evicted, [&](PodIndex a, PodIndex b) { return more_important(pods, a, b); });
  Victims victims;
  if (!budgets.empty()) {
    std::vector<const model::Pod*> in_order;
    for (const PodIndex pod : evicted) in_order.push_back(&pods[pod].pod);
    victims.violations = static_cast<std::int32_t>(std::ranges::count(budgets.violations(in_order), true));
  }
  victims.evicted = std::move(evicted);
  return Preemption::cost_of(pods, victims);
}

GangVictimsAnswer find_gang_victims(ClusterState& state, const PodTable& pods, const ShapeTable& shapes, const gangs::GangBook& gangs,
                                    const DisruptionBudgets& budgets, const GangClaim& claim, const GangSearchLimits& limits) {
  VictimSearch search(state, pods, shapes, gangs, budgets, claim, limits);
  return search.run();
}

}   // namespace ebb::core::placement
