// Making room for a pod that matters more than others: who is evicted, and for whom the room is kept.

#include "core/placement/placement.h"

#include "core/placement/node_check.h"
#include "core/placement/reclaim_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ebb::core::placement {

bool Placement::may_preempt(const PodEntry& entry) const {
  if (entry.pod.preemption_never || !state_.rules[shape_of_ask(*entry.ask).rules].profile.preempts()) return false;
  if (!entry.nominated) return true;
  // Those that make room for it are still on their way out. What a queue takes back has no lower priority.
  return std::ranges::none_of(nodes_[*entry.slot].pods, [&](PodIndex other) {
    const PodEntry& victim = pods_[other];
    return victim.evicting || (victim.leaving && (victim.priority < entry.priority || (entry.standing && victim.standing)));
  });
}

// True where the pod was placed after all, in room that was kept for a pod of lower priority.
bool Placement::preempt(Instant now, PodIndex pod, WaitGroup& group, Actions& out) {
  const PodEntry& entry = pods_[pod];
  if (!may_preempt(entry)) return false;
  if (!entry.standing && group.no_victims && entry.priority <= group.no_victims_priority) return false;
  const Ask ask = *entry.ask;
  // Where room was kept for it and nobody leaves, that place has not helped.
  if (entry.nominated) withdraw_nomination(pod, out);
  const Claimant claimant{shape_of_ask(ask), ask, entry.priority, entry.standing ? &*entry.standing : nullptr, &queues_.tree()};
  bool reclaimed = false;
  auto victims = preemption_.find(state_, pods_, budgets_, claimant);
  if (!victims && entry.standing) {
    victims = find_reclaim(state_, pods_, queues_, claimant);
    reclaimed = victims.has_value();
  }
  if (!victims) {
    group.no_victims = true;
    group.no_victims_priority = entry.priority;
    return false;
  }
  for (const PodIndex displaced : victims->displaced) {
    withdraw_nomination(displaced, out);
    wake(displaced);
  }
  if (victims->evicted.empty()) {
    wake(pod);
    queue_.take(pods_[pod].queue_key);
    assume(now, pod, victims->slot, out);
    return true;
  }
  const std::string node = nodes_[victims->slot].name.v;
  for (const PodIndex victim : victims->evicted) {
    PodEntry& evicted = pods_[victim];
    if (evicted.leaving || std::exchange(evicted.evicting, true)) continue;
    stand(victim);
    const std::string why = reclaimed ? fmt::format("queue {} takes back its share", queues_.tree().spec(entry.standing->queue).name)
                                      : std::string("preempting to accommodate a higher priority pod");
    evictions_in_flight_.emplace(emit(out, model::Evict{evicted.pod.key, evicted.pod.uid, "PreemptionByScheduler",
                                                        fmt::format("{}: {}", entry.pod.scheduler_name, why)}),
                                 InFlight{victim, evicted.pod.uid});
    post(out, reference(evicted.pod), false, "Preempted", "Preempting",
         fmt::format("Preempted by pod {} on node {}{}", model::to_string(entry.pod.key), node, reclaimed ? ": " + why : ""));
  }
  nominate(pod, victims->slot, out);
  return false;
}

// Whoever was refused stays: those for whom it was to go look again.
void Placement::eviction_done(const InFlight& eviction, bool refused) {
  if (!pods_.is_known(eviction.pod)) return;
  PodEntry& entry = pods_[eviction.pod];
  if (!refused || entry.pod.uid != eviction.uid) return;
  entry.evicting = false;
  victim_stays(eviction);
  stand(eviction.pod);
  if (entry.slot) wake_nominated(*entry.slot);
}

void Placement::nominate(PodIndex pod, Slot slot, Actions& out) {
  charge(pod, slot);
  pods_[pod].nominated = true;
  nominated_[slot].insert(pod);
  stand(pod);
  emit(out, model::Nominate{pods_[pod].pod.key, pods_[pod].pod.uid, nodes_[slot].name});
}

void Placement::withdraw_nomination(PodIndex pod, Actions& out) {
  uncharge(pod);
  stand(pod);
  emit(out, model::Nominate{pods_[pod].pod.key, pods_[pod].pod.uid, model::NodeName()});
}

// Room that was being made when somebody else was in charge is kept as before.
void Placement::restore_nomination(PodIndex pod) {
  const model::NodeName& name = pods_[pod].pod.nominated_node;
  if (name.empty()) return;
  const auto slot = nodes_.find(name);
  if (!slot || !nodes_[*slot].present) return;
  charge(pod, *slot);
  pods_[pod].nominated = true;
  nominated_[*slot].insert(pod);
  stand(pod);
}

}   // namespace ebb::core::placement
