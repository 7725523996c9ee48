#pragma once

// PodDisruptionBudgets: which evictions would break one.

#include "model/pod.h"
#include "model/pod_group.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ebb::core::placement {

class DisruptionBudgets {
 public:
  void seen(model::DisruptionBudget budget);
  void gone(const model::ObjectKey& key);
  bool empty() const { return budgets_.empty(); }
  // Grows with every change.
  std::uint64_t generation() const { return generation_; }

  // Of pods evicted one after the other in this order: whether each of them breaks one. A pod that
  // a budget counts as disrupted already costs it nothing more. (kube-scheduler's filterPodsWithPDBViolation)
  std::vector<bool> violations(std::span<const model::Pod* const> victims) const;

 private:
  std::map<model::ObjectKey, model::DisruptionBudget> budgets_;
  std::uint64_t generation_ = 1;
};

}   // namespace ebb::core::placement
