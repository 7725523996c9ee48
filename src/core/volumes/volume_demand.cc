#include "core/volumes/volume_demand.h"

#include "core/volumes/in_tree_plugins.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace ebb::core::volumes {
namespace {

constexpr std::string_view kReadWriteOncePod = "ReadWriteOncePod";

bool has(const DemandKey& key, VolumePlugin plugin) { return (key.plugins & bit(plugin)) != 0; }

auto fields(const model::PodVolume& volume) { return std::tie(volume.kind, volume.id, volume.name, volume.read_only, volume.monitors); }

model::ObjectKey claim_key(const DemandKey& key, const model::PodVolume& volume) {
  return {key.ns, volume.kind == model::VolumeKind::ephemeral ? key.pod + "-" + volume.name : volume.id};
}

bool needs_claim(const model::PodVolume& volume) {
  return volume.kind == model::VolumeKind::claim || volume.kind == model::VolumeKind::ephemeral;
}

std::string not_found(const std::string& claim) { return fmt::format("persistentvolumeclaim \"{}\" not found", claim); }

std::string not_made_for(const DemandKey& key, const model::ObjectKey& claim) {
  return fmt::format("PVC {}/{} was not created for pod {}/{} (pod is not owner)", claim.ns, claim.name, key.ns, key.pod);
}

// Works out one demand, plugin by plugin in the order in which the default scheduler prepares them.
class Work {
 public:
  Work(const DemandKey& key, const StorageObjects& objects) : key_(key), objects_(objects) {}

  VolumeDemand done() {
    if (has(key_, VolumePlugin::restrictions)) restrictions();
    if (has(key_, VolumePlugin::binding)) binding();
    if (has(key_, VolumePlugin::zone)) zone();
    if (has(key_, VolumePlugin::node_limits)) node_limits();
    return std::move(demand_);
  }

 private:
  void refuse(VolumePlugin plugin, std::string text) {
    if (!demand_.refusal) demand_.refusal = PodRefusal{plugin, std::move(text)};
  }

  void restrictions() {
    for (const model::PodVolume& volume : key_.volumes) {
      if (is_exclusive_disk(volume.kind)) demand_.disks.push_back(volume);
      if (volume.kind != model::VolumeKind::claim) continue;
      const model::ObjectKey key = claim_key(key_, volume);
      const ClaimEntry* claim = objects_.claim(key);
      if (claim == nullptr) return refuse(VolumePlugin::restrictions, not_found(key.name));
      const auto& modes = claim->object.access_modes;
      if (std::ranges::find(modes, kReadWriteOncePod) != modes.end()) demand_.exclusive_claims.push_back(key);
    }
  }

  // Says why the claim cannot be used; null: it cannot, and the refusal is noted.
  const ClaimEntry* usable(const model::PodVolume& volume) {
    const bool alone = volume.kind == model::VolumeKind::ephemeral;
    const model::ObjectKey key = claim_key(key_, volume);
    const ClaimEntry* claim = objects_.claim(key);
    std::string why;
    if (claim == nullptr) {
      why = alone ? fmt::format("waiting for ephemeral volume controller to create the persistentvolumeclaim \"{}\"", key.name)
                  : not_found(key.name);
    } else if (claim->object.lost) {
      why = fmt::format("persistentvolumeclaim \"{}\" bound to non-existent persistentvolume \"{}\"", key.name, claim->object.volume_name);
    } else if (claim->object.deletion_requested) {
      why = fmt::format("persistentvolumeclaim \"{}\" is being deleted", key.name);
    } else if (alone && !claim->made_for(key_.pod_uid)) {
      why = not_made_for(key_, key);
    }
    if (why.empty()) return claim;
    refuse(VolumePlugin::binding, std::move(why));
    return nullptr;
  }

  void binding() {
    std::vector<const ClaimEntry*> claims;
    for (const model::PodVolume& volume : key_.volumes) {
      if (!needs_claim(volume)) continue;
      const ClaimEntry* claim = usable(volume);
      if (claim == nullptr) return;
      if (std::ranges::find(claims, claim) == claims.end()) claims.push_back(claim);
    }
    for (const ClaimEntry* claim : claims) {
      if (claim->object.bound && !claim->object.volume_name.empty()) {
        demand_.bound.push_back({claim, objects_.volume(claim->object.volume_name)});
      } else if (waits(*claim)) {
        demand_.delayed.push_back(claim);
      } else {
        return refuse(VolumePlugin::binding, "pod has unbound immediate PersistentVolumeClaims");
      }
    }
    demand_.by_size = demand_.delayed;
    std::ranges::stable_sort(demand_.by_size, {}, [](const ClaimEntry* claim) { return claim->object.request.v; });
  }

