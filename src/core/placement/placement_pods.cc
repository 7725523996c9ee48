// A pod's way through Placement: what it is, whether and where it is counted, where it stands in the queue.

#include "core/placement/placement.h"

#include "base/check.h"

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

constexpr std::int32_t kSystemClusterCritical = 2'000'000'000;
constexpr std::int32_t kSystemNodeCritical = 2'000'001'000;

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
    settle_pending(now, pod);
  }
}

void Placement::settle_bound(PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  leave_queue(pod);
  const Slot slot = nodes_.claim(entry.pod.node);
  // Seen where we sent it, before the answer to the bind has come. Elsewhere somebody else was faster.
  const bool ours = entry.slot == slot;
  entry.state = PodState::bound;
  charge(pod, slot);
  if (entry.announce && ours) announce_placement(pod, out);
  entry.announce = false;
}

void Placement::settle_pending(Instant now, PodIndex pod) {
  PodEntry& entry = pods_[pod];
  if (!to_be_placed(entry.pod)) {
    leave_queue(pod);
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
  const ShapeId shape = shapes_.acquire(shape_of(entry.pod, entry.resolved, ids_));
  const bool queued = entry.state == PodState::active || entry.state == PodState::waiting || entry.state == PodState::backing_off;
  if (queued && entry.shape == shape && entry.queue_key == key) {
    shapes_.release(shape);
    return;
  }
  leave_queue(pod);
  uncharge(pod);
  entry.shape = shape;
  entry.queue_key = key;
  entry.state = PodState::active;
  queue_.activate(key);
}

bool Placement::to_be_placed(const model::Pod& pod) const {
  return pod.scheduling_gates.empty() && !pod.deletion_requested &&
         std::ranges::find(options_.scheduler_names, pod.scheduler_name) != options_.scheduler_names.end();
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

// Counts the pod on the slot as it is now, and nowhere else.
void Placement::charge(PodIndex pod, Slot slot) {
  PodEntry& entry = pods_[pod];
  Charge wanted = charge_of(entry.pod, entry.resolved, ids_);
  entry.load = pod_load(entry.pod, entry.resolved);
  if (entry.slot == slot && entry.charge == wanted) {
    // Whether it runs already decides how its use is counted.
    if (nodes_[slot].policy.colocation) oversold_.mark(slot);
    return;
  }
  uncharge(pod);
  entry.slot = slot;
  entry.charge = std::move(wanted);
  nodes_.add_pod(slot, pod, entry.charge);
  oversold_.mark(slot);
}

void Placement::uncharge(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  if (!entry.slot) return;
  const Slot slot = *entry.slot;
  entry.slot.reset();
  nodes_.remove_pod(slot, pod, entry.charge);
  oversold_.mark(slot);
  nodes_.release_if_empty(slot);
}

void Placement::leave_queue(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  queue_.remove(entry, pod);
  entry.retry_at.reset();
  if (!entry.shape) return;
  const ShapeId shape = *entry.shape;
  entry.shape.reset();
  // It may have been the one that was woken for all of its shape.
  if (entry.state == PodState::active) wake_one(shape);
  shapes_.release(shape);
}

void Placement::forget(PodIndex pod) {
  leave_queue(pod);
  uncharge(pod);
  index_owners(pod, {});
  binds_.erase(pods_[pod].bind_action);
  pods_.erase(pod);
}

void Placement::wake_one(ShapeId shape) {
  if (const auto woken = queue_.wake_one(shape)) pods_[*woken].state = PodState::active;
}

QueueKey Placement::queue_key(PodIndex pod) const {
  const PodEntry& entry = pods_[pod];
  return {.priority = priority_of(entry.pod),
          .band = static_cast<std::int32_t>(entry.resolved.band),
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
