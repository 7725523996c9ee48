#include "core/placement/disruption_budgets.h"

#include <algorithm>
#include <utility>

namespace ebb::core::placement {

void DisruptionBudgets::seen(model::DisruptionBudget budget) {
  const auto [found, added] = budgets_.try_emplace(budget.key, budget);
  if (!added && found->second == budget) return;
  found->second = std::move(budget);
  ++generation_;
}

void DisruptionBudgets::gone(const model::ObjectKey& key) {
  if (budgets_.erase(key) > 0) ++generation_;
}

std::vector<bool> DisruptionBudgets::violations(std::span<const model::Pod* const> victims) const {
  std::vector<bool> broken(victims.size(), false);
  if (budgets_.empty()) return broken;
  std::map<const model::DisruptionBudget*, std::int32_t> left;
  for (std::size_t i = 0; i < victims.size(); ++i) {
    const model::Pod& pod = *victims[i];
    // A pod without labels matches no budget, not even one that selects everything.
    if (pod.labels.empty()) continue;
    for (auto at = budgets_.lower_bound({pod.key.ns, ""}); at != budgets_.end() && at->first.ns == pod.key.ns; ++at) {
      const model::DisruptionBudget& budget = at->second;
      if (!budget.selector || budget.selector->empty() || !budget.selector->matches(pod.labels)) continue;
      if (std::ranges::find(budget.disrupted_pods, pod.key.name) != budget.disrupted_pods.end()) continue;
      std::int32_t& allowed = left.try_emplace(&budget, budget.disruptions_allowed).first->second;
      if (--allowed < 0) broken[i] = true;
    }
  }
  return broken;
}

}   // namespace ebb::core::placement
