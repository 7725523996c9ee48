// Claims, volumes, storage classes, and what CSI drivers say of nodes and of themselves.

#include "base/check.h"
#include "kube/decode_fields.h"

#include <algorithm>
#include <array>

namespace ebb::kube {
namespace {

constexpr std::string_view kOldClassAnnotation = "volume.beta.kubernetes.io/storage-class";

Status read_storage_amount(JsonValue value, Bytes& out) {
  return each_field(value,
                    [&](std::string_view key, JsonValue amount) -> Status { return key == "storage" ? read(amount, out) : Status(); });
}

Status read_claim_spec(std::string_view key, JsonValue value, model::VolumeClaim& claim) {
  if (key == "storageClassName") return json_is_null(value) ? Status() : read(value, claim.storage_class.emplace());
  if (key == "accessModes") return read_texts(value, claim.access_modes);
  if (key == "volumeMode") return read(value, claim.volume_mode);
  if (key == "selector") return read_label_selector(value, claim.selector);
  if (key == "volumeName") return read(value, claim.volume_name);
  if (key == "volumeAttributesClassName") return read(value, claim.attributes_class);
  if (key == "resources") {
    return each_field(value, [&](std::string_view part, JsonValue amounts) -> Status {
      return part == "requests" ? read_storage_amount(amounts, claim.request) : Status();
    });
  }
  return {};
}

Result<Decoded> read_claim(JsonObject object, Metadata& metadata) {
  model::VolumeClaimSeen seen;
  model::VolumeClaim& claim = seen.claim;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "spec") {
      return each_field(value, [&](std::string_view field, JsonValue inner) { return read_claim_spec(field, inner, claim); });
    }
    if (key != "status") return {};
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      if (field != "phase") return {};
      EBB_TRY(const std::string_view phase, read_view(inner));
      claim.lost = phase == "Lost";
      return {};
    });
  }));
  // The annotation is from before the field and still wins where both stand.
  if (metadata.annotations.contains(kOldClassAnnotation)) claim.storage_class = std::string(annotation(metadata, kOldClassAnnotation));
  claim.bound = !claim.volume_name.empty() && metadata.annotations.contains("pv.kubernetes.io/bind-completed");
  claim.selected_node = annotation(metadata, "volume.kubernetes.io/selected-node");
  claim.key = metadata.key;
  claim.uid = metadata.uid;
  claim.resource_version = metadata.resource_version;
  claim.deletion_requested = metadata.deletion_requested;
  claim.labels = std::move(metadata.labels);
  claim.owners = std::move(metadata.owners);
  return finish_object(std::move(metadata), std::move(seen));
}

// A volume's source, with the driver that serves it: those of old are served by a CSI driver by now.
struct VolumeSource {
  std::string_view field;
  std::string_view driver;   // empty: the source names it
  std::string_view handle;
  std::string_view plugin;   // that of old
};
constexpr auto kVolumeSources = std::to_array<VolumeSource>({
    {"csi", "", "volumeHandle", ""},
    {"gcePersistentDisk", "pd.csi.storage.gke.io", "pdName", "kubernetes.io/gce-pd"},
    {"awsElasticBlockStore", "ebs.csi.aws.com", "volumeID", "kubernetes.io/aws-ebs"},
    {"azureDisk", "disk.csi.azure.com", "diskURI", "kubernetes.io/azure-disk"},
    {"azureFile", "file.csi.azure.com", "shareName", "kubernetes.io/azure-file"},
    {"cinder", "cinder.csi.openstack.org", "volumeID", "kubernetes.io/cinder"},
    {"vsphereVolume", "csi.vsphere.vmware.com", "volumePath", "kubernetes.io/vsphere-volume"},
    {"portworxVolume", "pxd.portworx.com", "volumeID", "kubernetes.io/portworx-volume"},
});

Status read_volume_source(JsonValue value, const VolumeSource& source, model::Volume& volume) {
  if (json_is_null(value)) return {};
  volume.csi_driver = source.driver;
  volume.in_tree_plugin = source.plugin;
  EBB_TRY_VOID(each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == source.handle) return read(field, volume.csi_handle);
    if (key == "driver" && source.driver.empty()) return read(field, volume.csi_driver);
    return {};
  }));
  // "aws://zone/vol-1" and "vol-1" are one volume.
  if (source.field == "awsElasticBlockStore") volume.csi_handle.erase(0, volume.csi_handle.rfind('/') + 1);
  return {};
}

Status read_claim_ref(JsonValue value, model::Volume& volume) {
  if (json_is_null(value)) return {};
  model::ObjectKey& claim = volume.claim.emplace();
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "namespace") return read(field, claim.ns);
    if (key == "name") return read(field, claim.name);
    if (key == "uid") return read(field, volume.claim_uid.v);
    return {};
  });
}

Status read_volume_spec(std::string_view key, JsonValue value, model::Volume& volume) {
  if (key == "storageClassName") return read(value, volume.storage_class);
  if (key == "accessModes") return read_texts(value, volume.access_modes);
  if (key == "volumeMode") return read(value, volume.volume_mode);
  if (key == "volumeAttributesClassName") return read(value, volume.attributes_class);
  if (key == "capacity") return read_storage_amount(value, volume.capacity);
  if (key == "claimRef") return read_claim_ref(value, volume);
  if (key == "nodeAffinity") {
    return each_field(value, [&](std::string_view part, JsonValue selector) -> Status {
      return part == "required" ? read_node_selector(selector, volume.node_terms, volume.has_node_affinity) : Status();
    });
  }
  const auto* const source = std::ranges::find(kVolumeSources, key, &VolumeSource::field);
  return source == kVolumeSources.end() ? Status() : read_volume_source(value, *source, volume);
}

