#include "services/testing/cluster_objects.h"

#include "base/check.h"
#include "model/volume_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace ebb::services::testing {
namespace {

constexpr std::string_view kClaim = "PersistentVolumeClaim";
constexpr std::string_view kVolume = "PersistentVolume";
constexpr std::string_view kNoProvisioner = "kubernetes.io/no-provisioner";

std::string group_kind(model::PodGroupDialect dialect) { return fmt::format("PodGroup/{}", static_cast<int>(dialect)); }

struct Name {
  std::string kind;
  model::ObjectKey key;
};

Name name_of(const model::NamespaceSeen& e) { return {"Namespace", {"", e.name}}; }
Name name_of(const model::ServiceSeen& e) { return {"Service", e.key}; }
Name name_of(const model::DisruptionBudgetSeen& e) { return {"PodDisruptionBudget", e.budget.key}; }
Name name_of(const model::VolumeClaimSeen& e) { return {std::string(kClaim), e.claim.key}; }
Name name_of(const model::VolumeSeen& e) { return {std::string(kVolume), {"", e.volume.name}}; }
Name name_of(const model::StorageClassSeen& e) { return {"StorageClass", {"", e.storage_class.name}}; }
Name name_of(const model::CsiNodeSeen& e) { return {"CSINode", {"", e.node.node.v}}; }
Name name_of(const model::CsiDriverSeen& e) { return {"CSIDriver", {"", e.driver.name}}; }
Name name_of(const model::CsiStorageCapacitySeen& e) { return {"CSIStorageCapacity", e.capacity.key}; }
Name name_of(const model::PodGroupSeen& e) { return {group_kind(e.group.dialect), e.group.key}; }
Name name_of(const model::QueueSeen& e) { return {"Queue", {"", e.queue.name}}; }
Name name_of(const model::NodeTopologySeen& e) {
  return {std::holds_alternative<model::Numatopology>(e.topology) ? "Numatopology" : "NodeResourceTopology", {"", e.node().v}};
}
Name name_of(const model::PriorityClassSeen& e) { return {"PriorityClass", {"", e.name}}; }
template <class Event>
Name name_of(const Event&) {
  return {};
}

model::ClusterEvent gone_of(const model::NamespaceSeen& e) { return model::NamespaceGone{e.name}; }
model::ClusterEvent gone_of(const model::ServiceSeen& e) { return model::ServiceGone{e.key}; }
model::ClusterEvent gone_of(const model::DisruptionBudgetSeen& e) { return model::DisruptionBudgetGone{e.budget.key}; }
model::ClusterEvent gone_of(const model::VolumeClaimSeen& e) { return model::VolumeClaimGone{e.claim.key}; }
model::ClusterEvent gone_of(const model::VolumeSeen& e) { return model::VolumeGone{e.volume.name}; }
model::ClusterEvent gone_of(const model::StorageClassSeen& e) { return model::StorageClassGone{e.storage_class.name}; }
model::ClusterEvent gone_of(const model::CsiNodeSeen& e) { return model::CsiNodeGone{e.node.node}; }
model::ClusterEvent gone_of(const model::CsiDriverSeen& e) { return model::CsiDriverGone{e.driver.name}; }
model::ClusterEvent gone_of(const model::CsiStorageCapacitySeen& e) { return model::CsiStorageCapacityGone{e.capacity.key}; }
model::ClusterEvent gone_of(const model::PodGroupSeen& e) { return model::PodGroupGone{e.group.dialect, e.group.key}; }
model::ClusterEvent gone_of(const model::QueueSeen& e) { return model::QueueGone{e.queue.name}; }
model::ClusterEvent gone_of(const model::NodeTopologySeen& e) {
  const bool counted = std::holds_alternative<model::NodeResourceTopology>(e.topology);
  return model::NodeTopologyGone{counted ? model::TopologySource::node_resource_topology : model::TopologySource::numatopology, e.node()};
}
model::ClusterEvent gone_of(const model::PriorityClassSeen& e) { return model::PriorityClassGone{e.name}; }
template <class Event>
model::ClusterEvent gone_of(const Event&) {
  EBB_UNREACHABLE();
}

void set_version(model::ClusterEvent& seen, std::uint64_t version) {
  const std::string text = std::to_string(version);
  if (auto* claim = std::get_if<model::VolumeClaimSeen>(&seen)) claim->claim.resource_version = text;
  if (auto* volume = std::get_if<model::VolumeSeen>(&seen)) volume->volume.resource_version = text;
  if (auto* group = std::get_if<model::PodGroupSeen>(&seen)) group->group.resource_version = text;
  if (auto* queue = std::get_if<model::QueueSeen>(&seen)) queue->queue.resource_version = text;
  if (auto* budget = std::get_if<model::DisruptionBudgetSeen>(&seen)) budget->budget.resource_version = text;
}

// Made for the claim; it can be reached from every node.
model::Volume made_for(const model::VolumeClaim& claim) {
  model::Volume volume;
  volume.name = fmt::format("pvc-{}-{}", claim.key.ns, claim.key.name);
  volume.uid = model::Uid("pv/" + volume.name);
  volume.storage_class = claim.storage_class.value_or("");
  volume.access_modes = claim.access_modes;
  volume.volume_mode = claim.volume_mode;
  volume.capacity = claim.request;
  volume.attributes_class = claim.attributes_class;
  return volume;
}

}   // namespace

std::string ClusterObjects::kind_of(const model::ClusterEvent& seen) { return identity_of(seen).kind; }

ClusterObjects::Identity ClusterObjects::identity_of(const model::ClusterEvent& seen) {
  Name name = std::visit([](const auto& one) { return name_of(one); }, seen);
  return {std::move(name.kind), std::move(name.key)};
}

