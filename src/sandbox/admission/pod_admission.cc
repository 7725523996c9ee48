#include "sandbox/admission/pod_admission.h"

#include "kube/decode.h"
#include "model/policy_parser.h"
#include "sandbox/store/stored.h"

#include <array>
#include <optional>

namespace ebb::sandbox {
namespace {

struct Watched {
  std::string_view group, resource;
  kube::ObjectType type;
};

constexpr auto kOwners = std::to_array<Watched>({
    {"apps", "deployments", kube::ObjectType::deployment},
    {"apps", "replicasets", kube::ObjectType::replica_set},
    {"apps", "statefulsets", kube::ObjectType::stateful_set},
    {"apps", "daemonsets", kube::ObjectType::daemon_set},
    {"batch", "jobs", kube::ObjectType::job},
    {"batch", "cronjobs", kube::ObjectType::cron_job},
});

constexpr std::string_view kPolicyGroup = "scheduling.openfuyao.io";
constexpr std::string_view kPolicyResource = "colocationpolicies";

std::optional<kube::ObjectType> policy_type(const Change& change) {
  if (change.resource.group == kPolicyGroup && change.resource.resource == kPolicyResource) return kube::ObjectType::colocation_policy;
  if (!change.resource.group.empty() || change.resource.resource != "configmaps") return std::nullopt;
  if (change.object->key.ns != model::kPolicyNamespace) return std::nullopt;
  if (change.object->key.name == model::kPolicyConfigMap) return kube::ObjectType::policy_config_map;
  if (change.object->key.name == model::kNodeConfigMap) return kube::ObjectType::node_config_map;
  return std::nullopt;
}

json::object& member_object(json::object& parent, std::string_view key) {
  json::value& value = parent[key];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

void apply_change(const core::ContainerChange& change, json::object& container) {
  json::object& resources = member_object(container, "resources");
  for (const std::string_view side : {"requests", "limits"}) {
    json::object& amounts = member_object(resources, side);
    for (const std::string& name : change.removed) amounts.erase(name);
    for (const auto& [name, amount] : change.set) amounts[name] = amount;
    if (amounts.empty()) resources.erase(side);
  }
}

void set_all(const model::Labels& wanted, json::object& metadata, std::string_view member) {
  if (wanted.empty()) return;
  json::object& map = member_object(metadata, member);
  for (const auto& [key, value] : wanted) map[key] = value;
}

}   // namespace

void PodAdmission::observe(const Change& change) {
  observe_owner(change);
  observe_policy(change);
}

void PodAdmission::observe_owner(const Change& change) {
  for (const Watched& watched : kOwners) {
    if (change.resource.group != watched.group || change.resource.resource != watched.resource) continue;
    if (change.type == ChangeType::deleted) {
      owners_.erase(model::Uid(change.object->uid));
    } else if (auto owner = kube::decode_owner(watched.type, *change.object->text)) {
      owners_.upsert(std::move(*owner));
    }
    return;
  }
}

void PodAdmission::observe_policy(const Change& change) {
  const auto type = policy_type(change);
  if (!type) return;
  auto decoded = kube::Decoder(*type).object(*change.object->text);
  const auto* seen = decoded ? std::get_if<model::PolicyDocumentSeen>(&decoded->seen) : nullptr;
  if (seen == nullptr) return;
  // What the policy's holder wants to tell is told by the scheduler, which holds one as well.
  if (change.type == ChangeType::deleted) {
    static_cast<void>(policy_.step(model::PolicyDocumentGone{.source = seen->document.source, .key = seen->document.key}));
  } else {
    static_cast<void>(policy_.step(*seen));
  }
}

Status PodAdmission::review(const AdmissionReview& review, json::object& pod) {
  if (review.kind != "Pod" || review.operation != "CREATE") return {};
  const auto decoded = kube::decode_pod(json::serialize(pod));
  if (!decoded) return {};   // validation tells what is wrong with it, in its own words
  const auto owners = owners_.chain(*decoded);
  const core::Admission admission = core::admit(*decoded, owners, policy_.policy());
  if (admission.refusal) return fail(Errc::denied, "{}", *admission.refusal);
  apply_changes(admission.changes, pod);
  return {};
}

void apply_changes(const core::PodChanges& changes, json::object& pod) {
  json::object& metadata = member_object(pod, "metadata");
  set_all(changes.annotations, metadata, "annotations");
  set_all(changes.labels, metadata, "labels");
  for (const core::ContainerChange& change : changes.containers) {
    json::value* list = member_object(pod, "spec").if_contains(change.init ? "initContainers" : "containers");
    if (list == nullptr || !list->is_array() || change.index >= list->get_array().size()) continue;
    json::value& container = list->get_array()[change.index];
    if (container.is_object()) apply_change(change, container.get_object());
  }
}

AdmissionObserver::AdmissionObserver(Api& api, PodAdmission& admission) : admission_(admission) {
  for (const Watched& watched : kOwners) {
    const ResourceId resource{.group = std::string(watched.group), .version = "v1", .resource = std::string(watched.resource)};
    for (const auto& object : api.list(resource)) admission_.observe(Change{.resource = resource, .object = object});
  }
  const std::array<ResourceId, 2> policies{
      ResourceId{.group = "", .version = "v1", .resource = "configmaps"},
      ResourceId{.group = std::string(kPolicyGroup), .version = "v1alpha1", .resource = std::string(kPolicyResource)}};
  for (const ResourceId& resource : policies) {
    for (const auto& object : api.list(resource)) admission_.observe(Change{.resource = resource, .object = object});
  }
}

}   // namespace ebb::sandbox
