#pragma once

// What a pod's volumes ask for, worked out once for all nodes and all pods with the same volumes:
// which claims have their volume, which get one where the pod goes, and what refuses the pod everywhere.

#include "core/volumes/node_volumes.h"
#include "core/volumes/storage_objects.h"
#include "core/volumes/volume_refusal.h"
#include "model/pod.h"

#include <optional>
#include <string>
#include <vector>

namespace ebb::core::volumes {

// Pods that are equal in this have equal answers.
struct DemandKey {
  std::string ns;
  VolumePlugins plugins = kEveryVolumePlugin;
  std::vector<model::PodVolume> volumes;
  std::string pod;   // name and uid only where a claim is made for the pod alone
  model::Uid pod_uid;

  friend bool operator==(const DemandKey&, const DemandKey&) = default;
  friend bool operator<(const DemandKey& a, const DemandKey& b);
};
// None: nothing that matters to any plugin.
std::optional<DemandKey> demand_key(const model::Pod& pod, VolumePlugins plugins);
std::vector<model::ObjectKey> claims_of(const DemandKey& key);

// Pointers are valid until the next event.
struct VolumeDemand {
  std::optional<PodRefusal> refusal;

  // VolumeRestrictions
  std::vector<model::PodVolume> disks;
  std::vector<model::ObjectKey> exclusive_claims;   // ReadWriteOncePod
  // NodeVolumeLimits: sorted, each once
  std::vector<Attachable> attachables;
  // VolumeBinding
  struct Bound {
    const ClaimEntry* claim = nullptr;
    const VolumeEntry* volume = nullptr;   // null: it does not exist
  };
  std::vector<Bound> bound;
  std::vector<const ClaimEntry*> delayed;   // in the pod's order
  std::vector<const ClaimEntry*> by_size;   // the same, the smallest first
  // VolumeZone
  std::vector<ZoneDemand> zones;
};
VolumeDemand work_out(const DemandKey& key, const StorageObjects& objects);

}   // namespace ebb::core::volumes
