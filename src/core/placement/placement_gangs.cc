// Pods that start together or not at all: one unit from the queue to the bind.

#include "core/placement/placement.h"

#include "base/check.h"
#include "core/placement/node_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ebb::core::placement {
namespace {

gangs::MemberState member_state(const PodEntry& entry) {
  if (entry.pod.phase == model::PodPhase::succeeded) return gangs::MemberState::succeeded;
  if (entry.pod.phase == model::PodPhase::failed) return gangs::MemberState::failed;
  if (entry.state == PodState::assumed) return gangs::MemberState::assumed;
  if (entry.pod.node.empty()) return gangs::MemberState::pending;
  return entry.pod.phase == model::PodPhase::running ? gangs::MemberState::running : gangs::MemberState::bound;
}

// Equal where the same nodes would take both.
std::uint64_t signature(const Ask& ask) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto mix = [&](std::uint64_t part) { hash = (hash ^ part) * 0x100000001b3u; };
  mix(ask.shape);
  mix(ask.company ? *ask.company + 1u : 0u);
  mix(ask.volumes ? ask.volumes->v + 1u : 0u);
  return hash;
}

}   // namespace

// What the pod's gang is told of it, after anything that may have changed it.
void Placement::tell_gang(Instant now, PodIndex pod) {
  const PodEntry& entry = pods_[pod];
  const auto membership = gangs::membership(entry.pod);
  const bool ours = rules_for(entry.pod).has_value();
  if (!membership || !ours || !state_.rules[*rules_for(entry.pod)].profile.enabled(model::Plugin::gangs)) {
    if (gangs_.gang_of(pod)) gangs_.member_gone(now, {pod, entry.pod.uid});
    return;
  }
  gangs_.member_seen(now, {.pod = {pod, entry.pod.uid},
                           .of = *membership,
                           .state = member_state(entry),
                           .gated = !entry.pod.scheduling_gates.empty(),
                           .leaving = entry.pod.deletion_requested.has_value(),
                           .priority = entry.priority,
                           .created = entry.pod.created,
                           .name = entry.pod.key.name,
                           .signature = entry.ask ? signature(*entry.ask) : 0});
}

// Members that may not go alone any more are held; those that may are tried.
void Placement::settle_gangs(Actions& out) {
  for (const gangs::GangId gang : gangs_.take_changed()) {
    for (const gangs::PodRef& member : gangs_.pending_members(gang)) {
      const PodEntry& entry = pods_[member.index];
      if (!entry.ask || entry.state == PodState::backing_off) continue;
      if (gangs_.held(member.index)) {
        hold(member.index);
        tell_refused(member.index, gangs_.why_held(member.index), out);
      } else {
        release_held(member.index);
      }
    }
  }
}

// Once all that has come at the same time is known, so that nobody is told of members that are missing
// when they are just arriving.
void Placement::tell_held(Actions& out) {
  for (const PodIndex pod : std::exchange(held_untold_, {})) {
    if (pods_.is_known(pod) && pods_[pod].state == PodState::held && pods_[pod].message.empty())
      tell_refused(pod, gangs_.why_held(pod), out);
  }
}

void Placement::hold(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  if (entry.state != PodState::active && entry.state != PodState::waiting) return;
  queue_.remove(entry, pod);
  forget_queue_refusal(entry);
  entry.retry_at.reset();
  entry.waits_as.reset();
  entry.state = PodState::held;
  pass_turn_on(pod);
}

void Placement::release_held(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  if (entry.state != PodState::held) return;
  entry.state = PodState::active;
  queue_.activate(entry.queue_key);
}

