#pragma once

// Persistent storage as placing pods sees it: claims, volumes, classes, and what nodes can attach.

#include "base/time.h"
#include "base/units.h"
#include "model/names.h"
#include "model/pod.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ebb::model {

struct VolumeClaim {   // PersistentVolumeClaim
  ObjectKey key;
  Uid uid;
  std::string resource_version;
  Labels labels;
  std::optional<Instant> deletion_requested;
  std::optional<std::string> storage_class;   // none: the default class will be filled in; "": none wanted
  std::vector<std::string> access_modes;      // ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod
  std::string volume_mode = "Filesystem";
  Bytes request;
  std::optional<LabelSelector> selector;
  std::string volume_name;     // spec.volumeName
  bool bound = false;          // annotation pv.kubernetes.io/bind-completed with a volume name
  bool lost = false;           // phase Lost
  std::string selected_node;   // annotation volume.kubernetes.io/selected-node
  std::vector<OwnerRef> owners;
  std::string attributes_class;   // spec.volumeAttributesClassName

  friend bool operator==(const VolumeClaim&, const VolumeClaim&) = default;
};

struct Volume {   // PersistentVolume
  std::string name;
  Uid uid;
  std::string resource_version;
  Labels labels;
  std::optional<Instant> deletion_requested;
  std::string storage_class;
  std::vector<std::string> access_modes;
  std::string volume_mode = "Filesystem";
  Bytes capacity;
  std::optional<ObjectKey> claim;             // claimRef
  Uid claim_uid;                              // empty: reserved for that claim beforehand
  std::string phase;                          // Pending, Available, Bound, Released, Failed
  std::vector<NodeSelectorTerm> node_terms;   // spec.nodeAffinity.required
  bool has_node_affinity = false;
  std::string csi_driver;   // also of in-tree volumes that have been migrated: the driver that stands in
  std::string csi_handle;
  std::string in_tree_plugin;   // "kubernetes.io/aws-ebs" and so on where the volume was written for one; empty: a CSI volume or neither
  std::string attributes_class;

  friend bool operator==(const Volume&, const Volume&) = default;
};

struct StorageClass {
  std::string name;
  std::string provisioner;
  bool wait_for_first_consumer = false;
  bool is_default = false;
  Instant created;
  std::vector<NodeSelectorTerm> allowed_topologies;   // matchLabelExpressions as terms: In only

  friend bool operator==(const StorageClass&, const StorageClass&) = default;
};

struct CsiNodeDriver {
  std::string name;
  std::optional<std::int32_t> attach_limit;   // allocatable.count
  std::vector<std::string> topology_keys;

  friend bool operator==(const CsiNodeDriver&, const CsiNodeDriver&) = default;
};

struct CsiNode {
  NodeName node;
  std::vector<CsiNodeDriver> drivers;
  std::vector<std::string> migrated_plugins;   // annotation storage.alpha.kubernetes.io/migrated-plugins

  friend bool operator==(const CsiNode&, const CsiNode&) = default;
};

struct CsiDriver {
  std::string name;
  bool storage_capacity = false;   // capacity objects are published and must be looked at
  bool attach_required = true;
  bool required_on_node = false;   // preventPodSchedulingIfMissing

  friend bool operator==(const CsiDriver&, const CsiDriver&) = default;
};

struct CsiStorageCapacity {
  ObjectKey key;
  std::string storage_class;
  std::optional<Bytes> capacity;
  std::optional<Bytes> maximum_volume_size;
  std::optional<LabelSelector> node_topology;   // none: nowhere

  friend bool operator==(const CsiStorageCapacity&, const CsiStorageCapacity&) = default;
};

// A volume that is, or is being, attached to a node, whichever pod it is for.
struct VolumeAttachment {
  std::string name;
  std::string attacher;   // the CSI driver
  NodeName node;
  std::string volume;   // source.persistentVolumeName; empty: an inline one

  friend bool operator==(const VolumeAttachment&, const VolumeAttachment&) = default;
};

}   // namespace ebb::model
