// A pod's way through Placement: what it is, whether and where it is counted, where it stands in the queue.

#include "core/placement/placement.h"

#include "base/check.h"
#include "core/placement/ask.h"
#include "core/placement/device_check.h"
#include "core/placement/numa_check.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ebb::core::placement {
namespace {

// Kinds that every cluster feed brings; an owner of another kind may never be seen.
struct WatchedOwner {
  std::string_view group;   // other products have kinds of the same names
  std::string_view kind;
};
constexpr auto kWatchedOwners = std::to_array<WatchedOwner>({
    {"apps", "DaemonSet"},
    {"apps", "Deployment"},
    {"apps", "ReplicaSet"},
    {"apps", "StatefulSet"},
    {"batch", "CronJob"},
    {"batch", "Job"},
});

bool is_watched(const model::OwnerRef& owner) {
  return std::ranges::any_of(kWatchedOwners, [&](const WatchedOwner& one) { return one.kind == owner.kind && one.group == owner.group(); });
}

const model::OwnerRef* controller_of(const std::vector<model::OwnerRef>& owners) {
  const auto found = std::ranges::find_if(owners, &model::OwnerRef::controller);
  return found == owners.end() ? nullptr : &*found;
}

// The next owner up from the end of the chain: named there, and not known.
const model::OwnerRef* unknown_owner(const model::Pod& pod, const std::vector<const model::Owner*>& chain) {
  return chain.empty() ? pod.controller() : controller_of(chain.back()->owners);
}

// Nothing that an owner could add would be looked at.
bool says_everything_itself(const model::Pod& pod) {
  return pod.annotations.contains(kQosClassAnnotation) && pod.annotations.contains(kPriorityAnnotation) &&
         pod.annotations.contains(kResourcePoolAnnotation);
}

}   // namespace

void Placement::settle(Instant now, PodIndex pod, Actions& out) {
  settle_alone(now, pod, out);
  tell_gang(now, pod);
  stand(pod);
}

void Placement::settle_alone(Instant now, PodIndex pod, Actions& out) {
  resolve_pod(pod);
  PodEntry& entry = pods_[pod];
  if (entry.pod.terminal()) {
    leave_queue(pod);
    uncharge(pod);
    entry.state = PodState::ended;
  } else if (!entry.pod.node.empty()) {
    settle_bound(pod, out);
  } else if (entry.state == PodState::assumed) {
    charge(pod, *entry.slot);
  } else {
    settle_pending(now, pod, out);
  }
}

void Placement::settle_bound(PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  leave_queue(pod);
  if (entry.nominated) withdraw_nomination(pod, out);
  const Slot slot = nodes_.claim(entry.pod.node);
  // Seen where we sent it, before the answer to the bind has come. Elsewhere somebody else was faster.
  const bool ours = entry.slot == slot;
  entry.state = PodState::bound;
  stop_binding_volumes(pod);
  if (!entry.pod.volumes.empty()) state_.volumes.forget(entry.pod.uid);
  charge(pod, slot);
  if (entry.announce && ours) announce_placement(pod, out);
  entry.announce = false;
}

void Placement::settle_pending(Instant now, PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  if (!to_be_placed(entry.pod)) {
    leave_queue(pod);
    if (entry.nominated) withdraw_nomination(pod, out);
    uncharge(pod);
    entry.state = PodState::ignored;
    return;
  }
  if (awaits_owner(now, entry, owners_.chain(entry.pod))) {
    if (entry.state == PodState::awaiting_owner) return;
    leave_queue(pod);
    uncharge(pod);
    entry.state = PodState::awaiting_owner;
    entry.retry_at = entry.first_seen + options_.owner_patience;
    queue_.retry_at(*entry.retry_at, pod);
    return;
  }
  const QueueKey key = queue_key(pod);
  const Ask ask = acquire_ask(now, entry);
  const bool queued = entry.state == PodState::active || entry.state == PodState::waiting || entry.state == PodState::backing_off ||
                      entry.state == PodState::held;
  if (queued && entry.ask == ask && entry.queue_key == key && entry.queue_key.lane == key.lane) {
    release_ask(ask);
    return;
  }
  leave_queue(pod);
  if (!entry.nominated) uncharge(pod);
  entry.ask = ask;
  entry.queue_key = key;
  if (!entry.nominated) restore_nomination(pod);
  tell_gang(now, pod);
  if (gangs_.held(pod)) {
    entry.state = PodState::held;
    held_untold_.insert(pod);
    return;
  }
  entry.state = PodState::active;
  queue_.activate(key);
}