void Placement::try_gang(Instant now, gangs::GangId gang, Actions& out) {
  gang_waits_.erase(gang);
  gangs_short_of_resources_.erase(gang);
  // What is kept for the gang itself is not free, and there all the same.
  if (const Status fits = has_kept_room(gang) ? Status() : gangs_.fits(gang, free_resources()); !fits) {
    std::string why;
    if (find_room(now, gang, true, out, why)) return;
    gangs_short_of_resources_.insert(gang);
    gang_refused(now, gang, {}, std::nullopt, fits.error().message + (why.empty() ? "" : "; " + why), out);
    return;
  }
  gangs::Attempt attempt = gangs_.attempt(gang);
  if (const Status taken = queue_takes(attempt); !taken) {
    gangs_refused_by_queue_.insert(gang);
    gang_refused(now, gang, {}, std::nullopt, taken.error().message, out);
    return;
  }
  std::vector<PodIndex> placed;
  std::vector<Slot> slots;
  std::optional<PodIndex> refused;
  std::optional<Ask> hopeless;   // of members that stand together: what one of them does not find the others do not
  while (const gangs::AttemptMember* member = attempt.next()) {
    const PodIndex pod = member->pod.index;
    const PodEntry& entry = pods_[pod];
    EBB_CHECK(entry.ask.has_value());
    const auto slot = hopeless == entry.ask ? std::nullopt : find_slot(pod);
    if (!slot) {
      hopeless = entry.ask;
      if (!refused) refused = pod;
      attempt.refused();
      continue;
    }
    charge(pod, *slot);
    placed.push_back(pod);
    slots.push_back(*slot);
    attempt.placed();
  }
  if (!attempt.quorum()) {
    // Whoever looks for room looks for all of them.
    for (const PodIndex pod : placed) uncharge(pod, false);
    std::string why = "no member of it is left to be placed";
    if (refused && find_room(now, gang, false, out, why = "")) return;
    for (std::size_t i = 0; i < placed.size(); ++i) charge(placed[i], slots[i]);
    gang_refused(now, gang, placed, refused, why, out);
    return;
  }
  kept_for_gangs_.erase(gang);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    assume(now, placed[i], slots[i], out);
    tell_gang(now, placed[i]);
    stand(placed[i]);
  }
  gangs_.attempt_succeeded(now, gang);
}

bool Placement::has_kept_room(gangs::GangId gang) const {
  return std::ranges::any_of(gangs_.pending_members(gang), [&](const gangs::PodRef& member) { return pods_[member.index].nominated; });
}

// What its members found is given back, unless capacity is kept for just this gang.
void Placement::gang_refused(Instant now, gangs::GangId gang, const std::vector<PodIndex>& placed, std::optional<PodIndex> refused,
                             std::string reason, Actions& out) {
  const auto reservation = gangs_.reservation();
  const bool keeps = reservation && reservation->gang == gang;
  if (refused) {
    const Ask& ask = *pods_[*refused].ask;
    GangWait& wait = gang_waits_[gang];
    wait.member = *refused;
    wait.ask = group_of(ask);
    wait.refused.refusals = count_refusals(state_, shape_of_ask(ask), ask);
    wait.refused.company = company_generation(ask);
    wait.refused.refused_by = static_cast<FilterSet>(wait.refused.refusals.filters() | kFiltersOfPods);
    const gangs::Attempt attempt = gangs_.attempt(gang);
    wait.preempts = may_preempt(attempt);
    wait.in_queue = pods_[*refused].standing.has_value();
    wait.priority = priority_of(attempt);
    reason = fmt::format("{} of the members that must start together found a node, {} did not: {}{}{}", placed.size(),
                         pods_[*refused].pod.key.name, wait.refused.refusals.message(), reason.empty() ? "" : "; ", reason);
  }
  for (const PodIndex pod : placed) {
    if (keeps) {
      keep_room(pod);
    } else {
      uncharge(pod, false);
    }
  }
  forget_nominations(gang, out);
  gangs_.attempt_failed(now, gang, reason);
  tell_members(gang, out);
}