Result<Decoded> read_volume(JsonObject object, Metadata& metadata) {
  model::VolumeSeen seen;
  model::Volume& volume = seen.volume;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "spec") {
      return each_field(value, [&](std::string_view field, JsonValue inner) { return read_volume_spec(field, inner, volume); });
    }
    if (key != "status") return {};
    return each_field(
        value, [&](std::string_view field, JsonValue inner) -> Status { return field == "phase" ? read(inner, volume.phase) : Status(); });
  }));
  if (metadata.annotations.contains(kOldClassAnnotation)) volume.storage_class = annotation(metadata, kOldClassAnnotation);
  volume.name = metadata.key.name;
  volume.uid = metadata.uid;
  volume.resource_version = metadata.resource_version;
  volume.deletion_requested = metadata.deletion_requested;
  volume.labels = std::move(metadata.labels);
  return finish_object(std::move(metadata), std::move(seen));
}

// One of allowedTopologies: every key has one of its values.
Status read_topology_term(JsonValue value, model::NodeSelectorTerm& term) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key != "matchLabelExpressions") return {};
    return each_item(field, [&](JsonValue item) {
      model::SelectorRequirement& requirement = term.match_labels.requirements.emplace_back();
      requirement.op = model::SelectorOperator::in;
      return each_field(item, [&](std::string_view part, JsonValue inner) -> Status {
        if (part == "key") return read(inner, requirement.key);
        if (part == "values") return read_texts(inner, requirement.values);
        return {};
      });
    });
  });
}

Result<Decoded> read_storage_class(JsonObject object, Metadata& metadata) {
  model::StorageClassSeen seen;
  model::StorageClass& storage = seen.storage_class;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "provisioner") return read(value, storage.provisioner);
    if (key == "volumeBindingMode") {
      EBB_TRY(const std::string_view mode, read_view(value));
      storage.wait_for_first_consumer = mode == "WaitForFirstConsumer";
    }
    if (key == "allowedTopologies") {
      return each_item(value, [&](JsonValue item) { return read_topology_term(item, storage.allowed_topologies.emplace_back()); });
    }
    return {};
  }));
  storage.name = metadata.key.name;
  storage.created = metadata.created;
  storage.is_default = annotation(metadata, "storageclass.kubernetes.io/is-default-class") == "true" ||
                       annotation(metadata, "storageclass.beta.kubernetes.io/is-default-class") == "true";
  return finish_object(std::move(metadata), std::move(seen));
}

Status read_node_driver(JsonValue value, model::CsiNodeDriver& driver) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "name") return read(field, driver.name);
    if (key == "topologyKeys") return read_texts(field, driver.topology_keys);
    if (key != "allocatable") return {};
    return each_field(field, [&](std::string_view part, JsonValue count) -> Status {
      return part == "count" ? read(count, driver.attach_limit) : Status();
    });
  });
}

Result<Decoded> read_csi_node(JsonObject object, Metadata& metadata) {
  model::CsiNodeSeen seen;
  model::CsiNode& node = seen.node;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key != "spec") return {};
    return each_field(value, [&](std::string_view field, JsonValue drivers) -> Status {
      if (field != "drivers") return {};
      return each_item(drivers, [&](JsonValue item) { return read_node_driver(item, node.drivers.emplace_back()); });
    });
  }));
  node.node.v = metadata.key.name;
  std::string_view plugins = annotation(metadata, "storage.alpha.kubernetes.io/migrated-plugins");
  while (!plugins.empty()) {
    const std::string_view plugin = plugins.substr(0, plugins.find(','));
    if (!plugin.empty()) node.migrated_plugins.emplace_back(plugin);
    plugins.remove_prefix(std::min(plugins.size(), plugin.size() + 1));
  }
  return finish_object(std::move(metadata), std::move(seen));
}

Result<Decoded> read_csi_driver(JsonObject object, Metadata& metadata) {
  model::CsiDriverSeen seen;
  model::CsiDriver& driver = seen.driver;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key != "spec") return {};
    return each_field(value, [&](std::string_view field, JsonValue inner) -> Status {
      if (field == "storageCapacity") return read(inner, driver.storage_capacity);
      if (field == "attachRequired") return read(inner, driver.attach_required);
      if (field == "preventPodSchedulingIfMissing") return read(inner, driver.required_on_node);
      return {};
    });
  }));
  driver.name = metadata.key.name;
  return finish_object(std::move(metadata), std::move(seen));
}

Result<Decoded> read_capacity(JsonObject object, Metadata& metadata) {
  model::CsiStorageCapacitySeen seen;
  model::CsiStorageCapacity& capacity = seen.capacity;
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "storageClassName") return read(value, capacity.storage_class);
    if (key == "nodeTopology") return read_label_selector(value, capacity.node_topology);
    if (key == "capacity" && !json_is_null(value)) return read(value, capacity.capacity.emplace());
    if (key == "maximumVolumeSize" && !json_is_null(value)) return read(value, capacity.maximum_volume_size.emplace());
    return {};
  }));
  capacity.key = metadata.key;
  return finish_object(std::move(metadata), std::move(seen));
}

}   // namespace

Result<Decoded> read_storage_object(ObjectType type, JsonObject object, Metadata& metadata) {
  switch (type) {
    case ObjectType::volume_claim: return read_claim(object, metadata);
    case ObjectType::volume: return read_volume(object, metadata);
    case ObjectType::storage_class: return read_storage_class(object, metadata);
    case ObjectType::csi_node: return read_csi_node(object, metadata);
    case ObjectType::csi_driver: return read_csi_driver(object, metadata);
    case ObjectType::csi_storage_capacity: return read_capacity(object, metadata);
    default: EBB_UNREACHABLE();
  }
}

}   // namespace ebb::kube