bool Placement::to_be_placed(const model::Pod& pod) const {
  return pod.scheduling_gates.empty() && !pod.deletion_requested && rules_for(pod).has_value();
}

std::optional<std::uint32_t> Placement::rules_for(const model::Pod& pod) const {
  for (std::uint32_t i = 0; i < state_.rules.size(); ++i) {
    if (state_.rules[i].profile.scheduler_name == pod.scheduler_name) return i;
  }
  return std::nullopt;
}

bool Placement::awaits_owner(Instant now, const PodEntry& entry, const std::vector<const model::Owner*>& chain) const {
  if (now - entry.first_seen >= options_.owner_patience || says_everything_itself(entry.pod)) return false;
  const model::OwnerRef* missing = unknown_owner(entry.pod, chain);
  return missing != nullptr && owners_.find(missing->uid) == nullptr && is_watched(*missing);
}

void Placement::resolve_pod(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  const std::vector<const model::Owner*> chain = owners_.chain(entry.pod);
  entry.resolved = resolve(entry.pod, chain);
  entry.priority = priority_of(entry.pod);
  entry.latest_start = kNoDeadline;
  if (const auto deadline = entry.resolved.offline ? deadline_of(entry.pod, chain) : std::nullopt) {
    entry.latest_start = *deadline - run_times_.expected(RunTimes::workload_of(entry.pod, chain)).value_or(Duration{});
  }
  std::vector<model::Uid> uids;
  for (const model::Owner* owner : chain) uids.push_back(owner->uid);
  if (const model::OwnerRef* missing = unknown_owner(entry.pod, chain)) uids.push_back(missing->uid);
  index_owners(pod, std::move(uids));
}

void Placement::index_owners(PodIndex pod, std::vector<model::Uid> owners) {
  PodEntry& entry = pods_[pod];
  if (entry.owners == owners) return;
  const std::vector<model::Uid> before = std::exchange(entry.owners, std::move(owners));
  for (const model::Uid& uid : entry.owners) pods_of_owner_[uid].insert(pod);
  for (const model::Uid& uid : before) {
    if (std::ranges::find(entry.owners, uid) != entry.owners.end()) continue;
    const auto found = pods_of_owner_.find(uid);
    if (found == pods_of_owner_.end()) continue;
    found->second.erase(pod);
    if (!found->second.empty()) continue;
    pods_of_owner_.erase(found);
    if (gone_owners_.erase(uid) > 0) owners_.erase(uid);
  }
}

Ask Placement::acquire_ask(Instant now, const PodEntry& entry) {
  const std::uint32_t rules = rules_for(entry.pod).value_or(0);
  const model::SchedulerProfile& profile = state_.rules[rules].profile;
  Shape shape = shape_of(entry.pod, entry.resolved, state_.ids, rules);
  shape.avoided = evictions_.avoided(entry.pod, now);
  if (state_.numa.any() && profile.enabled(model::Plugin::numa)) shape.numa = numa_need(entry.pod, entry.resolved);
  if (profile.enabled(model::Plugin::accelerators)) {
    accelerators::PodDevices wanted = accelerators::devices_of(entry.pod);
    if (wanted.wanted()) shape.accelerators = std::move(wanted);
  }
  Ask ask;
  ask.shape = shapes_.acquire(std::move(shape));
  const std::vector<const model::Owner*> chain = owners_.chain(entry.pod);
  const auto spread_from = default_spread_.selector(entry.pod, chain.empty() ? nullptr : chain.front());
  ask.company = state_.company.acquire(requirement_of(entry.pod, shape_of_ask(ask), spread_from, state_));
  if (!entry.pod.volumes.empty()) ask.volumes = state_.volumes.acquire(entry.pod, volume_plugins(profile));
  return ask;
}