// Room that was being made for it, here or by another leader, has not helped.
void Placement::forget_nominations(gangs::GangId gang, Actions& out) {
  const auto kept = kept_for_gangs_.find(gang);
  for (const gangs::PodRef& member : gangs_.pending_members(gang)) {
    PodEntry& entry = pods_[member.index];
    if (kept != kept_for_gangs_.end() && kept->second.contains(member.index)) continue;
    if (entry.nominated) {
      withdraw_nomination(member.index, out);
    } else if (!entry.pod.nominated_node.empty()) {
      emit(out, model::Nominate{entry.pod.key, entry.pod.uid, model::NodeName()});
    }
    entry.pod.nominated_node = {};
  }
}

void Placement::keep_room(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  entry.nominated = true;
  nominated_[*entry.slot].insert(pod);
  kept_for_gangs_[*gangs_.gang_of(pod)].insert(pod);
  stand(pod);
}

// Room that was kept for a gang whose turn is over is for everybody again.
void Placement::follow_reservation(Instant now) {
  const auto reservation = gangs_.reservation();
  for (auto kept = kept_for_gangs_.begin(); kept != kept_for_gangs_.end();) {
    const gangs::GangId gang = kept->first;
    ++kept;
    if (!reservation || reservation->gang != gang) give_back_room(gang);
  }
  // Whoever holds now, and where nobody does the others, may find room.
  const std::optional<gangs::GangId> holder = reservation ? std::optional(reservation->gang) : std::nullopt;
  if (std::exchange(holder_, holder) != holder) gangs_.capacity_freed(now);
}

void Placement::give_back_room(gangs::GangId gang) {
  const auto kept = kept_for_gangs_.extract(gang);
  if (kept.empty()) return;
  for (const PodIndex pod : kept.mapped()) {
    if (!pods_.is_known(pod) || !pods_[pod].nominated) continue;
    uncharge(pod);
    stand(pod);
  }
}

// A gang is worth another try when a node takes the member that found none.
void Placement::wake_gangs(Instant now, const std::vector<std::pair<Slot, FilterSet>>& improved, bool company_moved) {
  std::vector<gangs::GangId> woken;
  for (auto& [gang, wait] : gang_waits_) {
    const bool company = company_moved && wait.ask.company && state_.company.generation(*wait.ask.company) != wait.refused.company;
    if (company ? selection_.best(state_, shapes_, wait.ask).has_value()
                : takes_now(wait.ask, wait.refused, improved) || (wait.preempts && takes_without_lower(wait, improved)))
      woken.push_back(gang);
  }
  if (!improved.empty() && !gangs_short_of_resources_.empty()) {
    const model::Resources free = free_resources();
    for (const gangs::GangId gang : gangs_short_of_resources_) {
      if (gangs_.fits(gang, free)) woken.push_back(gang);
    }
  }
  for (const gangs::GangId gang : woken) {
    gangs_short_of_resources_.erase(gang);
    gang_waits_.erase(gang);
    gangs_.wake(now, gang);
  }
}

// The member that found no node asks no more: its gang is another one now.
void Placement::forget_gang_wait(PodIndex pod) {
  const auto gang = gangs_.gang_of(pod);
  const auto wait = gang ? gang_waits_.find(*gang) : gang_waits_.end();
  if (wait == gang_waits_.end() || wait->second.member != pod) return;
  gang_waits_.erase(wait);
  gangs_.wake(now_, *gang);
}

model::Resources Placement::free_resources() const {
  model::Resources free;
  free.cpu = MilliCpu{nodes_.total_free(kCpu)};
  free.memory = Bytes{nodes_.total_free(kMemory)};
  free.ephemeral_storage = Bytes{nodes_.total_free(kEphemeralStorage)};
  free.pods = nodes_.total_free(kPods);
  for (ResourceId id = kPods + 1; id < state_.ids.size(); ++id) free.scalars.emplace(state_.ids.name(id), nodes_.total_free(id));
  return free;
}

}   // namespace ebb::core::placement
