#include "sandbox/kubelet/cluster_view.h"

#include "kube/decode.h"
#include "model/policy_parser.h"
#include "sandbox/store/stored.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace ebb::sandbox {
namespace {

const std::array<ResourceId, 8>& watched() {
  static const std::array<ResourceId, 8> all{{
      {"", "v1", "configmaps"},
      {"apps", "v1", "daemonsets"},
      {"apps", "v1", "deployments"},
      {"apps", "v1", "replicasets"},
      {"apps", "v1", "statefulsets"},
      {"batch", "v1", "cronjobs"},
      {"batch", "v1", "jobs"},
      {"scheduling.openfuyao.io", "v1alpha1", "colocationpolicies"},
  }};
  return all;
}

std::optional<kube::ObjectType> workload_type(const ResourceId& resource) {
  if (resource.resource == "deployments") return kube::ObjectType::deployment;
  if (resource.resource == "replicasets") return kube::ObjectType::replica_set;
  if (resource.resource == "statefulsets") return kube::ObjectType::stateful_set;
  if (resource.resource == "daemonsets") return kube::ObjectType::daemon_set;
  if (resource.resource == "jobs") return kube::ObjectType::job;
  if (resource.resource == "cronjobs") return kube::ObjectType::cron_job;
  return std::nullopt;
}

std::optional<kube::ObjectType> policy_type(const ResourceId& resource, const model::ObjectKey& key) {
  if (resource.resource == "colocationpolicies") return kube::ObjectType::colocation_policy;
  if (resource.resource != "configmaps" || key.ns != model::kPolicyNamespace) return std::nullopt;
  if (key.name == model::kPolicyConfigMap) return kube::ObjectType::policy_config_map;
  if (key.name == model::kNodeConfigMap) return kube::ObjectType::node_config_map;
  return std::nullopt;
}

model::PolicySource source_of(kube::ObjectType type) {
  switch (type) {
    case kube::ObjectType::policy_config_map: return model::PolicySource::policy_config_map;
    case kube::ObjectType::node_config_map: return model::PolicySource::node_config_map;
    default: return model::PolicySource::policy_resource;
  }
}

}   // namespace

std::span<const ResourceId> ClusterView::resources() { return watched(); }

bool ClusterView::watches(const ResourceId& resource) { return std::ranges::find(watched(), resource) != watched().end(); }

void ClusterView::take(ChangeType type, const ResourceId& resource, const Stored& object) {
  if (const auto workload = workload_type(resource)) {
    if (type == ChangeType::deleted) {
      owners_.erase(model::Uid(object.uid));
    } else if (auto owner = kube::decode_owner(*workload, *object.text)) {
      owners_.upsert(*std::move(owner));
    }
    return;
  }
  const auto policy = policy_type(resource, object.key);
  if (!policy) return;
  // The scheduler tells people what is wrong with a document; here only what is in force matters.
  if (type == ChangeType::deleted) {
    policy_.step(model::PolicyDocumentGone{source_of(*policy), object.key});
    return;
  }
  auto decoded = kube::Decoder(*policy).object(*object.text);
  if (!decoded) return;
  if (const auto* seen = std::get_if<model::PolicyDocumentSeen>(&decoded->seen)) policy_.step(*seen);
}

model::Uid ClusterView::job_of(const model::Pod& pod) {
  const model::OwnerRef* owner = pod.controller();
  return owner != nullptr && owner->kind == "Job" ? owner->uid : model::Uid{};
}

void ClusterView::count_terminating(const model::Uid& job, std::int32_t more) {
  if (!job.empty()) tallies_[job].terminating += more;
}

void ClusterView::count_restarts(const model::Uid& job, std::int32_t more) {
  if (!job.empty()) tallies_[job].restarts += more;
}

std::optional<core::JobBudget> ClusterView::budget(const model::Uid& job) const {
  const model::Owner* owner = owners_.find(job);
  if (owner == nullptr || !owner->job) return std::nullopt;
  const auto tally = tallies_.find(job);
  const Tally counted = tally == tallies_.end() ? Tally{} : tally->second;
  return core::JobBudget{.backoff_limit = owner->job->backoff_limit,
                         .failed = owner->job->failed,
                         .terminating = counted.terminating,
                         .restarts = counted.restarts};
}

}   // namespace ebb::sandbox
