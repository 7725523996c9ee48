#pragma once

// What claims without a volume would get on a node: the smallest free volume that does, or one to
// be made there. (FindPodVolumes of the default scheduler's volume binder.)

#include "core/volumes/storage_objects.h"
#include "core/volumes/volume_demand.h"
#include "model/profile/plugin_args.h"
#include "model/storage.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ebb::core::volumes {

// The node's side of it. `csi` is null where the node has told of no drivers.
struct NodeView {
  const std::string& name;
  const model::Labels& labels;
  const model::CsiNode* csi = nullptr;
};

struct VolumeMatch {
  std::uint16_t reasons = 0;   // bits of VolumeReason; 0: it fits
  struct Binding {
    const ClaimEntry* claim = nullptr;
    const VolumeEntry* volume = nullptr;
  };
  std::vector<Binding> bindings;
  struct Provision {
    const ClaimEntry* claim = nullptr;
    const model::CsiStorageCapacity* capacity = nullptr;   // null: nobody counts
  };
  std::vector<Provision> provisions;
};
VolumeMatch match_volumes(const VolumeDemand& demand, const StorageObjects& objects, const NodeView& node);

// The volume's node affinity, as its driver sees it where an in-tree plugin has moved there.
bool reachable_from(const VolumeEntry& volume, const NodeView& node);

// 0..100: the mean over storage classes of how well the use of free volumes, or where there are none of
// published capacity, suits the shape.
std::int64_t storage_score(const VolumeMatch& match, std::span<const model::ShapePoint> shape);

}   // namespace ebb::core::volumes
