// Whose turn it is among the queues that users have made, and what a queue may have.

#include "core/placement/placement.h"

#include "core/placement/gang_reclaim.h"
#include "core/placement/node_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace ebb::core::placement {

// Empty: the pod is outside of all queues. Pods of a Volcano group that states none are in the default one.
std::string Placement::queue_name(const PodEntry& entry) const {
  if (queues_.empty()) return {};
  const auto membership = gangs::membership(entry.pod);
  if (membership && membership->group.dialect == model::PodGroupDialect::volcano) {
    if (const auto gang = gangs_.find(membership->group); gang && gangs_[*gang].group) {
      const std::string& queue = gangs_[*gang].group->queue;
      return queue.empty() ? std::string(kDefaultQueue) : queue;
    }
  }
  const auto annotated = entry.pod.annotations.find(kQueueAnnotation);
  return annotated == entry.pod.annotations.end() ? std::string() : annotated->second;
}

std::uint32_t Placement::lane_of(const PodEntry& entry) const {
  const std::string name = queue_name(entry);
  if (name.empty()) return 0;
  const auto queue = queues_.find(name);
  return queue ? queue->v + 1 : 0;
}

std::uint32_t Placement::lane_of(gangs::GangId gang) const {
  if (queues_.empty()) return 0;
  const auto& members = gangs_[gang].placeable;
  return members.empty() ? 0 : pods_[members.begin()->pod_index].queue_key.lane;
}

// What the pod counts as in its queue, after anything that may have changed it.
void Placement::stand(PodIndex pod) {
  if (queues_.empty() && !pods_[pod].standing) return;
  PodEntry& entry = pods_[pod];
  std::optional<QueueStanding> now;
  // Room that is kept for a pod is its queue's as if the pod were there, and what was evicted for it as if it
  // were gone: else the queue would take back the same again for the next one.
  const bool placed = entry.slot.has_value();
  if (!entry.evicting && (placed || entry.ask)) {
    if (const auto queue = queues_.find(queue_name(entry)); queue && *queue != queues_.tree().root()) {
      const Charge& charge = placed ? entry.charge : shape_of_ask(*entry.ask).charge;
      now = QueueStanding{*queue, QueueBook::amounts(charge), is_critical(entry), placed};
    }
  }
  if (now == entry.standing) return;
  leave_standing(pod);
  if (now) queues_.enter(*now);
  entry.standing = std::move(now);
}

void Placement::leave_standing(PodIndex pod) {
  if (const auto standing = std::exchange(pods_[pod].standing, std::nullopt)) queues_.leave(*standing);
}

// System priorities, and those that the policy's floor is for.
bool Placement::is_critical(const PodEntry& entry) { return entry.priority >= kSystemClusterCritical; }

std::int32_t Placement::priority_of(const Unit& unit) const {
  return unit.gang ? gangs_[*unit.gang].ready_as->priority : pods_[unit.pod].priority;
}

bool Placement::before(const Unit& a, const Unit& b) const {
  const auto standing = [&](const Unit& unit) {
    const Instant created = unit.gang ? gangs_[*unit.gang].ready_as->created : pods_[unit.pod].pod.created;
    return std::tuple(-std::int64_t{priority_of(unit)}, created.v);
  };
  return standing(a) < standing(b);
}

std::optional<Placement::Unit> Placement::first_of_lane(std::uint32_t lane) const {
  std::optional<Unit> first;
  if (const QueueKey* key = queue_.first(lane)) first = Unit{std::nullopt, key->pod};
  for (const gangs::TurnKey& key : gangs_.ready()) {
    if (lane_of(key.gang) != lane) continue;
    const Unit gang{key.gang, 0};
    if (!first || !before(*first, gang)) first = gang;
    break;
  }
  return first;
}

// The gang that room is kept for before all others of its priority; then the first outside of queues and
// the first of the queue whose turn it is, whichever matters more.
std::optional<Placement::Unit> Placement::next_unit() {
  const std::optional<Unit> first = first_by_turn();
  const std::int32_t priority = first ? priority_of(*first) : std::numeric_limits<std::int32_t>::min();
  const auto holder = gangs_.ready_holder(priority);
  return holder ? Unit{holder, 0} : first;
}

std::optional<Placement::Unit> Placement::first_by_turn() {
  std::optional<Unit> first = first_of_lane(0);
  if (queues_.empty()) return first;
  for (const std::uint32_t lane : queue_.take_filled_lanes()) unblock(lane);
  for (const gangs::TurnKey& key : gangs_.ready()) unblock(lane_of(key.gang));
  while (const auto queue = queues_.tree().next()) {
    const std::optional<Unit> turn = first_of_lane(queue->v + 1);
    if (!turn) {
      queues_.tree().block(*queue);   // whatever waits in it is not to be tried now
      continue;
    }
    return first && before(*first, *turn) ? first : turn;
  }
  // Whoever is left stands in a queue that is never served, a closed one: that is to be said once.
  if (!first) first = first_of_lane(queue_.any_lane_of_a_queue());
  if (!first && !gangs_.ready().empty()) first = Unit{gangs_.ready().begin()->gang, 0};
  return first;
}

