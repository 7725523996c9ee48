#include "cli/scenario/workloads.h"

#include "cli/scenario/object_manifests.h"
#include "kube/decode.h"
#include "model/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ebb::cli::scenario {
namespace {

using kube::ObjectType;
using model::YamlNode;

constexpr std::int64_t kPodsMax = 10'000;
constexpr std::string_view kSchedulerName = "openfuyao-scheduler";

constexpr auto kWorkloadKeys = std::to_array<std::string_view>({"file", "manifest", "count", "use"});
constexpr auto kPodKeys = std::to_array<std::string_view>({"name", "count", "labels", "annotations", "requests", "limits", "priority",
                                                           "priorityClassName", "schedulerName", "node", "nodeSelector", "spec", "use"});

struct OwnerKind {
  std::string_view kind;
  std::string_view api_version;
  ObjectType type;
  std::string_view count_field;   // below spec; empty: the scenario says
};
constexpr auto kOwnerKinds = std::to_array<OwnerKind>({
    {"Deployment", "apps/v1", ObjectType::deployment, "replicas"},
    {"ReplicaSet", "apps/v1", ObjectType::replica_set, "replicas"},
    {"StatefulSet", "apps/v1", ObjectType::stateful_set, "replicas"},
    {"DaemonSet", "apps/v1", ObjectType::daemon_set, ""},
    {"Job", "batch/v1", ObjectType::job, "parallelism"},
});

std::string text_of(const YamlNode* node) { return node != nullptr && node->is_scalar() ? node->text : std::string(); }

const YamlNode* find_path(const YamlNode& node, std::initializer_list<std::string_view> path) {
  const YamlNode* here = &node;
  for (const std::string_view step : path) {
    if (!here->is_mapping()) return nullptr;
    here = here->find(step);
    if (here == nullptr) return nullptr;
  }
  return here;
}

// Kubernetes requests what is limited where nothing is requested.
void default_requests(model::Pod& pod) {
  for (auto* containers : {&pod.init_containers, &pod.containers}) {
    for (model::Container& container : *containers) {
      model::Resources& requests = container.requests;
      if (requests.cpu.v == 0) requests.cpu = container.limits.cpu;
      if (requests.memory.v == 0) requests.memory = container.limits.memory;
      for (const auto& [name, amount] : container.limits.scalars) requests.scalars.try_emplace(name, amount);
    }
  }
}

model::Uid uid_of(std::string_view kind, const model::ObjectKey& key) {
  return model::Uid(fmt::format("{}/{}", kind, model::to_string(key)));
}

model::OwnerRef reference_to(const model::Owner& owner, std::string_view api_version) {
  return {.api_version = std::string(api_version), .kind = owner.kind, .name = owner.key.name, .uid = owner.uid, .controller = true};
}

// What of a pod's spec the scenario acts on itself: how long it takes to end, and the claims made for it.
Status read_life(const YamlNode& spec, PodGroup& group) {
  EBB_TRY(group.ephemeral_claims, ephemeral_claims(spec));
  const YamlNode* grace = spec.is_mapping() ? spec.find("terminationGracePeriodSeconds") : nullptr;
  if (grace == nullptr) return {};
  const auto parsed = model::parse_duration(grace->text + "s", model::DurationUnits::with_days);
  if (!parsed || parsed->v < 0) return fail(Errc::invalid, "terminationGracePeriodSeconds must be a whole number");
  group.grace = *parsed;
  return {};
}

// The ReplicaSet that the Deployment controller would put between a Deployment and its pods.
model::Owner replica_set_of(const model::Owner& deployment) {
  model::Owner set;
  set.kind = "ReplicaSet";
  set.key = {deployment.key.ns, deployment.key.name + "-1"};
  set.uid = uid_of(set.kind, set.key);
  set.owners = {reference_to(deployment, "apps/v1")};
  set.selector = deployment.selector;
  return set;
}

Result<model::Pod> pod_from_template(const YamlNode& manifest) {
  const YamlNode* spec = find_path(manifest, {"spec", "template", "spec"});
  if (spec == nullptr) return fail(Errc::invalid, "spec.template.spec is missing");
  EBB_TRY(const std::string spec_json, model::to_json(*spec));
  std::string metadata_json = "{}";
  if (const YamlNode* metadata = find_path(manifest, {"spec", "template", "metadata"}); metadata != nullptr && !metadata->is_null()) {
    EBB_TRY(metadata_json, model::to_json(*metadata));
  }
  return kube::decode_pod(fmt::format(R"({{"apiVersion":"v1","kind":"Pod","metadata":{},"spec":{}}})", metadata_json, spec_json));
}

Result<std::int64_t> count_of(const YamlNode& manifest, const OwnerKind& kind) {
  if (kind.count_field.empty()) return 1;
  const YamlNode* stated = find_path(manifest, {"spec", kind.count_field});
  if (stated == nullptr) return 1;
  const auto parsed = kube::decode_owner(ObjectType::job, fmt::format(R"({{"spec":{{"parallelism":{}}}}})", text_of(stated)));
  if (!parsed || !parsed->job || !parsed->job->parallelism || *parsed->job->parallelism < 0) {
    return fail(Errc::invalid, "spec.{} must be a whole number", kind.count_field);
  }
  return *parsed->job->parallelism;
}

model::ObjectKey key_of(const YamlNode& manifest) {
  const std::string ns = text_of(find_path(manifest, {"metadata", "namespace"}));
  return {ns.empty() ? "default" : ns, text_of(find_path(manifest, {"metadata", "name"}))};
}

Result<PodGroup> owned_group(const YamlNode& manifest, const OwnerKind& kind) {
  EBB_TRY(const std::string json, model::to_json(manifest));
  EBB_TRY(model::Owner owner, kube::decode_owner(kind.type, json));
  PodGroup group;
  EBB_TRY(group.pod, pod_from_template(manifest));
  EBB_TRY(group.count, count_of(manifest, kind));
  owner.kind = kind.kind;
  owner.key = group.key = key_of(manifest);
  owner.uid = uid_of(owner.kind, owner.key);
  EBB_TRY_VOID(read_life(*find_path(manifest, {"spec", "template", "spec"}), group));
  if (kind.type == ObjectType::deployment) {
    EBB_TRY(const model::Owner as_set, kube::decode_owner(ObjectType::replica_set, json));
    owner.selector = as_set.selector;
    group.owners.push_back(replica_set_of(owner));
    owner.selector.reset();
  }
  group.owners.push_back(std::move(owner));
  group.pod.owners = {reference_to(group.owners.front(), kind.api_version)};
  return group;
}

Result<PodGroup> group_of(const YamlNode& manifest) {
  const std::string kind = text_of(manifest.is_mapping() ? manifest.find("kind") : nullptr);
  if (key_of(manifest).name.empty()) return fail(Errc::invalid, "metadata.name is missing");
  if (kind == "Pod") {
    EBB_TRY(const std::string json, model::to_json(manifest));
    PodGroup group;
    EBB_TRY(group.pod, kube::decode_pod(json));
    group.key = key_of(manifest);
    if (const YamlNode* spec = find_path(manifest, {"spec"}); spec != nullptr) EBB_TRY_VOID(read_life(*spec, group));
    return group;
  }
  const auto* const found = std::ranges::find(kOwnerKinds, std::string_view(kind), &OwnerKind::kind);
  if (found == kOwnerKinds.end())
    return fail(Errc::invalid, "kind '{}' has no pods; allowed are Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job", kind);
  return owned_group(manifest, *found);
}

void add_manifest(FieldReader& reader, const Located& where, const YamlNode& manifest, const std::string& file,
                  std::vector<PodGroup>& groups) {
  auto group = group_of(manifest);
  if (!group) {
    reader.find(where, file.empty() ? group.error().message : fmt::format("{}:{}: {}", file, manifest.line, group.error().message));
    return;
  }
  default_requests(group->pod);
  group->line = where.line;
  group->file = file;
  groups.push_back(*std::move(group));
}

void add_file(FieldReader& reader, const Located& where, const ReadFile& read_file, std::vector<PodGroup>& groups) {
  const auto path = reader.text(where);
  if (!path) return;
  const auto text = read_file(*path);
  if (!text) return reader.find(where, text.error().message);
  const model::YamlText yaml = model::parse_yaml(*text);
  if (!yaml.ok()) return reader.find(where, fmt::format("{}: {}", *path, model::summary(yaml.findings, 500)));
  for (const YamlNode& document : yaml.documents) {
    if (!document.is_null()) add_manifest(reader, where, document, *path, groups);
  }
}

}   // namespace

