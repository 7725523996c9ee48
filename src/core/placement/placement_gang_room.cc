// What is done for a gang whose try has failed: places found in another order, or made by pods that matter
// less, and kept until those have gone.

#include "core/placement/placement.h"

#include "core/placement/gang_reclaim.h"
#include "core/placement/gang_victims.h"
#include "core/placement/node_check.h"
#include "core/placement/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace ebb::core::placement {
namespace {

constexpr Duration kAfterRefusal = seconds(30);

std::string plural(std::size_t count, std::string_view of) { return fmt::format("{} {}{}", count, of, count == 1 ? "" : "s"); }

}   // namespace

// As for a pod alone; one member that never preempts speaks for all.
bool Placement::may_preempt(const gangs::Attempt& attempt) const {
  return std::ranges::all_of(attempt.members(), [&](const gangs::AttemptMember& member) {
    const PodEntry& entry = pods_[member.pod.index];
    return !entry.pod.preemption_never && state_.rules[shape_of_ask(*entry.ask).rules].profile.preempts();
  });
}

// The lowest of them: whoever is evicted matters less than each of those for whom it is.
std::int32_t Placement::priority_of(const gangs::Attempt& attempt) const {
  std::int32_t lowest = std::numeric_limits<std::int32_t>::max();
  for (const gangs::AttemptMember& member : attempt.members()) lowest = std::min(lowest, pods_[member.pod.index].priority);
  return lowest;
}

bool Placement::is_gone(const std::pair<PodIndex, model::Uid>& pod) const {
  return !pods_.is_known(pod.first) || pods_[pod.first].pod.uid != pod.second || !pods_[pod.first].slot;
}

// All that makes one search for room the same as another, as long as no node has more to give.
std::vector<std::uint64_t> Placement::search_key(const gangs::Attempt& attempt, std::int32_t priority) const {
  std::vector<std::uint64_t> key{static_cast<std::uint64_t>(std::int64_t{priority}), static_cast<std::uint64_t>(attempt.need().of_any)};
  for (const std::int32_t of_task : attempt.need().of_task) key.push_back(static_cast<std::uint64_t>(of_task));
  std::optional<std::uint32_t> alike;
  key.push_back(queues_.empty() ? 0 : queues_.generation());
  for (const gangs::AttemptMember& member : attempt.members()) {
    if (alike == member.alike) {
      ++key.back();
      continue;
    }
    alike = member.alike;
    const PodEntry& entry = pods_[member.pod.index];
    key.insert(key.end(), {entry.ask->shape, member.task, entry.standing ? entry.standing->queue.v + 1u : 0u, 1u});
  }
  return key;
}

// True where the gang has been placed after all, or room is being made for it; otherwise `why` says what was looked at.
// Requires: no member has a place but those that room is kept for.
bool Placement::find_room(Instant now, gangs::GangId gang, bool by_eviction_only, Actions& out, std::string& why) {
  if (const auto room = rooms_.find(gang); room != rooms_.end()) {
    why = fmt::format("{} asked to leave for it {} still there", plural(room->second.awaited.size(), "pod"),
                      room->second.awaited.size() == 1 ? "is" : "are");
    return false;
  }
  const gangs::Attempt attempt = gangs_.attempt(gang);
  const bool preempts = may_preempt(attempt);
  const std::int32_t priority = preempts ? priority_of(attempt) : std::numeric_limits<std::int32_t>::min();
  if (preempts && adopt_room(now, gang, attempt, priority, out)) return true;
  const GangFit fit(state_, pods_, shapes_, attempt);
  if (!preempts && (fit.exact() || by_eviction_only)) return false;
  if (no_room_at_ != improvements_) no_room_.clear();
  no_room_at_ = improvements_;
  const std::vector<std::uint64_t> key = search_key(attempt, priority);
  if (const auto known = no_room_.find(key); known != no_room_.end() && fit.local()) {
    why = known->second;
    return false;
  }
  const QueueStanding* standing = nullptr;
  for (const gangs::AttemptMember& member : attempt.members()) {
    if (standing == nullptr && pods_[member.pod.index].standing) standing = &*pods_[member.pod.index].standing;
  }
  const GangClaim claim{gang, attempt, priority, standing, &queues_.tree()};
  GangVictimsAnswer answer = find_gang_victims(state_, pods_, shapes_, gangs_, budgets_, claim);
  if (answer.why == NoVictims::found && (!by_eviction_only || !answer.victims.evicted.empty())) {
    take_room(now, gang, answer.victims, "", out);
    return true;
  }
  if (preempts) why = why_no_room(answer);
  if (preempts && standing != nullptr && answer.why != NoVictims::leaving) {
    std::string why_not;
    if (const auto victims = find_gang_reclaim(state_, pods_, shapes_, gangs_, budgets_, queues_.tree(), claim, why_not)) {
      take_room(now, gang, *victims, queues_.tree().spec(standing->queue).name, out);
      return true;
    }
    why = fmt::format("{}{}{}", why, why.empty() ? "" : "; ", why_not);
  }
  no_room_.insert_or_assign(key, why);
  return false;
}

