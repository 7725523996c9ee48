#pragma once

// Everything about storage that says where a pod may go: VolumeRestrictions, NodeVolumeLimits,
// VolumeBinding and VolumeZone of the default scheduler, with its answers and its words; and the
// protocol by which claims follow their pod to the node that was chosen for it.
// Pods without volumes cost nothing. All answers come from counts and indexes that events keep up to date.

#include "base/id.h"
#include "core/volumes/volume_attempts.h"
#include "core/volumes/volume_refusal.h"
#include "model/cluster_action.h"
#include "model/cluster_event.h"
#include "model/profile/plugin_args.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ebb::core::volumes {

// What pods with the same volumes have in common. Counted: each acquire needs its release.
using DemandId = Id<struct VolumeDemandTag, std::uint32_t>;

struct DemandChange {
  DemandId demand;
  bool better = false;   // what was refused may be allowed now: its pods are worth another try

  friend bool operator==(const DemandChange&, const DemandChange&) = default;
};
struct SlotChange {
  Slot slot = 0;
  bool better = false;   // the node may take volumes now that it refused before

  friend bool operator==(const SlotChange&, const SlotChange&) = default;
};
// What has changed since the last time, each at most once and in order.
struct VolumeChanges {
  std::vector<DemandChange> demands;   // their answers for every node
  std::vector<SlotChange> slots;       // these nodes' answers for every demand

  bool empty() const { return demands.empty() && slots.empty(); }
};

struct Assumption {
  bool bound = false;                          // nothing is left to do: bind the pod at once
  std::vector<model::ClusterAction> actions;   // BindVolume, SelectClaimNode. May be empty although not bound: somebody else is at it
};

class VolumeBook {
 public:
  VolumeBook();
  ~VolumeBook();
  VolumeBook(VolumeBook&&) noexcept;
  VolumeBook& operator=(VolumeBook&&) noexcept;

  void step(const model::VolumeClaimSeen& event);
  void step(const model::VolumeClaimGone& event);
  void step(const model::VolumeSeen& event);
  void step(const model::VolumeGone& event);
  void step(const model::StorageClassSeen& event);
  void step(const model::StorageClassGone& event);
  void step(const model::CsiNodeSeen& event);
  void step(const model::CsiNodeGone& event);
  void step(const model::CsiDriverSeen& event);
  void step(const model::CsiDriverGone& event);
  void step(const model::CsiStorageCapacitySeen& event);
  void step(const model::CsiStorageCapacityGone& event);
  void step(const model::VolumeAttachmentSeen& event);
  void step(const model::VolumeAttachmentGone& event);

  // A slot is a node's, from when it is seen until it is gone. To be told when a label changes.
  void node_seen(Slot slot, const model::Node& node);
  void node_gone(Slot slot);

  // None: the pod has no volumes that matter, and every node is fine.
  std::optional<DemandId> acquire(const model::Pod& pod, VolumePlugins plugins = kEveryVolumePlugin);
  void release(DemandId demand);
  // Null: it depends on the node. Valid until the next event.
  const PodRefusal* pod_refusal(DemandId demand) const;
  // Grows whenever an answer for this demand may have changed other than by a SlotChange.
  std::uint64_t generation(DemandId demand) const;

  // The first plugin that refuses, with all its reasons. Requires: no pod_refusal.
  std::optional<VolumeRefusal> refusal(DemandId demand, Slot slot, const model::Node& node) const;
  // VolumeBinding's score, 0..100, by how full free volumes and published capacity would be; `shape` as in its arguments.
  std::int64_t score(DemandId demand, Slot slot, const model::Node& node, std::span<const model::ShapePoint> shape) const;

  // Pods on nodes, placed or assumed there, whoever placed them; those without volumes may be left out.
  void add_pod(Slot slot, const model::Pod& pod);
  void remove_pod(Slot slot, const model::Pod& pod);
  // The same for a trial that is taken back before the next event: nothing is recorded as changed.
  void take_out(Slot slot, const model::Pod& pod);
  void put_back(Slot slot, const model::Pod& pod);

  // Where a pod goes its claims go. None: it does not fit there (any more). add_pod is the caller's.
  std::optional<Assumption> assume(DemandId demand, const model::Uid& pod, Slot slot, const model::Node& node);
  Progress progress(const model::Uid& pod) const;     // bound for a pod that has nothing under way
  std::string failure(const model::Uid& pod) const;   // in words, where progress is failed
  std::vector<model::Uid> take_progressed();          // pods under way whose progress may have changed, each once, in order
  // The attempt is over, for good or bad: what it has assumed and nobody has seen is free again. Idempotent.
  void forget(const model::Uid& pod);

  VolumeChanges take_changes();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}   // namespace ebb::core::volumes