  bool waits(const ClaimEntry& claim) const {
    const model::StorageClass* of = objects_.storage_class(claim.storage_class());
    return of != nullptr && of->wait_for_first_consumer && claim.object.volume_name.empty();
  }

  void zone() {
    for (const model::PodVolume& volume : key_.volumes) {
      if (volume.kind != model::VolumeKind::claim) continue;
      const model::ObjectKey key = claim_key(key_, volume);
      const ClaimEntry* claim = objects_.claim(key);
      if (claim == nullptr) return refuse(VolumePlugin::zone, not_found(key.name));
      const std::string& name = claim->object.volume_name;
      if (name.empty()) {
        if (!zone_can_wait(*claim)) return;
        continue;
      }
      const VolumeEntry* bound = objects_.volume(name);
      if (bound == nullptr) return refuse(VolumePlugin::zone, fmt::format("persistentvolume \"{}\" not found", name));
      demand_.zones.insert(demand_.zones.end(), bound->zones.begin(), bound->zones.end());
    }
  }

  bool zone_can_wait(const ClaimEntry& claim) {
    if (claim.storage_class().empty()) {
      refuse(VolumePlugin::zone, "PersistentVolumeClaim had no pv name and storageClass name");
      return false;
    }
    const model::StorageClass* of = objects_.storage_class(claim.storage_class());
    if (of == nullptr) {
      refuse(VolumePlugin::zone, fmt::format("storageclass.storage.k8s.io \"{}\" not found", claim.storage_class()));
    } else if (!of->wait_for_first_consumer) {
      refuse(VolumePlugin::zone, "PersistentVolume had no name");
    }
    return of != nullptr && of->wait_for_first_consumer;
  }

  void node_limits() {
    for (const model::PodVolume& volume : key_.volumes) {
      if (const auto disk = inline_disk(volume)) demand_.attachables.push_back({std::string(disk->driver), disk->handle, true});
      if (!needs_claim(volume)) continue;
      const model::ObjectKey key = claim_key(key_, volume);
      const ClaimEntry* claim = objects_.claim(key);
      if (claim == nullptr) {
        return refuse(VolumePlugin::node_limits, fmt::format("looking up PVC {}/{}: {}", key.ns, key.name, not_found(key.name)));
      }
      if (volume.kind == model::VolumeKind::ephemeral && !claim->made_for(key_.pod_uid)) {
        return refuse(VolumePlugin::node_limits, not_made_for(key_, key));
      }
      if (auto known = objects_.attachable(*claim)) demand_.attachables.push_back(*std::move(known));
    }
    // One that both an in-tree plugin and its driver name is the driver's.
    std::ranges::sort(demand_.attachables);
    const auto same = [](const Attachable& a, const Attachable& b) { return a.driver == b.driver && a.handle == b.handle; };
    const auto end = std::unique(demand_.attachables.begin(), demand_.attachables.end(), same);
    demand_.attachables.erase(end, demand_.attachables.end());
  }

  const DemandKey& key_;
  const StorageObjects& objects_;
  VolumeDemand demand_;
};

}   // namespace

bool operator<(const DemandKey& a, const DemandKey& b) {
  const auto head = [](const DemandKey& key) { return std::tie(key.ns, key.plugins, key.pod, key.pod_uid); };
  if (head(a) != head(b)) return head(a) < head(b);
  return std::ranges::lexicographical_compare(a.volumes, b.volumes,
                                              [](const model::PodVolume& x, const model::PodVolume& y) { return fields(x) < fields(y); });
}

std::optional<DemandKey> demand_key(const model::Pod& pod, VolumePlugins plugins) {
  if (pod.volumes.empty()) return std::nullopt;
  DemandKey key{pod.key.ns, plugins, {}, {}, {}};
  for (const model::PodVolume& volume : pod.volumes) {
    if (!needs_claim(volume) && !is_exclusive_disk(volume.kind) && !inline_disk(volume)) continue;
    key.volumes.push_back(volume);
    if (volume.kind == model::VolumeKind::ephemeral) {
      key.pod = pod.key.name;
      key.pod_uid = pod.uid;
    } else {
      key.volumes.back().name.clear();   // what it is called inside the pod makes no difference
    }
  }
  if (key.volumes.empty()) return std::nullopt;
  return key;
}

std::vector<model::ObjectKey> claims_of(const DemandKey& key) {
  std::vector<model::ObjectKey> claims;
  for (const model::PodVolume& volume : key.volumes) {
    if (needs_claim(volume)) claims.push_back(claim_key(key, volume));
  }
  std::ranges::sort(claims);
  claims.erase(std::unique(claims.begin(), claims.end()), claims.end());
  return claims;
}

VolumeDemand work_out(const DemandKey& key, const StorageObjects& objects) { return Work(key, objects).done(); }

}   // namespace ebb::core::volumes