std::string Placement::why_no_room(const GangVictimsAnswer& answer) const {
  switch (answer.why) {
    case NoVictims::found: return "";
    case NoVictims::nobody: return "nobody of lower priority runs who could make room";
    case NoVictims::not_enough:
      return fmt::format("even without {} of lower priority there would not be room for all", plural(answer.candidates, "pod"));
    case NoVictims::leaving: return "pods that are on their way out make room enough";
  }
  return "";
}

void Placement::take_room(Instant now, gangs::GangId gang, const GangVictims& victims, const std::string& queue, Actions& out) {
  const std::string name = model::to_string(gangs_[gang].ref.key);
  for (const PodIndex displaced : victims.displaced) {
    withdraw_nomination(displaced, out);
    wake(displaced);
  }
  if (victims.evicted.empty() && victims.awaited.empty()) {
    place_gang(now, gang, victims.places, out);
    return;
  }
  GangRoom room{.group = gangs_[gang].ref, .places = victims.places, .awaited = {}, .until = now + options_.gang_patience};
  for (const PodIndex victim : victims.awaited) room.awaited.emplace_back(victim, pods_[victim].pod.uid);
  for (const PodIndex victim : victims.evicted) {
    room.awaited.emplace_back(victim, pods_[victim].pod.uid);
    evict_for_gang(victim, pods_[victims.places.front().first], name, queue, out);
  }
  for (const gangs::PodRef& member : gangs_.pending_members(gang)) {
    if (pods_[member.index].nominated) uncharge(member.index, false);
  }
  for (const auto& [pod, slot] : victims.places) nominate(pod, slot, out);
  kept_for_gangs_.erase(gang);
  rooms_.insert_or_assign(gang, std::move(room));
  gangs_.makes_room(now, gang,
                    fmt::format("{}{} leave for it, {} places are kept", plural(rooms_[gang].awaited.size(), "pod"),
                                queue.empty() ? " of lower priority" : "", victims.places.size()));
  tell_members(gang, out);
}

// `queue`: the one that takes back its share; empty: the gang is of higher priority.
void Placement::evict_for_gang(PodIndex victim, const PodEntry& member, const std::string& gang, const std::string& queue, Actions& out) {
  PodEntry& evicted = pods_[victim];
  if (evicted.leaving || std::exchange(evicted.evicting, true)) return;
  stand(victim);
  const std::string why =
      queue.empty() ? "preempting to accommodate a gang of higher priority" : fmt::format("queue {} takes back its share", queue);
  evictions_in_flight_.emplace(emit(out, model::Evict{evicted.pod.key, evicted.pod.uid, "PreemptionByScheduler",
                                                      fmt::format("{}: {}", member.pod.scheduler_name, why)}),
                               InFlight{victim, evicted.pod.uid});
  post(out, reference(evicted.pod), false, "Preempted", "Preempting",
       fmt::format("Preempted by gang {} on node {}{}", gang, nodes_[*evicted.slot].name.v, queue.empty() ? "" : ": " + why));
}

void Placement::place_gang(Instant now, gangs::GangId gang, const Places& places, Actions& out) {
  kept_for_gangs_.erase(gang);
  for (const auto& [pod, slot] : places) charge(pod, slot);
  for (const auto& [pod, slot] : places) {
    assume(now, pod, slot, out);
    tell_gang(now, pod);
    stand(pod);
  }
  gangs_.attempt_succeeded(now, gang);
}

void Placement::tell_members(gangs::GangId gang, Actions& out) {
  for (const gangs::PodRef& member : gangs_.pending_members(gang)) {
    if (pods_[member.index].state == PodState::held) tell_refused(member.index, gangs_.why_held(member.index), out);
  }
}

