#include "sandbox/api/strategy.h"

#include "model/quantity.h"
#include "sandbox/api/label_keys.h"
#include "sandbox/api/tree.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace ebb::sandbox {

namespace {

using Row = std::pair<std::string_view, std::string_view>;   // group, resource

bool among(std::span<const Row> rows, const ServedKind& kind) {
  return std::ranges::find(rows, Row{kind.kind.group, kind.kind.resource}) != rows.end();
}

// The built-in kinds whose metadata.generation counts changes of what is desired.
constexpr auto kGenerations = std::to_array<Row>({
    {"", "pods"},
    {"", "replicationcontrollers"},
    {"admissionregistration.k8s.io", "mutatingwebhookconfigurations"},
    {"admissionregistration.k8s.io", "validatingadmissionpolicies"},
    {"admissionregistration.k8s.io", "validatingadmissionpolicybindings"},
    {"admissionregistration.k8s.io", "validatingwebhookconfigurations"},
    {"apiextensions.k8s.io", "customresourcedefinitions"},
    {"apps", "daemonsets"},
    {"apps", "deployments"},
    {"apps", "replicasets"},
    {"apps", "statefulsets"},
    {"batch", "cronjobs"},
    {"batch", "jobs"},
    {"discovery.k8s.io", "endpointslices"},
    {"flowcontrol.apiserver.k8s.io", "flowschemas"},
    {"flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"},
    {"networking.k8s.io", "ingresses"},
    {"networking.k8s.io", "ingressclasses"},
    {"networking.k8s.io", "networkpolicies"},
    {"policy", "poddisruptionbudgets"},
    {"resource.k8s.io", "resourceslices"},
    {"scheduling.k8s.io", "priorityclasses"},
});

constexpr auto kNeedsVersion = std::to_array<Row>({
    {"apiextensions.k8s.io", "customresourcedefinitions"},
    {"apiregistration.k8s.io", "apiservices"},
    {"admissionregistration.k8s.io", "mutatingwebhookconfigurations"},
    {"admissionregistration.k8s.io", "validatingadmissionpolicies"},
    {"admissionregistration.k8s.io", "validatingadmissionpolicybindings"},
    {"admissionregistration.k8s.io", "validatingwebhookconfigurations"},
    {"coordination.k8s.io", "leases"},
    {"flowcontrol.apiserver.k8s.io", "flowschemas"},
    {"flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"},
    {"node.k8s.io", "runtimeclasses"},
    {"policy", "poddisruptionbudgets"},
    {"storage.k8s.io", "csidrivers"},
    {"storage.k8s.io", "csinodes"},
    {"storage.k8s.io", "volumeattachments"},
});

constexpr auto kCreateOnUpdate = std::to_array<Row>({
    {"", "endpoints"},
    {"", "events"},
    {"", "limitranges"},
    {"", "services"},
    {"coordination.k8s.io", "leases"},
    {"events.k8s.io", "events"},
    {"rbac.authorization.k8s.io", "clusterrolebindings"},
    {"rbac.authorization.k8s.io", "clusterroles"},
    {"rbac.authorization.k8s.io", "rolebindings"},
    {"rbac.authorization.k8s.io", "roles"},
});

constexpr auto kReturnsDeleted = std::to_array<Row>({
    {"", "persistentvolumeclaims"},
    {"", "persistentvolumes"},
    {"", "pods"},
    {"", "podtemplates"},
    {"", "resourcequotas"},
    {"", "serviceaccounts"},
    {"", "services"},
    {"resource.k8s.io", "deviceclasses"},
    {"resource.k8s.io", "resourceclaims"},
    {"resource.k8s.io", "resourceclaimtemplates"},
    {"resource.k8s.io", "resourceslices"},
    {"storage.k8s.io", "csidrivers"},
    {"storage.k8s.io", "csinodes"},
    {"storage.k8s.io", "storageclasses"},
    {"storage.k8s.io", "volumeattachments"},
    {"storage.k8s.io", "volumeattributesclasses"},
});

bool is(const ServedKind& kind, std::string_view group, std::string_view resource) {
  return kind.kind.group == group && kind.kind.resource == resource;
}

bool counts_generation(const ServedKind& kind) { return kind.custom() || among(kGenerations, kind); }

// What a user asks for: everything but identity, metadata and, where it is a subresource, status.
bool desires_differ(const ServedKind& kind, const json::object& a, const json::object& b) {
  const auto covered = [&](const json::object& left, const json::object& right) {
    return std::ranges::all_of(left, [&](const auto& member) {
      const std::string_view name(member.key().data(), member.key().size());
      if (name == "apiVersion" || name == "kind" || name == "metadata" || (name == "status" && kind.kind.has_status)) return true;
      return same_member(left, right, name);
    });
  };
  return !covered(a, b) || !covered(b, a);
}

void only_member_from(const json::object& before, json::object& after, std::string_view name) {
  json::object merged = before;
  copy_member(merged, after, name);
  copy_member(merged, after, "metadata");
  after = std::move(merged);
}

void only_spec_member_from(const json::object& before, json::object& after, std::string_view name) {
  json::object merged = before;
  copy_member(merged, after, "metadata");
  if (const json::object* spec = object_in(after, "spec")) copy_member(ensure_object(merged, "spec"), *spec, name);
  after = std::move(merged);
}

// pods/resize changes the resources of containers and nothing else.
void only_resources_from(const json::object& before, json::object& after) {
  json::object merged = before;
  copy_member(merged, after, "metadata");
  json::object* spec = object_in(merged, "spec");
  const json::object* wanted = object_in(after, "spec");
  json::array* containers = spec == nullptr ? nullptr : array_in(*spec, "containers");
  const json::array* asked = wanted == nullptr ? nullptr : array_in(*wanted, "containers");
  if (containers != nullptr && asked != nullptr) {
    for (json::value& container : *containers) {
      for (const json::value& other : *asked) {
        if (!container.is_object() || !other.is_object()) continue;
        if (text_in(container.get_object(), "name") != text_in(other.get_object(), "name")) continue;
        copy_member(container.get_object(), other.get_object(), "resources");
        copy_member(container.get_object(), other.get_object(), "resizePolicy");
      }
    }
  }
  after = std::move(merged);
}

void restrict_to_subresource(const ServedKind& kind, std::string_view subresource, const json::object& before, json::object& after) {
  if (subresource.empty()) {
    if (kind.kind.has_status) copy_member(after, before, "status");
    if (is(kind, "", "namespaces")) {
      const json::object* spec = object_in(before, "spec");
      if (spec != nullptr) copy_member(ensure_object(after, "spec"), *spec, "finalizers");
    }
  } else if (subresource == "status") {
    only_member_from(before, after, "status");
  } else if (subresource == "finalize") {
    only_spec_member_from(before, after, "finalizers");
  } else if (subresource == "ephemeralcontainers") {
    only_spec_member_from(before, after, "ephemeralContainers");
  } else if (subresource == "resize") {
    only_resources_from(before, after);
  } else if (subresource == "approval") {
    json::object merged = before;
    if (const json::object* status = object_in(after, "status")) copy_member(ensure_object(merged, "status"), *status, "conditions");
    copy_member(merged, after, "metadata");
    after = std::move(merged);
  }
}

// The status of a custom resource carries no labels or annotations along.
void keep_metadata(const json::object& before, json::object& after) {
  const json::object managed = metadata_of(after);
  const std::string version(metadata_text(after, "resourceVersion"));
  json::object metadata = metadata_of(before);
  copy_member(metadata, managed, "managedFields");
  metadata["resourceVersion"] = version;
  after["metadata"] = std::move(metadata);
}

bool positive(const json::object& resources, std::string_view list, std::string_view name) {
  const json::object* amounts = object_in(resources, list);
  if (amounts == nullptr) return false;
  const auto amount = model::parse_quantity(scalar_text(amounts->if_contains(name)));
  return amount && amount->nanos > 0;
}

bool equal_amounts(const json::object& resources, std::string_view name) {
  const json::object* requests = object_in(resources, "requests");
  const json::object* limits = object_in(resources, "limits");
  if (limits == nullptr || !limits->contains(name)) return false;
  if (requests == nullptr || !requests->contains(name)) return true;   // a missing request is the limit
  const auto request = model::parse_quantity(scalar_text(requests->if_contains(name)));
  const auto limit = model::parse_quantity(scalar_text(limits->if_contains(name)));
  return request && limit && request->nanos == limit->nanos;
}

}   // namespace

