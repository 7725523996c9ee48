#pragma once

// Claims, volumes, classes, drivers and capacities as they were last seen, with what was decided for
// them since and is not seen yet laid over: a volume reserved for a claim, a node selected for one.
// A decision is laid over until it is withdrawn, or until what is seen says more.

#include "core/volumes/reach.h"
#include "model/storage.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace ebb::core::volumes {

struct ClaimEntry {
  model::VolumeClaim object;
  std::string assumed_node;
  int assumed_by = 0;   // attempts

  std::string_view storage_class() const { return object.storage_class ? std::string_view(*object.storage_class) : std::string_view(); }
  // Where it is to be provided; empty: not decided.
  const std::string& selected_node() const { return object.selected_node.empty() ? assumed_node : object.selected_node; }
  // The claim was made for that pod alone.
  bool made_for(const model::Uid& pod) const;
};

struct VolumeEntry {
  model::Volume object;
  std::vector<model::NodeSelectorTerm> migrated_terms;   // where its plugin has moved to a driver
  std::vector<ZoneDemand> zones;
  Reach reach;
  std::optional<model::ObjectKey> assumed_claim;
  model::Uid assumed_uid;
  int assumed_by = 0;   // attempts

  struct Owner {   // null: nobody's
    const model::ObjectKey* claim = nullptr;
    const model::Uid* uid = nullptr;   // empty: reserved by name
  };
  Owner owner() const;
  bool belongs_to(const model::VolumeClaim& claim) const;
  bool free() const;
};

// What the capacity object says one volume can have.
std::optional<Bytes> volume_limit(const model::CsiStorageCapacity& capacity);

// Where a volume counts towards an attach limit.
struct Attachable {
  std::string driver;
  std::string handle;
  bool in_tree = false;   // counted only where the node has told of its drivers

  friend auto operator<=>(const Attachable&, const Attachable&) = default;
};

class StorageObjects {
 public:
  using FreeVolumes = ReachIndex<std::pair<std::int64_t, std::string>, const VolumeEntry*>;   // by size
  using Capacities = ReachIndex<model::ObjectKey, const model::CsiStorageCapacity*>;

  const ClaimEntry* claim(const model::ObjectKey& key) const;
  const VolumeEntry* volume(std::string_view name) const;
  const model::StorageClass* storage_class(std::string_view name) const;
  const model::CsiDriver* driver(std::string_view name) const;
  const model::CsiStorageCapacity* capacity(const model::ObjectKey& key) const;

  // Null: none. Volumes that nobody has and a claim may have.
  const FreeVolumes* free_volumes(std::string_view storage_class) const;
  const Capacities* capacities(std::string_view storage_class) const;
  // Names of the volumes that belong to the claim, whether it knows that or not.
  const std::set<std::string>* volumes_of(const model::ObjectKey& claim) const;
  const std::set<model::ObjectKey>* claims_on_volume(std::string_view name) const;
  const std::set<model::ObjectKey>* claims_of_class(std::string_view name) const;

  std::optional<Attachable> attachable(const ClaimEntry& claim) const;

  void put(model::VolumeClaim claim);
  void put(model::Volume volume);
  void put(model::StorageClass storage_class);
  void put(model::CsiDriver driver);
  void put(model::CsiStorageCapacity capacity);
  void drop_claim(const model::ObjectKey& key);
  void drop_volume(const std::string& name);
  void drop_class(const std::string& name);
  void drop_driver(const std::string& name);
  void drop_capacity(const model::ObjectKey& key);

  // Counted: each needs its counterpart. What does not exist (any more) is left alone.
  void assume_volume(const std::string& volume, const model::VolumeClaim& claim);
  void free_volume(const std::string& volume, const model::ObjectKey& claim, const model::Uid& uid);
  void assume_node(const model::ObjectKey& claim, const std::string& node);
  void free_node(const model::ObjectKey& claim, const model::Uid& uid);

 private:
  void index(const VolumeEntry& volume);
  void unindex(const VolumeEntry& volume);

  std::map<model::ObjectKey, ClaimEntry> claims_;
  std::map<std::string, VolumeEntry, std::less<>> volumes_;
  std::map<std::string, model::StorageClass, std::less<>> classes_;
  std::map<std::string, model::CsiDriver, std::less<>> drivers_;
  std::map<model::ObjectKey, model::CsiStorageCapacity> capacity_objects_;

  std::map<std::string, FreeVolumes, std::less<>> free_;        // by class
  std::map<std::string, Capacities, std::less<>> capacities_;   // by class
  std::map<model::ObjectKey, std::set<std::string>> by_owner_;
  std::map<std::string, std::set<model::ObjectKey>, std::less<>> claims_by_volume_;
  std::map<std::string, std::set<model::ObjectKey>, std::less<>> claims_by_class_;
};

}   // namespace ebb::core::volumes
