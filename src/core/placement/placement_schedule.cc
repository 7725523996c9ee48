// Placing: who is tried and where it goes.

#include "core/placement/placement.h"

#include "base/check.h"
#include "core/placement/node_check.h"
#include "core/placement/trial.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace ebb::core::placement {
namespace {

void digest_text(std::uint64_t& digest, std::string_view text) {   // FNV-1a
  for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  digest = (digest ^ 0xffU) * 0x100000001b3u;
}

}   // namespace

void Placement::schedule(Instant now, Actions& out, std::size_t most) {
  if (!synced_) return;
  now_ = now;
  take_due(now, out);
  evictions_.forget_old(now);
  telling_.repeat_due(now, [&](const model::ClusterAction& action) { return emit(out, action); });
  std::vector<model::PublishOversold> publish;
  oversold_.refresh(now, state_.policy_in_force, nodes_, pods_, publish);
  if (options_.publish_oversold) {
    for (model::PublishOversold& action : publish) emit(out, std::move(action));
  }
  volumes_progressed(now, out);
  if (std::exchange(totals_moved_, false) && !queues_.empty()) queues_.set_total(nodes_);
  wake_refused_by_queue(now, out);
  if (!rooms_.empty()) follow_rooms(now, out);
  gangs_.step(now);
  follow_reservation(now);
  if (gangs_.wants_enqueue()) gangs_.enqueue(now, free_resources());
  settle_gangs(out);
  wake_improved(now);
  recount(now, out);
  for (std::size_t tried = 0; tried < most;) {
    const std::optional<Unit> unit = next_unit();
    if (!unit) break;
    if (unit->gang) {
      gangs_.take(now, *unit->gang);
      tried += std::max<std::size_t>(gangs_[*unit->gang].placeable.size(), 1);
      try_gang(now, *unit->gang, out);
      follow_reservation(now);
      settle_gangs(out);
      continue;
    }
    ++tried;
    queue_.take(pods_[unit->pod].queue_key);
    const std::uint32_t lane = pods_[unit->pod].queue_key.lane;
    const bool refused = refused_by_queue(unit->pod, out);
    if (!refused) try_place(now, unit->pod, out);
    tell_gang(now, unit->pod);
    stand(unit->pod);
    if (!refused && lane != 0) wake_next_refused(lane, out);
  }
  tell_held(out);
  for (model::SetPodGroupStatus& status : gangs_.take_statuses(now)) {
    const gangs::GroupRef group{status.dialect, status.group};
    group_statuses_.emplace(emit(out, std::move(status)), group);
  }
}

std::optional<Instant> Placement::next_wake() const {
  if (!synced_) return std::nullopt;
  if (queue_.has_active() || nodes_.has_improved() || oversold_.has_changes()) return Instant{};
  if (company_moved_ && !queue_.waiting().empty()) return Instant{};
  if (gangs_.has_ready(now_) || rooms_moved_) return Instant{};
  if (queues_seen_ != queues_.generation() && waits_for_queues()) return Instant{};
  std::optional<Instant> wake = queue_.next_retry();
  const auto volumes_due = binding_volumes_.empty() ? std::nullopt : std::optional(binding_volumes_.begin()->first);
  for (const auto& other : {oversold_.next_refresh(), recount_at_, telling_.next_due(), volumes_due, gangs_.next_wake(), next_room_end()}) {
    if (other && (!wake || *other < *wake)) wake = other;
  }
  return wake;
}

Counts Placement::counts() const {
  return {.nodes = nodes_.present(), .pods = pods_.size(), .assumed = binds_.size(), .active = queue_.active()};
}

void Placement::take_due(Instant now, Actions& out) {
  for (const PodIndex pod : queue_.take_due(now)) {
    PodEntry& entry = pods_[pod];
    entry.retry_at.reset();
    if (entry.state == PodState::backing_off) {
      uncharge(pod);
      entry.announce = false;
      if (gangs_.held(pod)) {
        entry.state = PodState::held;
      } else {
        entry.state = PodState::active;
        queue_.activate(entry.queue_key);
      }
    } else {
      settle(now, pod, out);
    }
  }
}

void Placement::try_place(Instant now, PodIndex pod, Actions& out) {
  if (const auto slot = find_slot(pod)) {
    assume(now, pod, *slot, out);
  } else {
    refuse(now, pod, out);
  }
}

