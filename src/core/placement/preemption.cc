#include "core/placement/preemption.h"

#include "core/placement/node_check.h"

#include <algorithm>
#include <limits>

namespace ebb::core::placement {
namespace {

std::int64_t start_of(const model::Pod& pod) {
  // One that has not started yet started just now.
  return pod.started ? pod.started->v : std::numeric_limits<std::int64_t>::max();
}

bool more_important(const PodTable& pods, PodIndex a, PodIndex b) {
  const PodEntry& first = pods[a];
  const PodEntry& second = pods[b];
  if (first.priority != second.priority) return first.priority > second.priority;
  const std::int64_t start_first = start_of(first.pod);
  const std::int64_t start_second = start_of(second.pod);
  return start_first != start_second ? start_first < start_second : first.pod.key < second.pod.key;
}

// A pod taken out of the counts of its node, and put back when the trial is over.
class Trial {
 public:
  Trial(ClusterState& state, const PodTable& pods, Slot slot) : state_(state), pods_(pods), slot_(slot) {}
  ~Trial() {
    for (const PodIndex pod : out_) put_back_counts(pods_[pod]);
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  void take_out(PodIndex pod) {
    const PodEntry& entry = pods_[pod];
    state_.nodes.take_out(slot_, entry.charge);
    if (entry.company) state_.company.take_out(slot_, *entry.company, entry.leaving);
    if (!entry.pod.volumes.empty()) state_.volumes.take_out(slot_, entry.pod);
    out_.push_back(pod);
  }
  void put_back(PodIndex pod) {
    std::erase(out_, pod);
    put_back_counts(pods_[pod]);
  }

 private:
  void put_back_counts(const PodEntry& entry) {
    state_.nodes.put_back(slot_, entry.charge);
    if (entry.company) state_.company.put_back(slot_, *entry.company, entry.leaving);
    if (!entry.pod.volumes.empty()) state_.volumes.put_back(slot_, entry.pod);
  }

  ClusterState& state_;
  const PodTable& pods_;
  Slot slot_;
  std::vector<PodIndex> out_;
};

Preemption::Cost cost_of(const PodTable& pods, const Victims& victims) {
  Preemption::Cost cost;
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

}   // namespace

std::optional<Victims> Preemption::find(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets, const Shape& shape,
                                        const Ask& ask, std::int32_t priority) {
  remember(state, pods, budgets, shape, ask, priority);
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

void Preemption::remember(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets, const Shape& shape, const Ask& ask,
                          std::int32_t priority) {
  const NodeTable& nodes = state.nodes;
  // Answers that look at other nodes' pods or at volumes do not follow from the node's log alone.
  const bool own = !ask.volumes && !(ask.company && state.company.constrains(*ask.company));
  const bool fresh = own && memory_ && memory_->shape == shape.serial && memory_->priority == priority &&
                     memory_->budgets == budgets.generation() && memory_->policy_in_force == state.policy_in_force &&
                     memory_->position >= nodes.log_begin() && nodes.log_end() - memory_->position <= nodes.slots();
  if (!fresh) {
    memory_ = Memory{.shape = shape.serial,
                     .priority = priority,
                     .budgets = budgets.generation(),
                     .position = nodes.log_end(),
                     .policy_in_force = state.policy_in_force,
                     .nodes = {}};
    memory_->nodes.resize(nodes.slots());
    for (Slot slot = 0; slot < nodes.slots(); ++slot) {
      memory_->nodes[slot] = on_node(state, pods, budgets, shape, ask, priority, slot);
    }
    return;
  }
  memory_->nodes.resize(nodes.slots());
  for (; memory_->position < nodes.log_end(); ++memory_->position) {
    const Slot slot = nodes.log_at(memory_->position);
    memory_->nodes[slot] = on_node(state, pods, budgets, shape, ask, priority, slot);
  }
}

Preemption::OnNode Preemption::on_node(ClusterState& state, const PodTable& pods, const DisruptionBudgets& budgets, const Shape& shape,
                                       const Ask& ask, std::int32_t priority, Slot slot) const {
  OnNode result;
  result.victims.slot = slot;
  if (!state.nodes[slot].present) return result;
  const auto refused_by = first_refusal(state, shape, ask, slot);
  if (refused_by && !lifted_by_leaving(state, shape, ask, slot, *refused_by)) return result;

  std::vector<PodIndex> candidates;
  std::vector<PodIndex> kept_for;
  for (const PodIndex pod : state.nodes[slot].pods) {
    if (pods[pod].priority >= priority) continue;
    (pods[pod].state == PodState::bound ? candidates : kept_for).push_back(pod);
  }
  // An assumed pod is on its way and cannot be evicted yet; one that room is kept for is nowhere.
  std::erase_if(kept_for, [&](PodIndex pod) { return !pods[pod].nominated; });
  if (candidates.empty() && kept_for.empty()) return result;

  Trial trial(state, pods, slot);
  for (const PodIndex pod : kept_for) trial.take_out(pod);
  for (const PodIndex pod : candidates) trial.take_out(pod);
  if (first_refusal(state, shape, ask, slot)) return result;

  const auto before = [&](PodIndex a, PodIndex b) { return more_important(pods, a, b); };
  std::ranges::sort(candidates, before);
  std::ranges::sort(kept_for, before);
  std::vector<const model::Pod*> in_order;
  for (const PodIndex pod : candidates) in_order.push_back(&pods[pod].pod);
  const std::vector<bool> breaks = budgets.violations(in_order);
  const auto reprieve = [&](PodIndex pod) {
    trial.put_back(pod);
    if (!first_refusal(state, shape, ask, slot)) return true;
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
