#include "sandbox/api/served_kind.h"

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

struct FieldRow {
  std::string_view group, resource, label, path, otherwise;
};

// What clients may select by besides metadata.name and metadata.namespace. Events are kept as core/v1, and
// selected by the names of both of their APIs.
constexpr auto kFields = std::to_array<FieldRow>({
    {"", "pods", "spec.nodeName", "spec.nodeName", ""},
    {"", "pods", "spec.restartPolicy", "spec.restartPolicy", ""},
    {"", "pods", "spec.schedulerName", "spec.schedulerName", ""},
    {"", "pods", "spec.serviceAccountName", "spec.serviceAccountName", ""},
    {"", "pods", "spec.hostNetwork", "spec.hostNetwork", "false"},
    {"", "pods", "status.phase", "status.phase", ""},
    {"", "pods", "status.podIP", "status.podIP", ""},
    {"", "pods", "status.nominatedNodeName", "status.nominatedNodeName", ""},
    {"", "events", "involvedObject.kind", "involvedObject.kind", ""},
    {"", "events", "involvedObject.namespace", "involvedObject.namespace", ""},
    {"", "events", "involvedObject.name", "involvedObject.name", ""},
    {"", "events", "involvedObject.uid", "involvedObject.uid", ""},
    {"", "events", "involvedObject.apiVersion", "involvedObject.apiVersion", ""},
    {"", "events", "involvedObject.resourceVersion", "involvedObject.resourceVersion", ""},
    {"", "events", "involvedObject.fieldPath", "involvedObject.fieldPath", ""},
    {"", "events", "reason", "reason", ""},
    {"", "events", "reportingComponent", "reportingComponent", ""},
    {"", "events", "source", "source.component", ""},
    {"", "events", "type", "type", ""},
    {"", "secrets", "type", "type", ""},
    {"", "namespaces", "status.phase", "status.phase", ""},
    {"", "nodes", "spec.unschedulable", "spec.unschedulable", "false"},
    {"", "replicationcontrollers", "status.replicas", "status.replicas", "0"},
    {"", "services", "spec.clusterIP", "spec.clusterIP", ""},
    {"", "services", "spec.type", "spec.type", ""},
    {"apps", "replicasets", "status.replicas", "status.replicas", "0"},
    {"batch", "jobs", "status.successful", "status.succeeded", "0"},
    {"certificates.k8s.io", "certificatesigningrequests", "spec.signerName", "spec.signerName", ""},
    {"resource.k8s.io", "resourceslices", "spec.nodeName", "spec.nodeName", ""},
    {"resource.k8s.io", "resourceslices", "spec.driver", "spec.driver", ""},
});

struct SubresourceRow {
  std::string_view group, resource, name, body_group, body_version, body_kind, verbs;
};

constexpr std::string_view kReadWrite = "get,patch,update";
constexpr std::string_view kConnect = "create,get";

constexpr auto kSubresources = std::to_array<SubresourceRow>({
    {"", "namespaces", "finalize", "", "", "Namespace", "update"},
    {"", "pods", "attach", "", "", "PodAttachOptions", kConnect},
    {"", "pods", "binding", "", "", "Binding", "create"},
    {"", "pods", "ephemeralcontainers", "", "", "Pod", kReadWrite},
    {"", "pods", "eviction", "policy", "v1", "Eviction", "create"},
    {"", "pods", "exec", "", "", "PodExecOptions", kConnect},
    {"", "pods", "log", "", "", "Pod", "get"},
    {"", "pods", "portforward", "", "", "PodPortForwardOptions", kConnect},
    {"", "pods", "resize", "", "", "Pod", kReadWrite},
    {"", "serviceaccounts", "token", "authentication.k8s.io", "v1", "TokenRequest", "create"},
    {"certificates.k8s.io", "certificatesigningrequests", "approval", "", "", "CertificateSigningRequest", kReadWrite},
});

constexpr auto kReviewGroups = std::to_array<std::string_view>({"authentication.k8s.io", "authorization.k8s.io"});

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    parts.emplace_back(part);
  }
  return parts;
}

std::vector<Subresource> subresources_of(const Kind& kind) {
  std::vector<Subresource> all;
  for (const auto& row : kSubresources) {
    if (row.group != kind.group || row.resource != kind.resource) continue;
    all.push_back(
        {std::string(row.name), std::string(row.body_group), std::string(row.body_version), std::string(row.body_kind), split(row.verbs)});
  }
  if (kind.has_scale) all.push_back({"scale", "autoscaling", "v1", "Scale", split(kReadWrite)});
  if (kind.has_status) all.push_back({"status", "", "", kind.kind, split(kReadWrite)});
  std::ranges::sort(all, {}, &Subresource::name);
  return all;
}

std::vector<std::string> verbs_of(const Kind& kind, bool stored) {
  if (kind.group.empty() && kind.resource == "componentstatuses") return split("get,list");
  if (!stored) return split("create");
  // Namespaces are taken apart by a controller, one at a time.
  if (kind.group.empty() && kind.resource == "namespaces") return split("create,delete,get,list,patch,update,watch");
  return split("create,delete,deletecollection,get,list,patch,update,watch");
}

}   // namespace

bool ServedKind::allows(std::string_view verb) const { return std::ranges::find(verbs, verb) != verbs.end(); }

const Subresource* ServedKind::subresource(std::string_view wanted) const {
  const auto at = std::ranges::find(subresources, wanted, &Subresource::name);
  return at == subresources.end() ? nullptr : &*at;
}

std::vector<SelectableField> builtin_fields(const Place& place) {
  std::vector<SelectableField> fields;
  for (const auto& row : kFields) {
    if (row.group != place.group || row.resource != place.resource) continue;
    fields.push_back({std::string(row.label), std::string(row.path), std::string(row.otherwise)});
  }
  return fields;
}

ServedKind served(const Kind& kind) {
  ServedKind made;
  made.kind = kind;
  if (made.kind.storage_version.empty()) {
    made.kind.storage_group = kind.group;
    made.kind.storage_version = kind.version;
  }
  made.place = {made.kind.storage_group, kind.resource};
  const bool core_virtual = kind.group.empty() && (kind.resource == "bindings" || kind.resource == "componentstatuses");
  made.stored = !core_virtual && std::ranges::find(kReviewGroups, kind.group) == kReviewGroups.end();
  made.verbs = verbs_of(kind, made.stored);
  made.subresources = subresources_of(kind);
  made.fields = builtin_fields(made.place);
  if (kind.has_scale) {
    // A ReplicationController's selector is a plain map; the others have the object form.
    made.scale = ScalePaths{"spec.replicas", "status.replicas", "spec.selector"};
  }
  return made;
}

}   // namespace ebb::sandbox
