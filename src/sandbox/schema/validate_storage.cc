#include "model/quantity.h"
#include "sandbox/schema/report.h"

namespace ebb::sandbox {

namespace {

void validate_modes(Report& report, const json::object& spec) {
  const json::array* modes = array_at(spec, "accessModes");
  for (std::size_t i = 0; modes && i < modes->size(); ++i) {
    const json::value& mode = (*modes)[i];
    const std::string_view text = mode.is_string() ? std::string_view(mode.get_string()) : "";
    if (text == "ReadOnlyMany" || text == "ReadWriteMany" || text == "ReadWriteOnce" || text == "ReadWriteOncePod") continue;
    report.unsupported("spec.accessModes", mode, {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"});
  }
}

void validate_size(Report& report, const json::value* amount, const std::string& field) {
  if (!amount) return report.required(field);
  if (!amount->is_string()) return;
  const auto parsed = model::parse_quantity(amount->get_string());
  if (parsed && parsed->nanos <= 0) report.invalid(field, *amount, "must be greater than zero");
}

bool has_modes(const json::object& spec) {
  const json::array* modes = array_at(spec, "accessModes");
  return modes && !modes->empty();
}

void validate_claim(Report& report, const json::object& spec, const json::object* previous) {
  if (!has_modes(spec)) report.required("spec.accessModes", "at least 1 access mode is required");
  validate_modes(report, spec);
  validate_size(report, find_path(spec, "resources.requests.storage"), "spec.resources[storage]");
  validate_selector(report, object_at(spec, "selector"), "spec.selector");
  const json::object* before = previous ? object_at(*previous, "spec") : nullptr;
  if (!before) return;
  json::object allowed = *before;
  for (const std::string_view key : {"resources", "volumeAttributesClassName"}) {
    if (const json::value* value = spec.if_contains(key))
      allowed.insert_or_assign(key, *value);
    else
      allowed.erase(key);
  }
  if (string_at(*before, "volumeName").empty()) {   // binding fills in the volume and, late, the class
    for (const std::string_view key : {"volumeName", "storageClassName"}) {
      if (const json::value* value = spec.if_contains(key)) allowed.insert_or_assign(key, *value);
    }
  }
  if (allowed != spec) {
    report.forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
  }
}

void validate_volume(Report& report, const json::object& spec) {
  if (!has_modes(spec)) report.required("spec.accessModes");
  validate_modes(report, spec);
  const json::object* capacity = object_at(spec, "capacity");
  if (!capacity || capacity->empty()) report.required("spec.capacity");
  if (!capacity || !capacity->contains("storage") || capacity->size() > 1) {
    report.unsupported("spec.capacity", capacity ? json::value(*capacity) : json::value(), {"storage"});
  } else {
    validate_size(report, capacity->if_contains("storage"), "spec.capacity[storage]");
  }
  constexpr std::string_view kSources[] = {"awsElasticBlockStore",
                                           "azureDisk",
                                           "azureFile",
                                           "cephfs",
                                           "cinder",
                                           "csi",
                                           "fc",
                                           "flexVolume",
                                           "flocker",
                                           "gcePersistentDisk",
                                           "glusterfs",
                                           "hostPath",
                                           "iscsi",
                                           "local",
                                           "nfs",
                                           "photonPersistentDisk",
                                           "portworxVolume",
                                           "quobyte",
                                           "rbd",
                                           "scaleIO",
                                           "storageos",
                                           "vsphereVolume"};
  std::size_t sources = 0;
  for (const std::string_view source : kSources) sources += object_at(spec, source) ? 1 : 0;
  if (sources == 0) report.required("spec", "must specify a volume type");
  if (sources > 1) report.forbidden("spec", "may not specify more than 1 volume type");
}

void validate_class(Report& report, const json::object& object, const json::object* previous) {
  const std::string_view provisioner = string_at(object, "provisioner");
  if (provisioner.empty()) report.required("provisioner");
  if (string_at(object, "reclaimPolicy") != "Delete" && string_at(object, "reclaimPolicy") != "Retain") {
    report.unsupported("reclaimPolicy", json::value(string_at(object, "reclaimPolicy")), {"Delete", "Retain"});
  }
  const std::string_view mode = string_at(object, "volumeBindingMode");
  if (mode != "Immediate" && mode != "WaitForFirstConsumer")
    report.unsupported("volumeBindingMode", json::value(mode), {"Immediate", "WaitForFirstConsumer"});
  for (const std::string_view key : {"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"})
    check_immutable(report, object, previous, key);
}

}   // namespace

void validate_storage(Report& report, std::string_view kind, const json::object& object, const json::object* previous) {
  const json::object none;
  const json::object* found = object_at(object, "spec");
  const json::object& spec = found ? *found : none;
  if (kind == "PersistentVolumeClaim") validate_claim(report, spec, previous);
  if (kind == "PersistentVolume") validate_volume(report, spec);
  if (kind == "StorageClass") validate_class(report, object, previous);
}

}   // namespace ebb::sandbox