std::string_view quality_of_service(const json::object& pod) {
  const json::object* spec = object_in(pod, "spec");
  if (spec == nullptr) return "BestEffort";
  bool guaranteed = true;
  bool anything = false;
  for (const std::string_view list : {"containers", "initContainers"}) {
    const json::array* containers = array_in(*spec, list);
    if (containers == nullptr) continue;
    for (const json::value& container : *containers) {
      const json::object* resources = container.is_object() ? object_in(container.get_object(), "resources") : nullptr;
      for (const std::string_view name : {"cpu", "memory"}) {
        const bool asks = resources != nullptr && (positive(*resources, "requests", name) || positive(*resources, "limits", name));
        anything = anything || asks;
        guaranteed = guaranteed && asks && positive(*resources, "limits", name) && equal_amounts(*resources, name);
      }
    }
  }
  if (!anything) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

void prepare_create(const ServedKind& kind, json::object& object) {
  json::object& metadata = ensure_object(object, "metadata");
  if (counts_generation(kind)) {
    metadata["generation"] = 1;
  } else {
    metadata.erase("generation");
  }
  if (is(kind, "", "nodes")) return;   // a kubelet registers its node with its status
  if (kind.kind.has_status) object.erase("status");
  if (is(kind, "", "pods")) {
    merge_label_keys(object);
    object["status"] = json::object{{"phase", "Pending"}, {"qosClass", quality_of_service(object)}};
  } else if (is(kind, "", "namespaces")) {
    object["status"] = json::object{{"phase", "Active"}};
    ensure_object(object, "spec")["finalizers"] = json::array{"kubernetes"};
    ensure_object(metadata, "labels")["kubernetes.io/metadata.name"] = json::string(text_in(metadata, "name"));
  } else if (is(kind, "", "persistentvolumeclaims") || is(kind, "", "persistentvolumes")) {
    object["status"] = json::object{{"phase", "Pending"}};
  } else if (kind.kind.has_status && !kind.custom()) {
    object["status"] = json::object();
  }
}

void prepare_update(const ServedKind& kind, std::string_view subresource, const json::object& before, json::object& after) {
  restrict_to_subresource(kind, subresource, before, after);
  if (subresource == "status" && kind.custom()) keep_metadata(before, after);
  json::object& metadata = ensure_object(after, "metadata");
  if (is(kind, "", "namespaces") && subresource.empty()) {
    ensure_object(metadata, "labels")["kubernetes.io/metadata.name"] = json::string(text_in(metadata, "name"));
  }
  copy_member(metadata, metadata_of(before), "generation");
  if (!counts_generation(kind) || subresource == "status" || !desires_differ(kind, before, after)) return;
  metadata["generation"] = integer_in(metadata, "generation", 0) + 1;
}

bool allows_unconditional_update(const ServedKind& kind) { return !kind.custom() && !among(kNeedsVersion, kind); }
bool allows_create_on_update(const ServedKind& kind) { return among(kCreateOnUpdate, kind); }
bool returns_deleted_object(const ServedKind& kind) { return among(kReturnsDeleted, kind); }

std::optional<std::int64_t> deletion_grace(const ServedKind& kind, const json::object& object, std::optional<std::int64_t> asked) {
  if (!is(kind, "", "pods")) return std::nullopt;
  std::int64_t seconds = 30;
  if (const json::object* spec = object_in(object, "spec")) {
    if (text_in(*spec, "nodeName").empty()) return std::nullopt;   // no kubelet has ever seen it
    seconds = integer_in(*spec, "terminationGracePeriodSeconds", 30);
  }
  const json::object* status = object_in(object, "status");
  const std::string_view phase = status == nullptr ? std::string_view() : text_in(*status, "phase");
  if (asked) seconds = *asked;
  if (phase == "Succeeded" || phase == "Failed") seconds = 0;
  if (seconds == 0) return std::nullopt;
  return seconds < 0 ? 1 : seconds;
}

}   // namespace ebb::sandbox