void Placement::release_ask(const Ask& ask) {
  shapes_.release(ask.shape);
  if (ask.company) state_.company.release(*ask.company);
  if (ask.volumes) state_.volumes.release(*ask.volumes);
}

// Counts the pod on the slot as it is now, and nowhere else.
void Placement::charge(PodIndex pod, Slot slot) {
  PodEntry& entry = pods_[pod];
  Charge wanted = charge_of(entry.pod, entry.resolved, state_.ids);
  entry.load = pod_load(entry.pod, entry.resolved);
  const affinity::ClassId company = state_.company.acquire_class(entry.pod);
  const bool leaving = entry.pod.deletion_requested.has_value();
  if (entry.slot == slot && entry.charge == wanted && entry.company == company && entry.leaving == leaving) {
    state_.company.release_class(company);
    if (entry.running_since && state_.numa.started(slot, entry.pod.uid)) nodes_.changed(slot, bit(Filter::numa));
    if (wanted.devices.count > 0 && !entry.pod.node.empty()) restate_devices(pod, slot);
    // Whether it runs already decides how its use is counted.
    if (nodes_[slot].policy.colocation) oversold_.mark(slot);
    return;
  }
  uncharge(pod);
  // As long as the node is as it was when it was chosen.
  if (wanted.devices.count > 0) state_.devices.add_pod(slot, pod, wanted.devices, devices_for(entry, slot));
  entry.slot = slot;
  entry.charge = std::move(wanted);
  entry.company = company;
  entry.leaving = leaving;
  nodes_.add_pod(slot, pod, entry.charge);
  state_.company.add_pod(slot, company, leaving);
  if (!entry.pod.volumes.empty()) state_.volumes.add_pod(slot, entry.pod);
  state_.numa.add_pod(slot, entry.pod);
  company_moved_ = true;
  oversold_.mark(slot);
}

// A bound pod has what its annotation says. For one that is placed now they are chosen here; where there is no room yet,
// when there is.
accelerators::DeviceSet Placement::devices_for(const PodEntry& entry, Slot slot) const {
  if (!entry.pod.node.empty()) return accelerators::stated_devices(entry.pod.annotations);
  const model::SchedulerProfile& profile = state_.rules[rules_for(entry.pod).value_or(0)].profile;
  return chosen_devices(state_, accelerators::devices_of(entry.pod), profile.accelerators.scoring, slot);
}

// Where nothing is written, what we chose holds.
void Placement::restate_devices(PodIndex pod, Slot slot) {
  accelerators::DeviceSet stated = accelerators::stated_devices(pods_[pod].pod.annotations);
  if (!stated.empty() && state_.devices.restate(slot, pod, std::move(stated))) nodes_.changed(slot, bit(Filter::accelerators));
}

// Counts the pod, when it is first seen, among those that are like the ones to come.
void Placement::expect(PodIndex pod) {
  const model::Pod& seen = pods_[pod].pod;
  if (seen.terminal()) return;
  accelerators::AcceleratorRequest request = accelerators::devices_of(seen).request;
  if (request.count == 0) request = {.cpu = model::effective_requests(seen).cpu, .count = 0, .share = {}, .models = {}};
  if (state_.devices.saw(request)) shapes_.forget_rankings();
}