// A pod for which room is kept does not stand in its own way, and goes there if it can.
std::optional<Slot> Placement::find_slot(PodIndex pod) {
  const PodEntry& entry = pods_[pod];
  const Ask& ask = *entry.ask;
  if (!entry.nominated) {
    const WaitGroup* group = queue_.group(group_of(ask));
    // What no node took stays refused until something improves: placements only take.
    const bool hopeless =
        group != nullptr && group->refused_at == improvements_ && group->company == company_generation(ask) && !ask.volumes;
    return hopeless ? std::nullopt : selection_.best(state_, shapes_, ask);
  }
  const Slot kept = *entry.slot;
  std::optional<Slot> slot;
  {
    Trial trial(state_, pods_, kept);
    trial.take_out(pod);
    if (nodes_[kept].present && !first_refusal(state_, shape_of_ask(ask), ask, kept)) slot = kept;
  }
  return slot ? slot : selection_.best(state_, shapes_, ask);
}

void Placement::assume(Instant now, PodIndex pod, Slot slot, Actions& out) {
  PodEntry& entry = pods_[pod];
  const Ask ask = *std::exchange(entry.ask, std::nullopt);
  // The API server forgets the nomination by itself when the pod is bound. Volumes are asked without the pod.
  if (entry.nominated || (ask.volumes && entry.slot)) uncharge(pod, false);
  entry.state = PodState::assumed;
  bool bound_volumes = true;
  if (ask.volumes) {
    auto assumption = state_.volumes.assume(*ask.volumes, entry.pod.uid, slot, nodes_[slot].node);
    if (!assumption) {   // another member of its gang has taken the volume that it was to have
      uncharge(pod, false);
      release_ask(ask);
      back_off(now, pod);
      return;
    }
    for (model::ClusterAction& action : assumption->actions) emit(out, std::move(action));
    bound_volumes = assumption->bound;
  }
  charge(pod, slot);
  if (!entry.load.offline) nodes_.reduce_oversold(slot, entry.load.requests);
  if (!entry.woken_from) entry.woken_from = group_of(ask);
  pass_turn_on(pod);
  release_ask(ask);

  digest_text(digest_, model::to_string(entry.pod.key));
  digest_text(digest_, nodes_[slot].name.v);
  if (bound_volumes) {
    bind(pod, out);
    return;
  }
  const std::uint32_t rules = rules_for(entry.pod).value_or(0);
  entry.binding_volumes = now + state_.rules[rules].profile.volume_binding.bind_timeout;
  binding_volumes_[*entry.binding_volumes].insert(pod);
}

void Placement::bind(PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  entry.announce = true;
  model::Annotations annotations;
  if (const accelerators::DeviceSet devices = state_.devices.devices_of(*entry.slot, pod); !devices.empty())
    annotations.emplace(accelerators::kGpuIndexAnnotation, accelerators::to_text(devices));
  entry.bind_action = emit(out, model::Bind{entry.pod.key, entry.pod.uid, nodes_[*entry.slot].name, std::move(annotations)});
  binds_.emplace(entry.bind_action, InFlight{pod, entry.pod.uid});
}

void Placement::refuse(Instant now, PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  const Ask key = group_of(*entry.ask);
  WaitGroup& group = queue_.wait(key, entry.queue_key);
  const std::uint64_t company = company_generation(*entry.ask);
  if (group.refused_at != improvements_ || group.company != company) {
    group.refusals = count_refusals(state_, shape_of_ask(*entry.ask), *entry.ask);
    group.refused_at = improvements_;
    group.company = company;
    group.no_victims = false;
    // Pods that come later may add a refusal of their own kind to a node counted elsewhere.
    group.refused_by = static_cast<FilterSet>(group.refusals.filters() | kFiltersOfPods);
  }
  entry.waits_as = key;
  entry.state = PodState::waiting;
  // Back in the group that it came from it has shown that no node takes any of them.
  if (entry.woken_from == key) entry.woken_from.reset();
  pass_turn_on(pod);
  if (preempt(now, pod, group, out)) return;
  wait(now, pod, group, out);
}

void Placement::wait(Instant now, PodIndex pod, WaitGroup& group, Actions& out) {
  PodEntry& entry = pods_[pod];
  if (!shape_of_ask(*entry.ask).avoided.empty() && !entry.retry_at) {
    entry.retry_at = evictions_.next_end(entry.pod, now);
    if (entry.retry_at) queue_.retry_at(*entry.retry_at, pod);
  }
  tell_refused(pod, group.refusals.message(), out);
}

void Placement::tell_refused(PodIndex pod, const std::string& message, Actions& out) {
  PodEntry& entry = pods_[pod];
  if (message == entry.message) return;
  entry.message = message;
  told_.emplace(emit(out, model::MarkUnschedulable{entry.pod.key, entry.pod.uid, message}), InFlight{pod, entry.pod.uid});
  post(out, reference(entry.pod), true, "FailedScheduling", "Scheduling", message);
}

}   // namespace ebb::core::placement
