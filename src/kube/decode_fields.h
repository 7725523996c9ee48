#pragma once

// The parts of the decoders that know a type's fields. Each reads the fields it knows of a top-level
// object ("metadata", "spec", "status" ...) and leaves the others alone.

#include "kube/decode.h"
#include "kube/json_reader.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::kube {

// metadata, which every object has.
struct Metadata {
  model::ObjectKey key;
  model::Uid uid;
  std::string resource_version;
  std::int64_t generation = 0;
  Instant created;
  std::optional<Instant> deletion_requested;
  model::Labels labels;
  model::Annotations annotations;   // of the domains that Ebb reads, see keeps_annotation
  std::vector<model::OwnerRef> owners;
  bool mirror_of_static_pod = false;
};

enum class MetadataDepth { key_only, all };
Status read_metadata(JsonValue value, MetadataDepth depth, Metadata& out);
bool keeps_annotation(std::string_view key);
// The annotation's text; empty where there is none.
std::string_view annotation(const Metadata& metadata, std::string_view key);

// Every field of `object` goes to metadata or to `visit`.
template <class Visit>
Status read_with_metadata(JsonObject object, Metadata& metadata, Visit&& visit) {
  return each_field(object, [&](std::string_view key, JsonValue value) -> Status {
    if (key == "metadata") return read_metadata(value, MetadataDepth::all, metadata);
    return visit(key, value);
  });
}

// One object of a type: the "seen" event made of all its fields. With an error `metadata` holds what was understood.
Result<Decoded> read_object(ObjectType type, JsonObject object, Metadata& metadata);
Result<Decoded> read_storage_object(ObjectType type, JsonObject object, Metadata& metadata);   // claims, volumes, classes, CSI
Result<Decoded> read_group_object(ObjectType type, JsonObject object, Metadata& metadata);   // namespaces, services, budgets, gangs, queues
Result<Decoded> read_topology_object(ObjectType type, JsonObject object, Metadata& metadata);   // NUMA nodes, in both dialects
Decoded finish_object(Metadata&& metadata, model::ClusterEvent seen);

Status read_labels(JsonValue value, model::Labels& out);
// ResourceList, names as they are written.
Status read_resources(JsonValue value, model::Resources& out);
// True where status.conditions holds `type` with that status.
struct ConditionWanted {
  std::string_view type;
  std::string_view status;
  bool found = false;
};
Status read_conditions(JsonValue value, ConditionWanted& a, ConditionWanted* b = nullptr);
Result<std::optional<model::TaintEffect>> read_taint_effect(JsonValue value);   // none: every effect
// A LabelSelector object; null leaves `out` without one, {} is a selector that matches everything.
Status read_label_selector(JsonValue value, std::optional<model::LabelSelector>& out);
// The terms of a NodeSelector object; `stated` where there is one, which matches nothing without terms.
Status read_node_selector(JsonValue value, std::vector<model::NodeSelectorTerm>& terms, bool& stated);
Status read_texts(JsonValue value, std::vector<std::string>& out);

Status read_pod_field(std::string_view key, JsonValue value, model::Pod& pod);
Status read_node_affinity(JsonValue value, model::Pod& pod);
Status read_pod_affinity(JsonValue value, std::vector<model::PodAffinityTerm>& required,
                         std::vector<model::WeightedPodAffinityTerm>& preferred);
Status read_spread_constraint(JsonValue value, std::vector<model::TopologySpreadConstraint>& out);
Status read_pod_volume(JsonValue value, std::vector<model::PodVolume>& out);
Status read_node_field(std::string_view key, JsonValue value, model::Node& node);
Status read_job_field(std::string_view key, JsonValue value, model::JobState& job);
Status read_owner_selector(ObjectType type, std::string_view key, JsonValue value, std::optional<model::LabelSelector>& selector);
Status read_report_field(std::string_view key, JsonValue value, model::NodeReport& report);
Status read_priority_class_field(std::string_view key, JsonValue value, model::PriorityClassSeen& seen);
Status read_policy_field(std::string_view key, JsonValue value, std::string& spec);
Status read_config_map_field(std::string_view key, JsonValue value, std::string_view wanted, model::PolicyDocument& document);
Status read_node_metrics_field(std::string_view key, JsonValue value, model::NodeUsageSeen& seen);
Status read_pod_metrics_field(std::string_view key, JsonValue value, model::PodUsageSeen& seen);

}   // namespace ebb::kube
