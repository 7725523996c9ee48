// Whose turn it is among the queues that users have made, and what a queue may have.

#include "core/placement/placement.h"

#include "core/placement/node_check.h"

#include <fmt/format.h>

#include <algorithm>
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
  const std::vector<gangs::PodRef> members = gangs_.pending_members(gang);
  return members.empty() ? 0 : pods_[members.front().index].queue_key.lane;
}

// What the pod counts as in its queue, after anything that may have changed it.
void Placement::stand(PodIndex pod) {
  if (queues_.empty() && !pods_[pod].standing) return;
  PodEntry& entry = pods_[pod];
  std::optional<QueueStanding> now;
  const bool placed = entry.slot && !entry.nominated;
  if (placed || entry.ask) {
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

bool Placement::before(const Unit& a, const Unit& b) const {
  const auto standing = [&](const Unit& unit) {
    if (!unit.gang) return std::tuple(-std::int64_t{pods_[unit.pod].priority}, pods_[unit.pod].pod.created.v);
    const gangs::TurnKey key = *gangs_[*unit.gang].ready_as;
    return std::tuple(-std::int64_t{key.priority}, key.created.v);
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

// The gang that room is kept for has waited longest of all; then the first outside of queues and the
// first of the queue whose turn it is, whichever matters more.
std::optional<Placement::Unit> Placement::next_unit(Instant) {
  if (const auto reservation = gangs_.reservation(); reservation && gangs_[reservation->gang].ready_as) return Unit{reservation->gang, 0};
  std::optional<Unit> first = first_of_lane(0);
  if (queues_.empty()) return first;
  while (const auto queue = queues_.tree().next()) {
    const std::optional<Unit> turn = first_of_lane(queue->v + 1);
    if (!turn) {
      queues_.tree().block(*queue);   // whatever waits in it is not to be tried now
      continue;
    }
    if (!first || !before(*first, *turn)) first = turn;
    break;
  }
  return first;
}

// True where the queue may not have what the pod asks, or there is no such queue: then it waits for that.
bool Placement::refused_by_queue(Instant, PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  const std::string name = queue_name(entry);
  if (name.empty()) return false;
  std::string why;
  if (!entry.standing) {
    why = fmt::format("queue {} does not exist", name);
  } else if (const auto refusal = queues_.tree().refusal(entry.standing->queue, entry.standing->amounts, entry.standing->critical);
             refusal &&
             (refusal->reason != fairness::Refusal::Reason::total || refusal->limit <= 0)) {   // in a full cluster somebody may make room
    why = fairness::words(*refusal, [&](fairness::ResourceId id, std::int64_t amount) { return queues_.describe(id, amount, state_.ids); });
  } else {
    return false;
  }
  entry.state = PodState::waiting;
  refused_by_queue_[entry.queue_key.lane].insert(entry.queue_key);
  if (entry.standing) queues_.tree().block(entry.standing->queue);
  tell_refused(pod, why, out);
  return true;
}

// All that a gang still needs, as one request.
Status Placement::queue_takes(const gangs::Attempt& attempt) const {
  fairness::Amounts sum;
  std::optional<fairness::QueueId> queue;
  std::int32_t needed = attempt.needed();
  for (const gangs::AttemptMember& member : attempt.members()) {
    const PodEntry& entry = pods_[member.pod.index];
    if (!entry.standing || needed-- <= 0) continue;
    queue = entry.standing->queue;
    for (std::size_t id = 0; id < entry.standing->amounts.size(); ++id) {
      const auto resource = static_cast<fairness::ResourceId>(id);
      sum.set(resource, sum[resource] + entry.standing->amounts[resource]);
    }
  }
  if (!queue) return {};
  const auto refusal = queues_.tree().refusal(*queue, sum);
  if (!refusal) return {};
  return fail(Errc::unavailable, "{}", fairness::words(*refusal, [&](fairness::ResourceId id, std::int64_t amount) {
                return queues_.describe(id, amount, state_.ids);
              }));
}

// Something was given back, or a queue may have more: the first of each queue is asked again, and the
// next one when that has been placed.
void Placement::wake_refused_by_queue(Instant now) {
  if (queues_seen_ == queues_.generation()) return;
  queues_seen_ = queues_.generation();
  queues_.tree().unblock_all();
  std::vector<PodIndex> woken;
  for (const auto& [lane, keys] : refused_by_queue_) {
    for (const QueueKey& key : keys) {
      const PodEntry& entry = pods_[key.pod];
      if (entry.standing && queues_.tree().refusal(entry.standing->queue, entry.standing->amounts, entry.standing->critical)) break;
      woken.push_back(key.pod);
      if (lane != 0) break;
    }
  }
  for (const PodIndex pod : woken) {
    PodEntry& entry = pods_[pod];
    auto& keys = refused_by_queue_[entry.queue_key.lane];
    keys.erase(entry.queue_key);
    if (keys.empty()) refused_by_queue_.erase(entry.queue_key.lane);
    entry.state = PodState::active;
    queue_.activate(entry.queue_key);
  }
  for (const gangs::GangId gang : std::exchange(gangs_refused_by_queue_, {})) gangs_.wake(now, gang);
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
