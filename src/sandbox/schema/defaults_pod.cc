#include "sandbox/schema/defaults.h"
#include "sandbox/schema/zero.h"

#include <array>

namespace ebb::sandbox {

namespace {

// The tag after the last colon of the last path element; a digest says the content exactly.
std::string_view default_pull_policy(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return "IfNotPresent";
  const std::string_view last = image.substr(image.rfind('/') + 1);
  const std::size_t colon = last.find(':');
  return colon == std::string_view::npos || last.substr(colon + 1) == "latest" ? "Always" : "IfNotPresent";
}

void default_http_get(json::object& owner) {
  if (json::object* http = object_member(owner, "httpGet")) {
    set_default(*http, "path", "/");
    set_default(*http, "scheme", "HTTP");
  }
}

void default_probe(json::object& container, std::string_view name) {
  json::object* probe = object_member(container, name);
  if (!probe) return;
  set_default(*probe, "timeoutSeconds", 1);
  set_default(*probe, "periodSeconds", 10);
  set_default(*probe, "successThreshold", 1);
  set_default(*probe, "failureThreshold", 3);
  default_http_get(*probe);
  if (json::object* grpc = object_member(*probe, "grpc")) set_default(*grpc, "service", "");
}

// What is limited is requested in full unless it says otherwise.
void default_requests(json::object& container) {
  json::object* resources = object_member(container, "resources");
  const json::object* limits = resources ? object_member(*resources, "limits") : nullptr;
  if (!limits || limits->empty()) return;
  const json::object limited = *limits;
  json::object& requests = made_object(*resources, "requests");
  for (const auto& [name, amount] : limited) set_default(requests, name, amount);
}

void default_field_ref(json::object& owner) {
  if (json::object* ref = object_member(owner, "fieldRef")) set_default(*ref, "apiVersion", "v1");
}

void default_container(json::object& container, PodIs what, bool host_network) {
  const json::value* image = container.if_contains("image");
  const std::string_view name = image && image->is_string() ? std::string_view(image->get_string()) : std::string_view();
  set_default(container, "imagePullPolicy", default_pull_policy(name));
  set_default(container, "terminationMessagePath", "/dev/termination-log");
  set_default(container, "terminationMessagePolicy", "File");
  each_object(container, "ports", [&](json::object& port) {
    set_default(port, "protocol", "TCP");
    const json::value* number = port.if_contains("containerPort");
    if (host_network && what == PodIs::object && number) set_default(port, "hostPort", *number);
  });
  each_object(container, "env", [](json::object& variable) {
    if (json::object* from = object_member(variable, "valueFrom")) {
      default_field_ref(*from);
      if (json::object* file = object_member(*from, "fileKeyRef")) set_default(*file, "optional", false);
      if (json::object* resource = object_member(*from, "resourceFieldRef")) set_default(*resource, "divisor", "0");
    }
  });
  for (const std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"}) default_probe(container, probe);
  if (json::object* lifecycle = object_member(container, "lifecycle")) {
    for (const std::string_view hook : {"postStart", "preStop"}) {
      if (json::object* handler = object_member(*lifecycle, hook)) default_http_get(*handler);
    }
  }
  if (what == PodIs::object) default_requests(container);
}

void default_projected(json::object& projected) {
  set_default(projected, "defaultMode", 420);
  each_object(projected, "sources", [](json::object& source) {
    if (json::object* token = object_member(source, "serviceAccountToken")) set_default(*token, "expirationSeconds", 3600);
    if (json::object* downward = object_member(source, "downwardAPI"))
      each_object(*downward, "items", [](json::object& item) { default_field_ref(item); });
    if (json::object* certificate = object_member(source, "podCertificate")) set_default(*certificate, "maxExpirationSeconds", 86400);
  });
}

struct Fallback {
  std::string_view source, key, value;
};
constexpr auto kVolumeFallbacks = std::to_array<Fallback>({
    {"hostPath", "type", ""},
    {"iscsi", "iscsiInterface", "default"},
    {"rbd", "pool", "rbd"},
    {"rbd", "user", "admin"},
    {"rbd", "keyring", "/etc/ceph/keyring"},
    {"azureDisk", "cachingMode", "ReadWrite"},
    {"azureDisk", "kind", "Shared"},
    {"azureDisk", "fsType", "ext4"},
    {"scaleIO", "storageMode", "ThinProvisioned"},
    {"scaleIO", "fsType", "xfs"},
});

void default_volume(json::object& volume) {
  if (volume.size() == 1 && volume.contains("name")) volume.emplace("emptyDir", json::object());
  for (const std::string_view source : {"secret", "configMap", "downwardAPI"}) {
    if (json::object* files = object_member(volume, source)) set_default(*files, "defaultMode", 420);
  }
  if (json::object* downward = object_member(volume, "downwardAPI")) {
    each_object(*downward, "items", [](json::object& item) { default_field_ref(item); });
  }
  if (json::object* projected = object_member(volume, "projected")) default_projected(*projected);
  if (json::object* ephemeral = object_member(volume, "ephemeral")) {
    if (json::object* claim = object_member(*ephemeral, "volumeClaimTemplate"))
      set_default(made_object(*claim, "spec"), "volumeMode", "Filesystem");
  }
  if (json::object* image = object_member(volume, "image")) {
    const json::value* reference = image->if_contains("reference");
    set_default(*image, "pullPolicy",
                default_pull_policy(reference && reference->is_string() ? std::string_view(reference->get_string()) : ""));
  }
  for (const Fallback& fallback : kVolumeFallbacks) {
    if (json::object* source = object_member(volume, fallback.source)) set_default(*source, fallback.key, fallback.value);
  }
}

}   // namespace

void default_pod_spec(json::object& spec, PodIs what) {
  set_default(spec, "restartPolicy", "Always");
  set_default(spec, "terminationGracePeriodSeconds", 30);
  set_default(spec, "dnsPolicy", "ClusterFirst");
  set_default(spec, "securityContext", json::object());
  set_default(spec, "schedulerName", "default-scheduler");
  if (what == PodIs::object) set_default(spec, "enableServiceLinks", true);
  const json::value* host_network = spec.if_contains("hostNetwork");
  const bool on_host = host_network && host_network->is_bool() && host_network->get_bool();
  for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
    each_object(spec, list, [&](json::object& container) { default_container(container, what, on_host); });
  }
  each_object(spec, "volumes", default_volume);
}

// One address in two spellings.
void default_addresses(json::object& status) {
  const json::array* list = array_member(status, "podIPs");
  const json::value* single = status.if_contains("podIP");
  if (list && !list->empty()) {
    const json::value first(string_at(list->front(), "ip"));
    status.insert_or_assign("podIP", first);
  } else if (single && !is_zero(*single)) {
    const json::object address{{"ip", *single}};
    status.insert_or_assign("podIPs", json::array{json::value(address)});
  }
}

void default_template(json::object& owner_spec) {
  if (json::object* pod = object_member(owner_spec, "template")) default_pod_spec(made_object(*pod, "spec"), PodIs::template_);
}

void default_claim(json::object& claim) {
  set_default(made_object(claim, "spec"), "volumeMode", "Filesystem");
  set_default(made_object(claim, "status"), "phase", "Pending");
}

}   // namespace ebb::sandbox