// Somebody else was in charge when its members were nominated, and those who make room are still on their way out.
bool Placement::adopt_room(Instant now, gangs::GangId gang, const gangs::Attempt& attempt, std::int32_t priority, Actions& out) {
  GangRoom room{.group = gangs_[gang].ref, .places = {}, .awaited = {}, .until = now + options_.gang_patience};
  std::set<Slot> slots;
  for (const gangs::AttemptMember& member : attempt.members()) {
    const PodEntry& entry = pods_[member.pod.index];
    const auto kept = kept_for_gangs_.find(gang);
    if (!entry.nominated || (kept != kept_for_gangs_.end() && kept->second.contains(member.pod.index))) continue;
    room.places.emplace_back(member.pod.index, *entry.slot);
    slots.insert(*entry.slot);
  }
  for (const Slot slot : slots) {
    for (const PodIndex pod : nodes_[slot].pods) {
      const PodEntry& entry = pods_[pod];
      const bool between_queues = entry.standing && pods_[room.places.front().first].standing;
      if (is_going(entry) && (entry.priority < priority || between_queues)) room.awaited.emplace_back(pod, entry.pod.uid);
    }
  }
  if (room.awaited.empty()) return false;
  rooms_.insert_or_assign(gang, std::move(room));
  gangs_.makes_room(now, gang, fmt::format("{} leave for it", plural(rooms_[gang].awaited.size(), "pod")));
  tell_members(gang, out);
  return true;
}

void Placement::give_back(const GangRoom& room, Actions& out) {
  for (const auto& [pod, slot] : room.places) {
    if (pods_.is_known(pod) && pods_[pod].nominated && pods_[pod].slot == slot) withdraw_nomination(pod, out);
  }
}

bool Placement::is_whole(const GangRoom& room) const {
  return std::ranges::all_of(room.places, [&](const auto& place) {
    const auto& [pod, slot] = place;
    return pods_.is_known(pod) && pods_[pod].nominated && pods_[pod].slot == slot;
  });
}

// A gang whose room is made is tried; one whose room was lost looks for another; one that waits too long, or for whom
// somebody does not leave, gives back what is kept for it.
void Placement::follow_rooms(Instant now, Actions& out) {
  const bool moved = std::exchange(rooms_moved_, false);
  for (auto at = rooms_.begin(); at != rooms_.end();) {
    const auto next = std::next(at);
    const gangs::GangId gang = at->first;
    GangRoom& room = at->second;
    const bool same = gangs_[gang].ref == room.group;
    while (!room.awaited.empty() && is_gone(room.awaited.back())) room.awaited.pop_back();
    if (room.over) {
      if (!same || room.awaited.empty() || (room.refused && room.until <= now)) {
        if (same) gangs_.wake(now, gang);
        rooms_.erase(at);
      }
    } else if (!same || gangs_[gang].phase != gangs::GangPhase::making_room || (moved && !is_whole(room))) {
      give_back(room, out);
      rooms_.erase(at);
      if (same && gangs_[gang].phase == gangs::GangPhase::making_room) gangs_.room_is_made(now, gang);
    } else if (room.awaited.empty()) {
      rooms_.erase(at);
      gangs_.room_is_made(now, gang);
    } else if (room.refused || room.until <= now) {
      give_back(room, out);
      gangs_.room_is_lost(now, gang, fmt::format("{} that should have left for it did not", plural(room.awaited.size(), "pod")));
      room.over = true;
      // Whoever may not be evicted now may be later.
      room.until = now + kAfterRefusal;
      tell_members(gang, out);
    }
    at = next;
  }
}

std::optional<Instant> Placement::next_room_end() const {
  std::optional<Instant> end;
  for (const auto& [gang, room] : rooms_) {
    if ((!room.over || room.refused) && (!end || room.until < *end)) end = room.until;
  }
  return end;
}

// The eviction of this one was refused.
void Placement::victim_stays(const InFlight& victim) {
  for (auto& [gang, room] : rooms_) {
    if (std::ranges::find(room.awaited, std::pair(victim.pod, victim.uid)) == room.awaited.end()) continue;
    room.refused = true;
    rooms_moved_ = true;
  }
}

// The node would take the pod if nobody of lower priority were there.
bool Placement::takes_without_lower(const GangWait& wait, const std::vector<std::pair<Slot, FilterSet>>& improved) {
  const Shape& shape = shape_of_ask(wait.ask);
  return std::ranges::any_of(improved, [&](const auto& one) {
    const Slot slot = one.first;
    if (!nodes_[slot].present) return false;
    Trial trial(state_, pods_, slot);
    for (const PodIndex pod : nodes_[slot].pods) {
      if (pods_[pod].priority < wait.priority && (pods_[pod].nominated || pods_[pod].state == PodState::bound)) trial.take_out(pod);
    }
    return !first_refusal(state_, shape, wait.ask, slot);
  });
}

}   // namespace ebb::core::placement