void Placement::unblock(std::uint32_t lane) {
  if (lane != 0) queues_.tree().unblock({lane - 1});
}

// Why the queue may not have it, in words; empty: it may. A cluster that is full is no reason: somebody may
// be made to go.
std::string Placement::queue_refusal(fairness::QueueId queue, const fairness::Amounts& request, bool critical) const {
  const auto refusal = queues_.tree().refusal(queue, request, critical);
  // Of a resource that no node has there is nothing to make room in.
  if (!refusal || (refusal->reason == fairness::Refusal::Reason::total && refusal->limit > 0)) return {};
  return fairness::words(*refusal, [&](fairness::ResourceId id, std::int64_t amount) { return queues_.describe(id, amount, state_.ids); });
}

// True where the queue may not have what the pod asks, or there is no such queue: then it waits for that.
bool Placement::refused_by_queue(PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  const std::string name = queue_name(entry);
  if (name.empty()) return false;
  std::string why;
  if (!entry.standing) {
    why = fmt::format("queue {} does not exist", name);
  } else if (!entry.standing->allocated) {
    why = queue_refusal(entry.standing->queue, entry.standing->amounts, entry.standing->critical);
  }
  if (why.empty()) return false;
  entry.state = PodState::waiting;
  pass_turn_on(pod);
  refused_by_queue_[entry.queue_key.lane].insert(entry.queue_key);
  tell_refused(pod, why, out);
  return true;
}

// All that a gang still needs, as one request.
Status Placement::queue_takes(const gangs::Attempt& attempt) const {
  for (const gangs::AttemptMember& member : attempt.members()) {
    const auto& standing = pods_[member.pod.index].standing;
    if (!standing || standing->allocated) continue;
    const std::string why = queue_refusal(standing->queue, still_asked(pods_, attempt), false);
    return why.empty() ? Status{} : fail(Errc::unavailable, "{}", why);
  }
  return {};
}

// Something was given back, or a queue may have more: in each queue the first that may have what it asks is
// tried again, and once it has been the next, wherever that one went.
void Placement::wake_refused_by_queue(Instant now, Actions& out) {
  if (queues_seen_ == queues_.generation()) return;
  queues_seen_ = queues_.generation();
  queues_.tree().unblock_all();
  std::vector<std::uint32_t> lanes;
  for (const auto& [lane, keys] : refused_by_queue_) lanes.push_back(lane);
  for (const std::uint32_t lane : lanes) wake_next_refused(lane, out);
  for (const gangs::GangId gang : std::exchange(gangs_refused_by_queue_, {})) gangs_.wake(now, gang);
  // What a queue may take back follows from what others hold.
  for (const auto& [gang, wait] : gang_waits_) {
    if (wait.preempts && wait.in_queue) gangs_.wake(now, gang);
  }
}

bool Placement::waits_for_queues() const {
  return !refused_by_queue_.empty() || !gangs_refused_by_queue_.empty() ||
         std::ranges::any_of(gang_waits_, [](const auto& wait) { return wait.second.preempts && wait.second.in_queue; });
}

void Placement::wake_next_refused(std::uint32_t lane, Actions& out) {
  const auto refused = refused_by_queue_.find(lane);
  if (refused == refused_by_queue_.end()) return;
  // Pods of a queue mostly ask the same: that is asked once.
  std::optional<QueueStanding> asked;
  std::string why;
  std::vector<PodIndex> woken;
  for (const QueueKey& key : refused->second) {
    const PodEntry& entry = pods_[key.pod];
    if (entry.standing && asked != entry.standing) {
      asked = entry.standing;
      why = queue_refusal(asked->queue, asked->amounts, asked->critical);
    }
    if (!entry.standing || why.empty()) {
      woken.push_back(key.pod);
      // Outside of the lanes of queues stand those whose queue did not exist.
      if (lane != 0) break;
    } else {
      tell_refused(key.pod, why, out);
    }
  }
  for (const PodIndex pod : woken) {
    forget_queue_refusal(pods_[pod]);
    pods_[pod].state = PodState::active;
    queue_.activate(pods_[pod].queue_key);
  }
}

void Placement::forget_queue_refusal(const PodEntry& entry) {
  const auto refused = refused_by_queue_.find(entry.queue_key.lane);
  if (refused == refused_by_queue_.end()) return;
  refused->second.erase(entry.queue_key);
  if (refused->second.empty()) refused_by_queue_.erase(refused);
}

// Pods may belong to another queue now.
void Placement::queues_changed(Instant now, Actions& out) {
  totals_moved_ = true;
  if (!synced_) return;
  for (const PodIndex pod : pods_.all()) {
    const PodEntry& entry = pods_[pod];
    if (entry.ask || entry.standing || (entry.slot && !queue_name(entry).empty())) settle(now, pod, out);
  }
}

}   // namespace ebb::core::placement
