#include "core/placement/preemption.h"

#include "core/placement/node_check.h"
#include "core/placement/trial.h"

#include <algorithm>
#include <limits>

namespace ebb::core::placement {
namespace {

std::int64_t start_of(const model::Pod& pod) {
  // One that has not started yet started just now.
  return pod.started ? pod.started->v : std::numeric_limits<std::int64_t>::max();
}

}   // namespace

bool more_important(const PodTable& pods, PodIndex a, PodIndex b) {
  const PodEntry& first = pods[a];
  const PodEntry& second = pods[b];
  if (first.priority != second.priority) return first.priority > second.priority;
  const std::int64_t start_first = start_of(first.pod);
  const std::int64_t start_second = start_of(second.pod);
  return start_first != start_second ? start_first < start_second : first.pod.key < second.pod.key;
}

bool may_push_out(const QueueStanding* standing, const fairness::QueueTree* queues, std::int32_t priority, const PodEntry& victim) {
  if (standing == nullptr || !victim.standing) return true;
  if (standing->queue != victim.standing->queue) return false;
  const fairness::Candidate candidate{.id = {},
                                      .queue = victim.standing->queue,
                                      .amounts = victim.standing->amounts,
                                      .priority = victim.priority,
                                      .started = {},
                                      .critical = victim.standing->critical};
  return fairness::may_preempt(*queues, {standing->queue, priority, standing->critical}, candidate).has_value();
}

Preemption::Cost Preemption::cost_of(const PodTable& pods, const Victims& victims) {
  Cost cost;
  cost.violations = victims.violations;
  cost.count = static_cast<std::int64_t>(victims.evicted.size());
  if (victims.evicted.empty()) {
    cost.highest = std::numeric_limits<std::int32_t>::min();
    return cost;
  }
  cost.highest = pods[victims.evicted.front()].priority;
  std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
  for (const PodIndex pod : victims.evicted) {
    // Shifted, so that many pods of negative priority cost more than few.
    cost.sum += std::int64_t{pods[pod].priority} + (std::int64_t{1} << 31);
    if (pods[pod].priority == cost.highest) earliest = std::min(earliest, start_of(pods[pod].pod));
  }
  cost.earliest_start = -earliest;
  return cost;
}

std::optional<Victims> Preemption::find(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets,
                                        const Claimant& claimant) {
  remember(state, pods, budgets, claimant);
  const OnNode* best = nullptr;
  for (Slot slot = 0; slot < memory_->nodes.size(); ++slot) {
    const OnNode& node = memory_->nodes[slot];
    if (!node.possible) continue;
    if (best != nullptr) {
      const auto order = node.cost <=> best->cost;
      if (order > 0 || (order == 0 && state.nodes[best->victims.slot].name < state.nodes[slot].name)) continue;
    }
    best = &node;
  }
  return best == nullptr ? std::nullopt : std::optional(best->victims);
}

void Preemption::remember(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets, const Claimant& claimant) {
  const NodeTable& nodes = state.nodes;
  // Answers that look at other nodes' pods or at volumes do not follow from the node's log alone.
  const Ask& ask = claimant.ask;
  const bool own = asks_only_the_node(state, ask) && claimant.standing == nullptr;
  const bool fresh = own && memory_ && memory_->shape == claimant.shape.serial && memory_->priority == claimant.priority &&
                     memory_->budgets == budgets.generation() && memory_->policy_in_force == state.policy_in_force &&
                     memory_->position >= nodes.log_begin() && nodes.log_end() - memory_->position <= nodes.slots();
  if (!fresh) {
    memory_ = Memory{.shape = claimant.shape.serial,
                     .priority = claimant.priority,
                     .budgets = budgets.generation(),
                     .position = nodes.log_end(),
                     .policy_in_force = state.policy_in_force,
                     .nodes = {}};
    memory_->nodes.resize(nodes.slots());
    for (Slot slot = 0; slot < nodes.slots(); ++slot) {
      memory_->nodes[slot] = on_node(state, pods, budgets, claimant, slot);
    }
    return;
  }
  memory_->nodes.resize(nodes.slots());
  for (; memory_->position < nodes.log_end(); ++memory_->position) {
    const Slot slot = nodes.log_at(memory_->position);
    memory_->nodes[slot] = on_node(state, pods, budgets, claimant, slot);
  }
}

Preemption::OnNode Preemption::on_node(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets,
                                       const Claimant& claimant, Slot slot) const {
  OnNode result;
  result.victims.slot = slot;
  if (!state.nodes[slot].present) return result;
  const auto refused_by = first_refusal(state, claimant.shape, claimant.ask, slot);
  if (refused_by && !lifted_by_leaving(state, claimant.shape, claimant.ask, slot, *refused_by)) return result;

  std::vector<PodIndex> candidates;
  std::vector<PodIndex> kept_for;
  for (const PodIndex pod : state.nodes[slot].pods) {
    if (pods[pod].priority >= claimant.priority || !may_push_out(claimant.standing, claimant.queues, claimant.priority, pods[pod]))
      continue;
    (pods[pod].state == PodState::bound ? candidates : kept_for).push_back(pod);
  }
  // An assumed pod is on its way and cannot be evicted yet; one that room is kept for is nowhere.
  std::erase_if(kept_for, [&](PodIndex pod) { return !pods[pod].nominated; });
  if (candidates.empty() && kept_for.empty()) return result;

  Trial trial(state, pods, slot);
  for (const PodIndex pod : kept_for) trial.take_out(pod);
  for (const PodIndex pod : candidates) trial.take_out(pod);
  if (first_refusal(state, claimant.shape, claimant.ask, slot)) return result;

  const auto before = [&](PodIndex a, PodIndex b) { return more_important(pods, a, b); };
  std::ranges::sort(candidates, before);
  std::ranges::sort(kept_for, before);
  std::vector<const model::Pod*> in_order;
  for (const PodIndex pod : candidates) in_order.push_back(&pods[pod].pod);
  const std::vector<bool> breaks = budgets.violations(in_order);
  const auto reprieve = [&](PodIndex pod) {
    trial.put_back(pod);
    if (!first_refusal(state, claimant.shape, claimant.ask, slot)) return true;
    trial.take_out(pod);
    return false;
  };
  for (const bool violating : {true, false}) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (breaks[i] != violating || reprieve(candidates[i])) continue;
      result.victims.evicted.push_back(candidates[i]);
      if (violating) ++result.victims.violations;
    }
  }
  for (const PodIndex pod : kept_for) {
    if (!reprieve(pod)) result.victims.displaced.push_back(pod);
  }
  std::ranges::sort(result.victims.evicted, before);
  result.cost = cost_of(pods, result.victims);
  result.possible = true;
  return result;
}

}   // namespace ebb::core::placement
