#include "core/volumes/storage_objects.h"

#include "core/volumes/in_tree_plugins.h"

#include <algorithm>

namespace ebb::core::volumes {
namespace {

template <class Map, class Key>
auto* find_in(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

template <class Map, class Key, class Value>
void erase_from(Map& map, const Key& key, const Value& value) {
  const auto found = map.find(key);
  if (found == map.end()) return;
  found->second.erase(value);
  if (found->second.empty()) map.erase(found);
}

// A claim without a volume counts under its class, by a handle that no volume has.
std::string handle_to_come(const model::ObjectKey& claim) { return "\x1f" + claim.ns + "/" + claim.name; }

std::pair<std::int64_t, std::string> size_and_name(const model::Volume& volume) { return {volume.capacity.v, volume.name}; }

Reach reach_of_capacity(const model::CsiStorageCapacity& capacity) { return reach_of(capacity.node_topology->requirements); }

}   // namespace

bool ClaimEntry::made_for(const model::Uid& pod) const {
  return std::ranges::any_of(object.owners, [&](const model::OwnerRef& owner) { return owner.controller && owner.uid == pod; });
}

VolumeEntry::Owner VolumeEntry::owner() const {
  if (object.claim && !object.claim_uid.empty()) return {&*object.claim, &object.claim_uid};
  if (assumed_claim) return {&*assumed_claim, &assumed_uid};
  if (object.claim) return {&*object.claim, &object.claim_uid};
  return {};
}

bool VolumeEntry::belongs_to(const model::VolumeClaim& claim) const {
  const Owner mine = owner();
  return mine.claim != nullptr && *mine.claim == claim.key && (mine.uid->empty() || *mine.uid == claim.uid);
}

bool VolumeEntry::free() const { return owner().claim == nullptr && object.phase == "Available" && !object.deletion_requested; }

std::optional<Bytes> volume_limit(const model::CsiStorageCapacity& capacity) {
  return capacity.maximum_volume_size ? capacity.maximum_volume_size : capacity.capacity;
}

const ClaimEntry* StorageObjects::claim(const model::ObjectKey& key) const { return find_in(claims_, key); }
const VolumeEntry* StorageObjects::volume(std::string_view name) const { return find_in(volumes_, name); }
const model::StorageClass* StorageObjects::storage_class(std::string_view name) const { return find_in(classes_, name); }
const model::CsiDriver* StorageObjects::driver(std::string_view name) const { return find_in(drivers_, name); }
const model::CsiStorageCapacity* StorageObjects::capacity(const model::ObjectKey& key) const { return find_in(capacity_objects_, key); }
const StorageObjects::FreeVolumes* StorageObjects::free_volumes(std::string_view name) const { return find_in(free_, name); }
const StorageObjects::Capacities* StorageObjects::capacities(std::string_view name) const { return find_in(capacities_, name); }
const std::set<std::string>* StorageObjects::volumes_of(const model::ObjectKey& claim) const { return find_in(by_owner_, claim); }
const std::set<model::ObjectKey>* StorageObjects::claims_on_volume(std::string_view name) const { return find_in(claims_by_volume_, name); }
const std::set<model::ObjectKey>* StorageObjects::claims_of_class(std::string_view name) const { return find_in(claims_by_class_, name); }

std::optional<Attachable> StorageObjects::attachable(const ClaimEntry& claim) const {
  if (const VolumeEntry* bound = claim.object.volume_name.empty() ? nullptr : volume(claim.object.volume_name)) {
    const model::Volume& object = bound->object;
    const bool in_tree = !object.in_tree_plugin.empty();
    if (in_tree) {
      const InTreePlugin* plugin = in_tree_plugin(object.in_tree_plugin);
      if (plugin == nullptr || !plugin->counted) return std::nullopt;
    }
    if (object.csi_driver.empty() || object.csi_handle.empty()) return std::nullopt;
    return Attachable{object.csi_driver, in_tree ? driver_handle(object) : object.csi_handle, in_tree};
  }
  const model::StorageClass* of = storage_class(claim.storage_class());
  if (of == nullptr || of->provisioner.empty()) return std::nullopt;
  const InTreePlugin* plugin = in_tree_plugin(of->provisioner);
  if (plugin == nullptr) return Attachable{of->provisioner, handle_to_come(claim.object.key), false};
  if (!plugin->counted) return std::nullopt;
  return Attachable{std::string(plugin->driver), handle_to_come(claim.object.key), true};
}

void StorageObjects::put(model::VolumeClaim claim) {
  ClaimEntry& entry = claims_[claim.key];
  const model::ObjectKey key = claim.key;
  if (entry.object.uid != claim.uid) {   // another one of that name: nothing was decided for it
    entry.assumed_node.clear();
    entry.assumed_by = 0;
  }
  if (!entry.object.key.name.empty()) {
    erase_from(claims_by_volume_, entry.object.volume_name, key);
    erase_from(claims_by_class_, entry.storage_class(), key);
  }
  entry.object = std::move(claim);
  if (!entry.object.volume_name.empty()) claims_by_volume_[entry.object.volume_name].insert(key);
  if (!entry.storage_class().empty()) claims_by_class_[std::string(entry.storage_class())].insert(key);
}

void StorageObjects::drop_claim(const model::ObjectKey& key) {
  const auto found = claims_.find(key);
  if (found == claims_.end()) return;
  erase_from(claims_by_volume_, found->second.object.volume_name, key);
  erase_from(claims_by_class_, found->second.storage_class(), key);
  claims_.erase(found);
}

void StorageObjects::put(model::Volume volume) {
  const auto [found, added] = volumes_.try_emplace(volume.name);
  VolumeEntry& entry = found->second;
  if (!added) unindex(entry);
  if (entry.object.uid != volume.uid) entry.assumed_claim.reset();
  entry.object = std::move(volume);
  entry.zones = zone_demands(entry.object);
  entry.reach = reach_of(entry.object);
  entry.migrated_terms.clear();
  if (const InTreePlugin* plugin = in_tree_plugin(entry.object.in_tree_plugin))
    entry.migrated_terms = migrated_terms(entry.object, *plugin);
  index(entry);
}

void StorageObjects::drop_volume(const std::string& name) {
  const auto found = volumes_.find(name);
  if (found == volumes_.end()) return;
  unindex(found->second);
  volumes_.erase(found);
}

void StorageObjects::put(model::StorageClass storage_class) {
  const std::string name = storage_class.name;
  classes_.insert_or_assign(name, std::move(storage_class));
}

void StorageObjects::drop_class(const std::string& name) { classes_.erase(name); }

void StorageObjects::put(model::CsiDriver driver) {
  const std::string name = driver.name;
  drivers_.insert_or_assign(name, std::move(driver));
}

void StorageObjects::drop_driver(const std::string& name) { drivers_.erase(name); }

void StorageObjects::put(model::CsiStorageCapacity capacity) {
  drop_capacity(capacity.key);
  const model::ObjectKey key = capacity.key;
  const model::CsiStorageCapacity& stored = capacity_objects_[key] = std::move(capacity);
  // One that says where nothing can be reached from is found from nowhere.
  if (stored.node_topology) capacities_[stored.storage_class].insert(reach_of_capacity(stored), key, &stored);
}

void StorageObjects::drop_capacity(const model::ObjectKey& key) {
  const auto found = capacity_objects_.find(key);
  if (found == capacity_objects_.end()) return;
  if (found->second.node_topology) {
    const auto of = capacities_.find(found->second.storage_class);
    of->second.erase(reach_of_capacity(found->second), key);
    if (of->second.empty()) capacities_.erase(of);
  }
  capacity_objects_.erase(found);
}

void StorageObjects::assume_volume(const std::string& volume, const model::VolumeClaim& claim) {
  VolumeEntry* entry = find_in(volumes_, volume);
  if (entry == nullptr) return;
  unindex(*entry);
  if (entry->assumed_claim != claim.key || entry->assumed_uid != claim.uid) entry->assumed_by = 0;
  entry->assumed_claim = claim.key;
  entry->assumed_uid = claim.uid;
  ++entry->assumed_by;
  index(*entry);
}

void StorageObjects::free_volume(const std::string& volume, const model::ObjectKey& claim, const model::Uid& uid) {
  VolumeEntry* entry = find_in(volumes_, volume);
  if (entry == nullptr || entry->assumed_claim != claim || entry->assumed_uid != uid || --entry->assumed_by > 0) return;
  unindex(*entry);
  entry->assumed_claim.reset();
  entry->assumed_uid = {};
  index(*entry);
}

void StorageObjects::assume_node(const model::ObjectKey& claim, const std::string& node) {
  ClaimEntry* entry = find_in(claims_, claim);
  if (entry == nullptr) return;
  entry->assumed_node = node;
  ++entry->assumed_by;
}

void StorageObjects::free_node(const model::ObjectKey& claim, const model::Uid& uid) {
  ClaimEntry* entry = find_in(claims_, claim);
  if (entry == nullptr || entry->object.uid != uid || entry->assumed_by == 0 || --entry->assumed_by > 0) return;
  entry->assumed_node.clear();
}

void StorageObjects::index(const VolumeEntry& volume) {
  if (const model::ObjectKey* claim = volume.owner().claim) by_owner_[*claim].insert(volume.object.name);
  if (volume.free()) free_[volume.object.storage_class].insert(volume.reach, size_and_name(volume.object), &volume);
}

void StorageObjects::unindex(const VolumeEntry& volume) {
  if (const model::ObjectKey* claim = volume.owner().claim) erase_from(by_owner_, *claim, volume.object.name);
  const auto of = free_.find(volume.object.storage_class);
  if (of == free_.end()) return;
  of->second.erase(volume.reach, size_and_name(volume.object));
  if (of->second.empty()) free_.erase(of);
}

}   // namespace ebb::core::volumes
