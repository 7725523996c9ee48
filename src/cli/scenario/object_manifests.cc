#include "cli/scenario/object_manifests.h"

#include "kube/decode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ebb::cli::scenario {
namespace {

using kube::ObjectType;
using model::YamlNode;

struct KnownKind {
  std::string_view kind;
  std::string_view group;   // of its API; empty: the core
  ObjectType type;
  bool namespaced = true;
};
constexpr auto kKinds = std::to_array<KnownKind>({
    {"Namespace", "", ObjectType::name_space, false},
    {"Service", "", ObjectType::service, true},
    {"PodDisruptionBudget", "policy", ObjectType::disruption_budget, true},
    {"PersistentVolumeClaim", "", ObjectType::volume_claim, true},
    {"PersistentVolume", "", ObjectType::volume, false},
    {"StorageClass", "storage.k8s.io", ObjectType::storage_class, false},
    {"CSINode", "storage.k8s.io", ObjectType::csi_node, false},
    {"CSIDriver", "storage.k8s.io", ObjectType::csi_driver, false},
    {"CSIStorageCapacity", "storage.k8s.io", ObjectType::csi_storage_capacity, true},
    {"PriorityClass", "scheduling.k8s.io", ObjectType::priority_class, false},
    {"PodGroup", "scheduling.volcano.sh", ObjectType::volcano_pod_group, true},
    {"PodGroup", "scheduling.x-k8s.io", ObjectType::plugins_pod_group, true},
    {"PodGroup", "scheduling.k8s.io", ObjectType::pod_group, true},
    {"Queue", "scheduling.volcano.sh", ObjectType::volcano_queue, false},
    {"NodeResourceTopology", "topology.node.k8s.io", ObjectType::node_resource_topology, false},
    {"Numatopology", "nodeinfo.volcano.sh", ObjectType::numatopology, false},
});

std::string text_of(const YamlNode& node, std::string_view key) {
  const YamlNode* found = node.is_mapping() ? node.find(key) : nullptr;
  return found != nullptr && found->is_scalar() ? found->text : std::string();
}

YamlNode* member(YamlNode& mapping, std::string_view key) {
  const auto found = std::ranges::find_if(mapping.entries, [&](const model::YamlEntry& entry) { return entry.key.text == key; });
  return found == mapping.entries.end() ? nullptr : &found->value;
}

void set_default(YamlNode& mapping, std::string_view key, std::string text) {
  if (member(mapping, key) != nullptr) return;
  YamlNode name;
  name.text = key;
  YamlNode value;
  value.text = std::move(text);
  mapping.entries.push_back({std::move(name), std::move(value)});
}

Result<KnownKind> known_kind(const YamlNode& manifest) {
  const std::string kind = text_of(manifest, "kind");
  const std::string version = text_of(manifest, "apiVersion");
  const std::size_t slash = version.find('/');
  const std::string_view group = slash == std::string::npos ? std::string_view() : std::string_view(version).substr(0, slash);
  const KnownKind* only = nullptr;
  for (const KnownKind& known : kKinds) {
    if (known.kind != kind) continue;
    if (known.group == group) return known;
    only = &known;
  }
  if (only != nullptr) return fail(Errc::invalid, "apiVersion '{}' has no {}", version, kind);
  std::vector<std::string_view> kinds;
  for (const KnownKind& known : kKinds) kinds.push_back(known.kind);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return fail(Errc::invalid, "kind '{}' is no object of a scenario; allowed are {}", kind, fmt::join(kinds, ", "));
}

// What the API server fills in: the namespace, and a uid, which is the object's name here.
Result<model::ClusterEvent> event_of(const KnownKind& kind, YamlNode manifest) {
  YamlNode* metadata = manifest.is_mapping() ? member(manifest, "metadata") : nullptr;
  if (metadata == nullptr || !metadata->is_mapping()) return fail(Errc::invalid, "metadata is missing");
  if (kind.namespaced) set_default(*metadata, "namespace", "default");
  set_default(*metadata, "uid", fmt::format("{}/{}/{}", kind.kind, text_of(*metadata, "namespace"), text_of(*metadata, "name")));
  EBB_TRY(const std::string json, model::to_json(manifest));
  EBB_TRY(kube::Decoded decoded, kube::Decoder(kind.type).object(json));
  if (decoded.key.name.empty()) return fail(Errc::invalid, "metadata.name is missing");
  return std::move(decoded.seen);
}

Result<model::ClusterEvent> object_of(const YamlNode& manifest) {
  EBB_TRY(const KnownKind kind, known_kind(manifest));
  return event_of(kind, manifest);
}

void add_object(FieldReader& reader, const Located& where, const YamlNode& manifest, const std::string& file,
                std::vector<ObjectChange>& objects) {
  auto seen = object_of(manifest);
  if (seen) return objects.push_back({where.line, *std::move(seen)});
  reader.find(where, file.empty() ? seen.error().message : fmt::format("{}:{}: {}", file, manifest.line, seen.error().message));
}

}   // namespace

void read_object(FieldReader& reader, const Located& where, const ReadFile& read_file, std::vector<ObjectChange>& objects) {
  const YamlNode* const named = where.node.is_mapping() && where.node.entries.size() == 1 ? where.node.find("file") : nullptr;
  if (named == nullptr) return add_object(reader, where, where.node, "", objects);
  const Located file{*named, model::path_of(where.path, "file"), named->line};
  const auto path = reader.text(file);
  if (!path) return;
  const auto text = read_file(*path);
  if (!text) return reader.find(file, text.error().message);
  const model::YamlText yaml = model::parse_yaml(*text);
  if (!yaml.ok()) return reader.find(file, fmt::format("{}: {}", *path, model::summary(yaml.findings, 500)));
  for (const YamlNode& document : yaml.documents) {
    if (!document.is_null()) add_object(reader, file, document, *path, objects);
  }
}

void read_object_name(FieldReader& reader, const Located& where, std::vector<ObjectName>& names) {
  const std::string text = read_word(reader, where).value_or("");
  const std::size_t slash = text.find('/');
  const std::string kind = text.substr(0, slash);
  const auto* const known = std::ranges::find(kKinds, std::string_view(kind), &KnownKind::kind);
  if (known == kKinds.end() || slash == std::string::npos) {
    return reader.find(where, fmt::format("'{}' is not allowed: it must be Kind/name or Kind/namespace/name", text));
  }
  const std::string rest = text.substr(slash + 1);
  names.push_back({where.line, kind, known->namespaced ? to_key(rest) : model::ObjectKey{"", rest}});
}

Result<std::vector<std::pair<std::string, model::VolumeClaim>>> ephemeral_claims(const YamlNode& spec) {
  std::vector<std::pair<std::string, model::VolumeClaim>> claims;
  const YamlNode* volumes = spec.is_mapping() ? spec.find("volumes") : nullptr;
  if (volumes == nullptr || !volumes->is_sequence()) return claims;
  for (const YamlNode& volume : volumes->items) {
    const YamlNode* ephemeral = volume.is_mapping() ? volume.find("ephemeral") : nullptr;
    const YamlNode* made_of = ephemeral != nullptr && ephemeral->is_mapping() ? ephemeral->find("volumeClaimTemplate") : nullptr;
    if (made_of == nullptr) continue;
    EBB_TRY(const std::string json, model::to_json(*made_of));
    EBB_TRY(const kube::Decoded decoded, kube::Decoder(ObjectType::volume_claim).object(json));
    claims.emplace_back(text_of(volume, "name"), std::get<model::VolumeClaimSeen>(decoded.seen).claim);
  }
  return claims;
}

}   // namespace ebb::cli::scenario