ClusterObjects::Identity ClusterObjects::identity_of(const model::SetPodGroupStatus& action) {
  return {group_kind(action.dialect), action.group};
}

void ClusterObjects::store(model::ClusterEvent seen, Events& out) {
  Identity identity = identity_of(seen);
  EBB_CHECK(!identity.kind.empty());
  set_version(seen, ++version_);
  out.push_back(seen);
  objects_.insert_or_assign(std::move(identity), std::move(seen));
}

void ClusterObjects::put(model::ClusterEvent seen, Events& out) {
  if (auto* volume = std::get_if<model::VolumeSeen>(&seen); volume != nullptr && volume->volume.phase.empty()) {
    volume->volume.phase = volume->volume.claim ? "Bound" : "Available";
  }
  store(std::move(seen), out);
  settle_volumes(out);
}

bool ClusterObjects::remove(std::string_view kind, const model::ObjectKey& key, Events& out) {
  const auto found = objects_.find({std::string(kind), key});
  if (found == objects_.end()) return false;
  out.push_back(std::visit([](const auto& one) { return gone_of(one); }, found->second));
  objects_.erase(found);
  return true;
}

ClusterObjects::Events ClusterObjects::all() const {
  Events events;
  for (const auto& [identity, seen] : objects_) events.push_back(seen);
  return events;
}

Status ClusterObjects::perform(const model::SelectClaimNode& action, Events& out) {
  const auto* known = find<model::VolumeClaimSeen>(kClaim, action.claim);
  if (known == nullptr) return fail(Errc::not_found, "persistentvolumeclaims \"{}\" not found", action.claim.name);
  if (known->claim.uid != action.uid) return fail(Errc::conflict, "claim {} is another one", action.claim.name);
  model::VolumeClaimSeen changed = *known;
  changed.claim.selected_node = action.node.v;
  store(std::move(changed), out);
  settle_volumes(out);
  return {};
}

Status ClusterObjects::perform(const model::BindVolume& action, Events& out) {
  const auto* known = find<model::VolumeSeen>(kVolume, {"", action.volume});
  if (known == nullptr) return fail(Errc::not_found, "persistentvolumes \"{}\" not found", action.volume);
  const model::Volume& volume = known->volume;
  if (volume.claim == action.claim && volume.claim_uid == action.claim_uid) return {};
  const bool free = !volume.claim || (volume.claim == action.claim && volume.claim_uid.empty());
  const bool fresh = action.resource_version.empty() || action.resource_version == volume.resource_version;
  if (!free || !fresh) return fail(Errc::conflict, "volume {} has been changed", action.volume);
  model::VolumeSeen changed = *known;
  changed.volume.claim = action.claim;
  changed.volume.claim_uid = action.claim_uid;
  store(std::move(changed), out);
  settle_volumes(out);
  return {};
}

Status ClusterObjects::perform(const model::SetPodGroupStatus& action, Events& out) {
  const auto found = objects_.find(identity_of(action));
  if (found == objects_.end()) return fail(Errc::not_found, "podgroups \"{}\" not found", action.group.name);
  model::PodGroupSeen changed = std::get<model::PodGroupSeen>(found->second);
  if (!action.phase.empty()) changed.group.phase = action.phase;
  if (!action.condition_type.empty()) {
    changed.group.condition = fmt::format("{}/{}/{}", action.condition_type, action.condition ? "True" : "False", action.reason);
  }
  store(std::move(changed), out);
  return {};
}

void ClusterObjects::settle_volumes(Events& out) {
  std::vector<model::VolumeClaim> unbound;
  for (const auto& [identity, seen] : objects_) {
    const auto* claim = std::get_if<model::VolumeClaimSeen>(&seen);
    if (claim != nullptr && !claim->claim.bound && !claim->claim.deletion_requested) unbound.push_back(claim->claim);
  }
  for (const model::VolumeClaim& claim : unbound) settle_claim(claim, out);
}

bool ClusterObjects::settle_claim(const model::VolumeClaim& claim, Events& out) {
  const auto* storage_class = find<model::StorageClassSeen>("StorageClass", {"", claim.storage_class.value_or("")});
  const bool waits = storage_class != nullptr && storage_class->storage_class.wait_for_first_consumer;
  const model::Volume* best = nullptr;
  for (const auto& [identity, seen] : objects_) {
    const auto* entry = std::get_if<model::VolumeSeen>(&seen);
    if (entry == nullptr) continue;
    const model::Volume& volume = entry->volume;
    if (!claim.volume_name.empty() && volume.name != claim.volume_name) continue;
    // A claim that waits for its consumer takes only what was reserved for it.
    if (waits && claim.volume_name.empty() && !model::reserved_for(volume, claim)) continue;
    if (!model::can_serve(volume, claim)) continue;
    if (best == nullptr || model::better_match(volume, *best, claim)) best = &volume;
  }
  if (best != nullptr) {
    bind(claim, *best, out);
    return true;
  }
  const bool may_make = storage_class != nullptr && storage_class->storage_class.provisioner != kNoProvisioner && claim.volume_name.empty();
  if (!may_make || (waits && claim.selected_node.empty())) return false;
  bind(claim, made_for(claim), out);
  return true;
}

void ClusterObjects::bind(model::VolumeClaim claim, model::Volume volume, Events& out) {
  volume.claim = claim.key;
  volume.claim_uid = claim.uid;
  volume.phase = "Bound";
  claim.volume_name = volume.name;
  claim.bound = true;
  store(model::VolumeSeen{std::move(volume)}, out);
  store(model::VolumeClaimSeen{std::move(claim)}, out);
}

}   // namespace ebb::services::testing
