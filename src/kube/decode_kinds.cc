#include "base/check.h"
#include "kube/decode_fields.h"
#include "model/policy_parser.h"
#include "model/yaml.h"

#include <utility>

namespace ebb::kube {
namespace {

Result<Decoded> read_pod(JsonObject object, Metadata& metadata) {
  model::PodSeen seen;
  model::Pod& pod = seen.pod;
  EBB_TRY_VOID(
      read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) { return read_pod_field(key, value, pod); }));
  pod.key = metadata.key;
  pod.uid = metadata.uid;
  pod.resource_version = metadata.resource_version;
  pod.created = metadata.created;
  pod.deletion_requested = metadata.deletion_requested;
  pod.labels = std::move(metadata.labels);
  pod.annotations = std::move(metadata.annotations);
  pod.owners = std::move(metadata.owners);
  pod.is_static = metadata.mirror_of_static_pod;
  for (model::PodVolume& volume : pod.volumes) {
    if (volume.kind == model::VolumeKind::ephemeral) volume.id = fmt::format("{}-{}", pod.key.name, volume.name);
  }
  return finish_object(std::move(metadata), std::move(seen));
}

Result<Decoded> read_node(JsonObject object, Metadata& metadata) {
  model::NodeSeen seen;
  model::Node& node = seen.node;
  EBB_TRY_VOID(
      read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) { return read_node_field(key, value, node); }));
  node.name.v = metadata.key.name;
  node.capacity = model::with_published_names(std::move(node.capacity));
  node.allocatable = model::with_published_names(std::move(node.allocatable));
  node.uid = metadata.uid;
  node.resource_version = metadata.resource_version;
  node.labels = std::move(metadata.labels);
  node.annotations = std::move(metadata.annotations);
  return finish_object(std::move(metadata), std::move(seen));
}

Result<Decoded> read_owner(ObjectType type, JsonObject object, Metadata& metadata) {
  model::OwnerSeen seen;
  model::Owner& owner = seen.owner;
  if (type == ObjectType::job) owner.job.emplace();
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) {
    return owner.job ? read_job_field(key, value, *owner.job) : read_owner_selector(type, key, value, owner.selector);
  }));
  owner.kind = kind_of(type);
  owner.key = metadata.key;
  owner.uid = metadata.uid;
  owner.labels = std::move(metadata.labels);
  owner.annotations = std::move(metadata.annotations);
  owner.owners = std::move(metadata.owners);
  return finish_object(std::move(metadata), std::move(seen));
}

Result<Decoded> read_report(JsonObject object, Metadata& metadata) {
  model::ReportSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata,
                                  [&](std::string_view key, JsonValue value) { return read_report_field(key, value, seen.report); }));
  seen.report.node.v = metadata.key.name;
  return finish_object(std::move(metadata), std::move(seen));
}

Result<Decoded> read_priority_class(JsonObject object, Metadata& metadata) {
  model::PriorityClassSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata,
                                  [&](std::string_view key, JsonValue value) { return read_priority_class_field(key, value, seen); }));
  seen.name = metadata.key.name;
  return finish_object(std::move(metadata), std::move(seen));
}

model::PolicyDocument document_of(model::PolicySource source, Metadata& metadata) {
  model::PolicyDocument document;
  document.source = source;
  document.key = metadata.key;
  document.uid = metadata.uid;
  document.resource_version = metadata.resource_version;
  document.generation = metadata.generation;
  if (const auto kept = metadata.annotations.find(model::kLastAcceptedAnnotation); kept != metadata.annotations.end()) {
    document.last_accepted = std::move(kept->second);
  }
  return document;
}