void read_workload(FieldReader& reader, const Located& where, const ReadFile& read_file, std::vector<PodGroup>& groups) {
  std::vector<PodGroup> found;
  std::optional<std::int64_t> count;
  std::optional<model::Use> use;
  bool stated = false;
  for (const auto& [key, member] : reader.members(where, kWorkloadKeys)) {
    if (key == "file") add_file(reader, member, read_file, found);
    if (key == "manifest") add_manifest(reader, member, member.node, "", found);
    if (key == "count") count = reader.whole_number(member, 0, kPodsMax);
    if (key == "use") use = read_use(reader, member);
    stated = stated || key == "file" || key == "manifest";
  }
  if (!stated) reader.find(where, "a workload needs a file or a manifest");
  for (PodGroup& group : found) {
    if (count) group.count = count;
    group.use = use;
    groups.push_back(std::move(group));
  }
}

// `spec` as in Kubernetes; what stands beside it in short form is added.
void read_short_spec(FieldReader& reader, const Located& where, PodGroup& group) {
  const auto read = [&]() -> Status {
    EBB_TRY(const std::string json, model::to_json(where.node));
    EBB_TRY(group.pod, kube::decode_pod(fmt::format(R"({{"spec":{}}})", json)));
    return read_life(where.node, group);
  };
  if (const Status done = read(); !done) reader.find(where, done.error().message);
}

