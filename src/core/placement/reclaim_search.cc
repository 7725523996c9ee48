#include "core/placement/reclaim_search.h"

#include "core/placement/node_check.h"
#include "core/placement/trial.h"

#include <algorithm>
#include <utility>

namespace ebb::core::placement {
namespace {

std::vector<std::pair<PodIndex, fairness::Candidate>> candidates_on(const ClusterState& state, const PodTable& pods, Slot slot,
                                                                    fairness::QueueId claimant) {
  std::vector<std::pair<PodIndex, fairness::Candidate>> list;
  for (const PodIndex pod : state.nodes[slot].pods) {
    const PodEntry& entry = pods[pod];
    if (entry.state != PodState::bound || is_going(entry) || !entry.standing || !entry.standing->allocated) continue;
    if (entry.standing->queue == claimant) continue;
    list.emplace_back(pod, fairness::Candidate{.id = model::to_string(entry.pod.key),
                                               .queue = entry.standing->queue,
                                               .amounts = entry.standing->amounts,
                                               .priority = entry.priority,
                                               .started = entry.pod.started.value_or(entry.pod.created),
                                               .critical = entry.standing->critical});
  }
  return list;
}

}   // namespace

fairness::Amounts lacking_there(const ClusterState& state, const Shape& shape, Slot slot) {
  fairness::Amounts lacking;
  for (const auto& [id, amount] : shape.charge.requests) {
    if (id != kPods) lacking.set(id, amount - state.nodes.free(id, slot));
  }
  return lacking;
}

std::optional<Victims> find_reclaim(ClusterState& state, const PodTable& pods, const QueueBook& queues, const Claimant& claimant) {
  const QueueStanding& standing = *claimant.standing;
  if (!fairness::within_deserved(queues.tree(), standing.queue, standing.amounts)) return std::nullopt;
  std::optional<Victims> best;
  Preemption::Cost best_cost;
  for (const auto& [name, slot] : state.nodes.by_name()) {
    if (!state.nodes[slot].present) continue;
    // What is on its way out is as good as gone: it is not to be made up for a second time.
    Trial trial(state, pods, slot);
    for (const PodIndex pod : state.nodes[slot].pods) {
      if (is_going(pods[pod])) trial.take_out(pod);
    }
    const auto refused_by = first_refusal(state, claimant.shape, claimant.ask, slot);
    if (!refused_by || !lifted_by_leaving(state, claimant.shape, claimant.ask, slot, *refused_by)) continue;
    const auto there = candidates_on(state, pods, slot, standing.queue);
    if (there.empty()) continue;
    std::vector<fairness::Candidate> candidates;
    for (const auto& [pod, candidate] : there) candidates.push_back(candidate);
    const fairness::ReclaimAsk ask{.queue = standing.queue,
                                   .request = standing.amounts,
                                   .lacking = lacking_there(state, claimant.shape, slot),
                                   .critical = standing.critical};
    const auto plan = fairness::plan_reclaim(queues.tree(), ask, candidates);
    if (!plan || plan->empty()) continue;
    Victims victims{.slot = slot, .evicted = {}, .displaced = {}, .violations = 0};
    for (const std::size_t index : *plan) victims.evicted.push_back(there[index].first);
    const Preemption::Cost cost = Preemption::cost_of(pods, victims);
    if (best && best_cost <= cost) continue;
    for (const PodIndex pod : victims.evicted) trial.take_out(pod);
    if (first_refusal(state, claimant.shape, claimant.ask, slot)) continue;
    best = std::move(victims);
    best_cost = cost;
  }
  return best;
}

}   // namespace ebb::core::placement