void Placement::uncharge(PodIndex pod, bool improves) {
  PodEntry& entry = pods_[pod];
  if (!entry.slot) return;
  const Slot slot = *entry.slot;
  entry.slot.reset();
  if (std::exchange(entry.nominated, false)) {
    rooms_moved_ = !rooms_.empty();
    const auto found = nominated_.find(slot);
    found->second.erase(pod);
    if (found->second.empty()) nominated_.erase(found);
  }
  nodes_.remove_pod(slot, pod, entry.charge, improves);
  state_.company.remove_pod(slot, *entry.company, entry.leaving);
  state_.company.release_class(*entry.company);
  entry.company.reset();
  if (!entry.pod.volumes.empty()) state_.volumes.remove_pod(slot, entry.pod);
  state_.numa.remove_pod(slot, entry.pod);
  if (entry.charge.devices.count > 0) state_.devices.remove_pod(slot, pod);
  company_moved_ = company_moved_ || improves;
  oversold_.mark(slot);
  nodes_.release_if_empty(slot);
}

void Placement::leave_queue(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  queue_.remove(entry, pod);
  forget_queue_refusal(entry);
  entry.retry_at.reset();
  if (!entry.ask) return;
  forget_gang_wait(pod);
  const Ask ask = *std::exchange(entry.ask, std::nullopt);
  entry.waits_as.reset();
  // It may have been the one that was woken for all of its group.
  if (entry.state == PodState::active) pass_turn_on(pod);
  release_ask(ask);
}

void Placement::forget(PodIndex pod) {
  leave_queue(pod);
  uncharge(pod);
  PodEntry& entry = pods_[pod];
  leave_standing(pod);
  stop_binding_volumes(pod);
  if (!entry.pod.volumes.empty()) state_.volumes.forget(entry.pod.uid);
  if (const auto gang = gangs_.gang_of(pod)) {
    if (const auto kept = kept_for_gangs_.find(*gang); kept != kept_for_gangs_.end()) kept->second.erase(pod);
    gangs_.member_gone(now_, {pod, entry.pod.uid});
  }
  index_owners(pod, {});
  binds_.erase(entry.bind_action);
  pods_.erase(pod);
}

void Placement::wake_one(const Ask& group) {
  if (const auto woken = queue_.wake_one(group)) {
    PodEntry& entry = pods_[*woken];
    if (entry.retry_at) queue_.forget_retry(*std::exchange(entry.retry_at, std::nullopt), *woken);
    entry.state = PodState::active;
    entry.waits_as.reset();
    entry.woken_from = group;
  }
}

// What the pod asks may be another group's by now, so it is the one that it came from whose turn is next.
void Placement::pass_turn_on(PodIndex pod) {
  if (const auto group = std::exchange(pods_[pod].woken_from, std::nullopt)) wake_one(*group);
}

// This one, wherever it stands in its group.
void Placement::wake(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  if (entry.state != PodState::waiting) return;
  queue_.remove(entry, pod);
  entry.retry_at.reset();
  entry.waits_as.reset();
  entry.state = PodState::active;
  queue_.activate(entry.queue_key);
}

QueueKey Placement::queue_key(PodIndex pod) const {
  const PodEntry& entry = pods_[pod];
  return {.priority = entry.priority,
          .band = static_cast<std::int32_t>(entry.resolved.band),
          .latest_start = entry.latest_start,
          .lane = lane_of(entry),
          .created = entry.pod.created,
          .arrival = entry.arrival,
          .pod = pod};
}

// The API server writes spec.priority from the class where its admission does so.
std::int32_t Placement::priority_of(const model::Pod& pod) const {
  if (pod.priority) return *pod.priority;
  if (pod.priority_class == "system-node-critical") return kSystemNodeCritical;
  if (pod.priority_class == "system-cluster-critical") return kSystemClusterCritical;
  if (!pod.priority_class.empty()) {
    const auto found = priority_classes_.find(pod.priority_class);
    return found == priority_classes_.end() ? 0 : found->second.value;
  }
  for (const auto& [name, priority] : priority_classes_) {
    if (priority.global_default) return priority.value;
  }
  return 0;
}

}   // namespace ebb::core::placement