void read_short_pod(FieldReader& reader, const Located& where, std::vector<PodGroup>& groups) {
  PodGroup group;
  group.line = where.line;
  model::Pod& pod = group.pod;
  if (const YamlNode* spec = where.node.is_mapping() ? where.node.find("spec") : nullptr; spec != nullptr) {
    read_short_spec(reader, Located{*spec, model::path_of(where.path, "spec"), spec->line}, group);
  }
  if (pod.scheduler_name.empty()) pod.scheduler_name = kSchedulerName;
  model::Container container;
  container.name = "main";
  for (const auto& [key, member] : reader.members(where, kPodKeys)) {
    if (key == "name") group.key = to_key(read_word(reader, member).value_or(""));
    if (key == "count") group.count = reader.whole_number(member, 0, kPodsMax);
    if (key == "labels") pod.labels = read_labels(reader, member).value_or(model::Labels());
    if (key == "annotations") pod.annotations = read_labels(reader, member).value_or(model::Labels());
    if (key == "requests") container.requests = read_resources(reader, member).value_or(model::Resources());
    if (key == "limits") container.limits = read_resources(reader, member).value_or(model::Resources());
    if (key == "priorityClassName") pod.priority_class = reader.text(member).value_or("");
    if (key == "schedulerName") pod.scheduler_name = reader.text(member).value_or("");
    if (key == "node") pod.node.v = read_word(reader, member).value_or("");
    if (key == "nodeSelector") pod.node_selector = read_labels(reader, member).value_or(model::Labels());
    if (key == "use") group.use = read_use(reader, member);
    if (key == "priority") {
      if (const auto priority = reader.whole_number(member, INT32_MIN, INT32_MAX)) pod.priority = static_cast<std::int32_t>(*priority);
    }
  }
  if (group.key.name.empty()) reader.find(where, "a pod needs a name");
  const bool asks = container.requests != model::Resources() || container.limits != model::Resources();
  if (pod.containers.empty() || asks) pod.containers.push_back(std::move(container));
  default_requests(pod);
  groups.push_back(std::move(group));
}

}   // namespace ebb::cli::scenario
