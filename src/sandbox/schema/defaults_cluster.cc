// Kinds that are about the cluster rather than about what runs in it.
#include "sandbox/schema/defaults.h"

#include <algorithm>
#include <string>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kRbac = "rbac.authorization.k8s.io";

std::string text_in(const json::object& object, std::string_view dotted) { return std::string(string_at(object, dotted)); }

void default_subjects(json::object& binding) {
  json::object& role = made_object(binding, "roleRef");
  if (string_at(role, "apiGroup").empty()) role.insert_or_assign("apiGroup", kRbac);
  each_object(binding, "subjects", [](json::object& subject) {
    const std::string kind = text_in(subject, "kind");
    if (kind == "User" || kind == "Group") set_default(subject, "apiGroup", kRbac);
  });
}

void default_namespace(json::object& object) {
  const std::string name = text_in(object, "metadata.name");
  if (!name.empty())
    set_default(made_object(made_object(object, "metadata"), "labels"), "kubernetes.io/metadata.name", std::string_view(name));
  set_default(made_object(object, "status"), "phase", "Active");
}

void default_crd(json::object& spec) {
  json::object& names = made_object(spec, "names");
  std::string kind = text_in(names, "kind");
  set_default(names, "listKind", std::string_view(kind + "List"));
  std::ranges::transform(kind, kind.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  set_default(names, "singular", std::string_view(kind));
  json::object& conversion = made_object(spec, "conversion");
  set_default(conversion, "strategy", "None");
  if (json::object* webhook = object_member(conversion, "webhook")) {
    if (json::object* client = object_member(*webhook, "clientConfig")) {
      if (json::object* service = object_member(*client, "service")) set_default(*service, "port", 443);
    }
  }
}

void default_webhooks(json::object& object, bool mutating) {
  each_object(object, "webhooks", [&](json::object& webhook) {
    set_default(webhook, "failurePolicy", "Fail");
    set_default(webhook, "matchPolicy", "Equivalent");
    set_default(webhook, "namespaceSelector", json::object());
    set_default(webhook, "objectSelector", json::object());
    set_default(webhook, "timeoutSeconds", 10);
    if (mutating) set_default(webhook, "reinvocationPolicy", "Never");
    each_object(webhook, "rules", [](json::object& rule) { set_default(rule, "scope", "*"); });
    if (json::object* client = object_member(webhook, "clientConfig")) {
      if (json::object* service = object_member(*client, "service")) set_default(*service, "port", 443);
    }
  });
}

void default_match(json::object& owner, std::string_view key) {
  json::object* match = object_member(owner, key);
  if (!match) return;
  set_default(*match, "matchPolicy", "Equivalent");
  set_default(*match, "namespaceSelector", json::object());
  set_default(*match, "objectSelector", json::object());
  for (const std::string_view list : {"resourceRules", "excludeResourceRules"}) {
    each_object(*match, list, [](json::object& rule) { set_default(rule, "scope", "*"); });
  }
}

void default_csi_driver(json::object& spec) {
  set_default(spec, "attachRequired", true);
  set_default(spec, "podInfoOnMount", false);
  set_default(spec, "storageCapacity", false);
  set_default(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
  set_default(spec, "volumeLifecycleModes", json::array{"Persistent"});
  set_default(spec, "requiresRepublish", false);
  set_default(spec, "seLinuxMount", false);
  set_default(spec, "preventPodSchedulingIfMissing", false);
}

// What a container may use at most is its default limit, and that its default request.
void default_limit_range(json::object& spec) {
  each_object(spec, "limits", [](json::object& item) {
    if (text_in(item, "type") != "Container") return;
    const json::object* most = object_member(item, "max");
    const json::object* least = object_member(item, "min");
    const json::object max = most ? *most : json::object();
    const json::object min = least ? *least : json::object();
    json::object& limit = made_object(item, "default");
    for (const auto& [name, amount] : max) set_default(limit, name, amount);
    const json::object limits = limit;
    json::object& request = made_object(item, "defaultRequest");
    for (const auto& [name, amount] : limits) set_default(request, name, amount);
    for (const auto& [name, amount] : min) set_default(request, name, amount);
    for (const std::string_view key : {"default", "defaultRequest"}) {
      if (const json::object* map = object_member(item, key); map && map->empty()) item.stable_erase(item.find(key));
    }
  });
}

void default_device_requests(json::object& spec) {
  json::object* devices = object_member(spec, "devices");
  if (!devices) return;
  const auto count_one = [](json::object& request) {
    set_default(request, "allocationMode", "ExactCount");
    if (text_in(request, "allocationMode") == "ExactCount") set_default(request, "count", 1);
  };
  each_object(*devices, "requests", [&](json::object& request) {
    if (json::object* exactly = object_member(request, "exactly")) count_one(*exactly);
    each_object(request, "firstAvailable", count_one);
  });
}

std::string to_base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view three = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < three.size() ? static_cast<unsigned char>(three[k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= three.size() ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

// stringData is for writing only: it goes into data.
void default_secret(json::object& object) {
  set_if_zero(object, "type", "Opaque");
  const json::object* given = object_member(object, "stringData");
  if (!given) return;
  const json::object texts = *given;
  json::object& data = made_object(object, "data");
  for (const auto& [key, text] : texts) {
    if (text.is_string()) data.insert_or_assign(key, json::value(std::string_view(to_base64(text.get_string()))));
  }
  object.stable_erase(object.find("stringData"));
}

void default_node(json::object& object) {
  json::object* status = object_member(object, "status");
  const json::object* capacity = status ? object_member(*status, "capacity") : nullptr;
  if (!capacity || capacity->empty()) return;
  const json::object copy = *capacity;
  set_default(*status, "allocatable", copy);
}

void default_volume_object(json::object& object) {
  json::object& spec = made_object(object, "spec");
  set_default(spec, "persistentVolumeReclaimPolicy", "Retain");
  set_default(spec, "volumeMode", "Filesystem");
  set_default(made_object(object, "status"), "phase", "Pending");
  if (json::object* path = object_member(spec, "hostPath")) set_default(*path, "type", "");
}

}   // namespace

bool default_cluster(std::string_view kind, json::object& object) {
  json::object unused;
  json::object* found = object_member(object, "spec");
  json::object& spec = found ? *found : unused;
  if (kind == "PersistentVolumeClaim")
    default_claim(object);
  else if (kind == "PersistentVolume")
    default_volume_object(object);
  else if (kind == "Secret")
    default_secret(object);
  else if (kind == "Node")
    default_node(object);
  else if (kind == "Namespace")
    default_namespace(object);
  else if (kind == "RoleBinding" || kind == "ClusterRoleBinding")
    default_subjects(object);
  else if (kind == "CustomResourceDefinition")
    default_crd(spec);
  else if (kind == "MutatingWebhookConfiguration" || kind == "ValidatingWebhookConfiguration")
    default_webhooks(object, kind.starts_with('M'));
  else if (kind == "PriorityClass")
    set_default(object, "preemptionPolicy", "PreemptLowerPriority");
  else if (kind == "LimitRange")
    default_limit_range(spec);
  else if (kind == "ResourceClaim")
    default_device_requests(spec);
  else if (kind == "ResourceClaimTemplate")
    default_device_requests(made_object(spec, "spec"));
  else if (kind == "CSIDriver")
    default_csi_driver(spec);
  else if (kind == "FlowSchema")
    set_if_zero(spec, "matchingPrecedence", 1000);
  else if (kind == "APIService") {
    if (json::object* service = object_member(spec, "service")) set_default(*service, "port", 443);
  } else if (kind == "ValidatingAdmissionPolicy" || kind == "MutatingAdmissionPolicy") {
    set_default(spec, "failurePolicy", "Fail");
    default_match(spec, "matchConstraints");
  } else if (kind == "ValidatingAdmissionPolicyBinding" || kind == "MutatingAdmissionPolicyBinding") {
    default_match(spec, "matchResources");
  } else if (kind == "StorageClass") {
    set_default(object, "reclaimPolicy", "Delete");
    set_default(object, "volumeBindingMode", "Immediate");
  } else {
    return false;
  }
  return true;
}

}   // namespace ebb::sandbox