Result<Decoded> read_config_map(ObjectType type, JsonObject object, Metadata& metadata) {
  const bool is_policy = type == ObjectType::policy_config_map;
  model::PolicyDocument content{.missing_key = true};
  EBB_TRY_VOID(read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) {
    return read_config_map_field(key, value, is_policy ? model::kPolicyKey : model::kNodePolicyKey, content);
  }));
  model::PolicyDocument document =
      document_of(is_policy ? model::PolicySource::policy_config_map : model::PolicySource::node_config_map, metadata);
  document.text = std::move(content.text);
  document.missing_key = content.missing_key;
  return finish_object(std::move(metadata), model::PolicyDocumentSeen{.document = std::move(document)});
}

Result<Decoded> read_colocation_policy(JsonObject object, Metadata& metadata) {
  std::string spec;
  EBB_TRY_VOID(
      read_with_metadata(object, metadata, [&](std::string_view key, JsonValue value) { return read_policy_field(key, value, spec); }));
  model::PolicyDocument document = document_of(model::PolicySource::policy_resource, metadata);
  document.text = fmt::format(R"({{"apiVersion":"{}","kind":"{}","metadata":{{"name":{}}}{}{}}})", model::kPolicyApiVersion,
                              model::kPolicyKind, model::json_quoted(metadata.key.name), spec.empty() ? "" : ",\"spec\":", spec);
  return finish_object(std::move(metadata), model::PolicyDocumentSeen{.document = std::move(document)});
}

Result<Decoded> read_node_metrics(JsonObject object, Metadata& metadata) {
  model::NodeUsageSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata,
                                  [&](std::string_view key, JsonValue value) { return read_node_metrics_field(key, value, seen); }));
  seen.node.v = metadata.key.name;
  return finish_object(std::move(metadata), std::move(seen));
}

Result<Decoded> read_pod_metrics(JsonObject object, Metadata& metadata) {
  model::PodUsageSeen seen;
  EBB_TRY_VOID(read_with_metadata(object, metadata,
                                  [&](std::string_view key, JsonValue value) { return read_pod_metrics_field(key, value, seen); }));
  seen.pod = metadata.key;
  return finish_object(std::move(metadata), std::move(seen));
}

}   // namespace

Decoded finish_object(Metadata&& metadata, model::ClusterEvent seen) {
  return {.key = std::move(metadata.key),
          .uid = std::move(metadata.uid),
          .resource_version = std::move(metadata.resource_version),
          .seen = std::move(seen)};
}

Result<Decoded> read_object(ObjectType type, JsonObject object, Metadata& metadata) {
  switch (type) {
    case ObjectType::pod: return read_pod(object, metadata);
    case ObjectType::node: return read_node(object, metadata);
    case ObjectType::deployment:
    case ObjectType::replica_set:
    case ObjectType::stateful_set:
    case ObjectType::daemon_set:
    case ObjectType::job:
    case ObjectType::cron_job:
    case ObjectType::replication_controller: return read_owner(type, object, metadata);
    case ObjectType::node_report: return read_report(object, metadata);
    case ObjectType::priority_class: return read_priority_class(object, metadata);
    case ObjectType::policy_config_map:
    case ObjectType::node_config_map: return read_config_map(type, object, metadata);
    case ObjectType::colocation_policy: return read_colocation_policy(object, metadata);
    case ObjectType::node_metrics: return read_node_metrics(object, metadata);
    case ObjectType::pod_metrics: return read_pod_metrics(object, metadata);
    case ObjectType::volume_claim:
    case ObjectType::volume:
    case ObjectType::storage_class:
    case ObjectType::csi_node:
    case ObjectType::csi_driver:
    case ObjectType::csi_storage_capacity: return read_storage_object(type, object, metadata);
    case ObjectType::name_space:
    case ObjectType::service:
    case ObjectType::disruption_budget:
    case ObjectType::pod_group:
    case ObjectType::volcano_pod_group:
    case ObjectType::plugins_pod_group:
    case ObjectType::volcano_queue: return read_group_object(type, object, metadata);
    case ObjectType::node_resource_topology:
    case ObjectType::numatopology: return read_topology_object(type, object, metadata);
  }
  EBB_UNREACHABLE();
}

}   // namespace ebb::kube
