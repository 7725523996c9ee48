#pragma once

// Whom a pod may push out, and where that hurts least: the rules of the default scheduler's
// DefaultPreemption, over all nodes instead of a sample of them. Room that is kept on a node for a
// pod of lower priority is taken before anybody is evicted.

#include "core/placement/cluster_state.h"
#include "core/placement/disruption_budgets.h"
#include "core/placement/pod_table.h"
#include "core/placement/shape.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

namespace ebb::core::placement {

struct Victims {
  Slot slot = 0;
  std::vector<PodIndex> evicted;     // the most important first
  std::vector<PodIndex> displaced;   // pods that room was kept for there
  std::int32_t violations = 0;       // of them, that break a disruption budget
};

// Who wants room.
struct Claimant {
  const Shape& shape;
  const Ask& ask;
  std::int32_t priority = 0;
  const QueueStanding* standing = nullptr;       // in a queue
  const fairness::QueueTree* queues = nullptr;   // with a standing
};

// Whether the first of two victims matters more: priority, then who started earlier, then the name.
bool more_important(const PodTable& pods, PodIndex a, PodIndex b);
// Between queues shares decide, not priorities; inside one the queue's own rules.
bool may_push_out(const QueueStanding* standing, const fairness::QueueTree* queues, std::int32_t priority, const PodEntry& victim);

class Preemption {
 public:
  // None: nobody's leaving would help. The state is as before afterwards.
  std::optional<Victims> find(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets, const Claimant& claimant);

  // What evicting them costs; less is better. The order is kube-scheduler's: broken budgets, the highest
  // priority, the sum of priorities, the number, and then those that started last.
  struct Cost {
    std::int32_t violations = 0;
    std::int32_t highest = 0;
    std::int64_t sum = 0;
    std::int64_t count = 0;
    std::int64_t earliest_start = 0;   // of those with the highest priority, negated

    friend auto operator<=>(const Cost&, const Cost&) = default;
  };
  static Cost cost_of(const PodTable& pods, const Victims& victims);

 private:
  struct OnNode {
    bool possible = false;
    Victims victims;
    Cost cost;
  };
  // What was found for the last pod, by slot: for the next one of its kind only what has changed is worked out.
  struct Memory {
    std::uint64_t shape = 0;   // its serial
    std::int32_t priority = 0;
    std::uint64_t budgets = 0;
    std::uint64_t position = 0;   // of the nodes' log
    bool policy_in_force = false;
    std::vector<OnNode> nodes;
  };

  OnNode on_node(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets, const Claimant& claimant, Slot slot) const;
  void remember(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets, const Claimant& claimant);

  std::optional<Memory> memory_;
};

}   // namespace ebb::core::placement
