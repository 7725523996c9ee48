#pragma once

// The inside of VolumeBook: the objects, what is used of them, who asks for what, and what has changed.
// A demand's generation is the time, counted in events, of the latest change to itself or to the
// stock of a class that it could take from: thousands of volumes can come without touching every demand.

#include "core/volumes/node_volumes.h"
#include "core/volumes/storage_objects.h"
#include "core/volumes/volume_attempts.h"
#include "core/volumes/volume_book.h"
#include "core/volumes/volume_demand.h"
#include "core/volumes/volume_match.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ebb::core::volumes {

struct VolumeBook::State {
  struct Demand {
    DemandKey key;
    int holders = 0;
    std::uint64_t changed = 0;
    // Worked out when asked for, and again when `stale`.
    bool stale = true;
    VolumeDemand known;
  };
  struct Attachment {
    model::VolumeAttachment object;
    std::optional<Slot> slot;
    std::optional<NodeVolumes::DriverVolume> counted;   // at the slot
  };

  Demand& at(DemandId id);
  const VolumeDemand& known(DemandId id);
  const model::CsiNode* csi_at(Slot slot) const { return slot < csi_at_slot.size() ? csi_at_slot[slot] : nullptr; }

  std::optional<VolumeRefusal> restricted(const VolumeDemand& demand, Slot slot) const;
  std::optional<VolumeRefusal> limited(const VolumeDemand& demand, Slot slot) const;
  // More than may be: who brings nothing new is still welcome there, so that any newcomer can help those who share its volume.
  bool over_limit(Slot slot) const;
  std::uint64_t generation(DemandId id);

  void touch(DemandId id, bool better);
  void touch_claim(const model::ObjectKey& claim, bool better);
  void touch_class(std::string_view name, bool better);
  void touch_slot(Slot slot, bool better) { changed_slots[slot] |= better; }
  void touch_users(const std::vector<model::ObjectKey>& turned, bool better);   // whose only user came or went
  void spread_class_changes();

  void claim_changed(const model::ObjectKey& key, bool better);
  void volume_changed(const std::string& name, bool better);
  void class_object_changed(const std::string& name, bool better);
  void driver_changed(bool better);
  void csi_node_changed(const model::NodeName& name, bool better);
  void recount(const model::ObjectKey& claim);
  void recount_attachment(Attachment& attachment);
  std::optional<NodeVolumes::DriverVolume> counted_as(const model::VolumeAttachment& attachment) const;

  StorageObjects objects;
  NodeVolumes used{objects};
  VolumeAttempts attempts{objects};

  std::map<std::string, model::CsiNode, std::less<>> csi_nodes;
  std::map<std::string, Slot, std::less<>> slots;   // of nodes that are there
  std::vector<std::string> names;                   // by slot; empty: not there
  std::vector<const model::CsiNode*> csi_at_slot;

  std::map<std::string, Attachment> attachments;
  std::map<std::string, std::set<std::string>> attachments_of_volume;
  std::map<std::string, std::set<std::string>> attachments_at_node;

  std::vector<std::optional<Demand>> demands;
  std::vector<std::uint32_t> spare;
  std::map<DemandKey, std::uint32_t> ids;
  std::map<model::ObjectKey, std::set<std::uint32_t>> demands_of_claim;

  std::uint64_t now = 0;
  std::map<std::string, std::uint64_t, std::less<>> class_changed_at;
  std::map<std::string, bool, std::less<>> changed_classes;   // not spread to demands yet
  std::map<std::uint32_t, bool> changed_demands;
  std::map<Slot, bool> changed_slots;
};

}   // namespace ebb::core::volumes
