#include "model/profile/plugin_args_parser.h"

#include "model/profile/node_affinity_parser.h"
#include "model/profile/plugin_sets.h"
#include "model/profile/scheduler_configuration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace ebb::model {
namespace {

constexpr std::int64_t kWeightMax = 100;
constexpr std::int32_t kPercentMax = 100;
constexpr std::int32_t kShapeScoreMax = 10;
constexpr std::int64_t kSecondsMax = INT64_MAX / 1'000'000'000;

std::optional<std::string> required_text(ConfigReader& reader, const ConfigNode& at, std::optional<std::string> read,
                                         std::string_view key) {
  if (read && read->empty()) reader.refuse(at, fmt::format("{} must not be empty", key));
  return read;
}

// ---- resources and shapes

std::vector<ResourceWeight> read_resources(ConfigReader& reader, const ConfigNode& list, std::int64_t weight_max) {
  constexpr auto kKnown = std::to_array<std::string_view>({"name", "weight"});
  std::vector<ResourceWeight> resources;
  for (const ConfigNode& item : reader.items(list)) {
    ResourceWeight resource;
    for (const auto& [key, value] : reader.members(item, kKnown)) {
      if (key == "name") {
        if (auto name = reader.text(value)) resource.resource = *std::move(name);
      } else if (const auto weight = reader.whole_number(value, 0, weight_max)) {
        resource.weight = std::max<std::int64_t>(*weight, 1);   // 0 says nothing
      }
    }
    if (resource.resource.empty()) reader.refuse(item, "name is missing: a resource is meant by its name");
    resources.push_back(std::move(resource));
  }
  return resources;
}

std::vector<ShapePoint> read_shape(ConfigReader& reader, const ConfigNode& list) {
  constexpr auto kKnown = std::to_array<std::string_view>({"utilization", "score"});
  std::vector<ShapePoint> shape;
  for (const ConfigNode& item : reader.items(list)) {
    ShapePoint point;
    ConfigNode utilization = item;
    for (const auto& [key, value] : reader.members(item, kKnown)) {
      if (key == "utilization") {
        utilization = value;
        point.utilization = reader.int32(value, 0, kPercentMax).value_or(0);
      } else {
        point.score = reader.int32(value, 0, kShapeScoreMax).value_or(0);
      }
    }
    if (!shape.empty() && point.utilization <= shape.back().utilization) {
      reader.refuse(utilization,
                    fmt::format("{} does not come after {}: the points must rise", point.utilization, shape.back().utilization));
    }
    shape.push_back(point);
  }
  return shape;
}

// ---- NodeResourcesFit

void read_ratio(ConfigReader& reader, const ConfigNode& at, NodeResourcesFitArgs& args) {
  constexpr auto kKnown = std::to_array<std::string_view>({"shape"});
  for (const auto& [key, value] : reader.members(at, kKnown)) args.shape = read_shape(reader, value);
  if (args.shape.empty()) reader.refuse(at, "shape is missing: at least one point is needed");
}

void read_strategy(ConfigReader& reader, const ConfigNode& at, NodeResourcesFitArgs& args) {
  constexpr auto kKnown = std::to_array<std::string_view>({"type", "resources", "requestedToCapacityRatio"});
  constexpr auto kTypes = std::to_array<std::string_view>({"LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"});
  std::optional<ScoringStrategy> type;
  std::optional<ConfigNode> ratio;
  bool type_is_wrong = false;
  for (const auto& [key, value] : reader.members(at, kKnown)) {
    if (key == "type") {
      const auto index = reader.choice(value, kTypes);
      type_is_wrong = !index;
      if (index) type = static_cast<ScoringStrategy>(*index);
    } else if (key == "resources") {
      auto resources = read_resources(reader, value, kWeightMax);
      if (!resources.empty()) args.resources = std::move(resources);
    } else {
      ratio = value;
    }
  }
  if (!type) {
    if (!type_is_wrong) reader.refuse(at, fmt::format("type is missing: it must be {}", fmt::join(kTypes, ", ")));
    return;
  }
  args.strategy = *type;
  if (ratio && *type != ScoringStrategy::requested_to_capacity_ratio) {
    reader.refuse(*ratio, "only allowed where type is RequestedToCapacityRatio");
  } else if (ratio) {
    read_ratio(reader, *ratio, args);
  } else if (*type == ScoringStrategy::requested_to_capacity_ratio) {
    reader.refuse(at, "requestedToCapacityRatio is missing: the type needs its shape");
  }
}

std::vector<std::string> read_names(ConfigReader& reader, const ConfigNode& list, bool group) {
  std::vector<std::string> names;
  for (const ConfigNode& item : reader.items(list)) {
    auto name = reader.text(item);
    if (!name) continue;
    if (group && name->contains('/')) reader.refuse(item, fmt::format("'{}' is not a group of resources: it holds no '/'", *name));
    if (const Status checked = check_label_key(*name); !checked) {
      reader.refuse(item, fmt::format("'{}' is not the name of a {}", *name, group ? "group of resources" : "resource"));
    }
    names.push_back(*std::move(name));
  }
  return names;
}

void read_fit(ConfigReader& reader, const ConfigNode& at, std::span<const std::string_view> known, SchedulerProfile& profile) {
  NodeResourcesFitArgs& args = profile.node_resources_fit;
  for (const auto& [key, value] : reader.members(at, known)) {
    if (key == "ignoredResources") args.ignored_resources = read_names(reader, value, false);
    if (key == "ignoredResourceGroups") args.ignored_resource_groups = read_names(reader, value, true);
    if (key == "scoringStrategy") read_strategy(reader, value, args);
  }
}

void read_balanced(ConfigReader& reader, const ConfigNode& at, std::span<const std::string_view> known, SchedulerProfile& profile) {
  for (const auto& [key, value] : reader.members(at, known)) {
    if (key != "resources") continue;
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (ResourceWeight& resource : read_resources(reader, value, 1)) {
      if (!seen.insert(resource.resource).second)
        reader.refuse(value, fmt::format("{} stands here twice: once is allowed", resource.resource));
      names.push_back(std::move(resource.resource));
    }
    if (!names.empty()) profile.balanced_allocation.resources = std::move(names);
  }
}

// ---- PodTopologySpread

TopologySpreadConstraint read_constraint(ConfigReader& reader, const ConfigNode& at) {
  constexpr auto kKnown = std::to_array<std::string_view>({"maxSkew", "topologyKey", "whenUnsatisfiable", "labelSelector", "minDomains",
                                                           "nodeAffinityPolicy", "nodeTaintsPolicy", "matchLabelKeys"});
  constexpr auto kActions = std::to_array<std::string_view>({"ScheduleAnyway", "DoNotSchedule"});
  constexpr auto kPolicies = std::to_array<std::string_view>({"Ignore", "Honor"});
  TopologySpreadConstraint constraint;
  bool has_skew = false;
  bool has_action = false;
  for (const auto& [key, value] : reader.members(at, kKnown)) {
    if (key == "maxSkew") {
      has_skew = true;
      constraint.max_skew = reader.int32(value, 1).value_or(1);
    } else if (key == "topologyKey") {
      if (auto text = reader.text(value)) constraint.topology_key = *std::move(text);
      if (const Status checked = check_label_key(constraint.topology_key); !checked && !constraint.topology_key.empty()) {
        reader.refuse(value, checked.error().message);
      }
    } else if (key == "whenUnsatisfiable") {
      has_action = true;
      constraint.required = reader.choice(value, kActions).value_or(0) == 1;
    } else if (key == "labelSelector") {
      reader.refuse(value, "not allowed in a default: each pod's own services and owner select");
    } else if (key == "minDomains") {
      if (const auto domains = reader.int32(value)) constraint.min_domains = *domains;
    } else if (key == "matchLabelKeys") {
      reader.texts(value);
      reader.note(value,
                  "without effect in a default, in Kubernetes too: the selector of the pod's services and owner stands in its place");
    } else {
      const auto policy = reader.choice(value, kPolicies);
      if (policy) (key == "nodeAffinityPolicy" ? constraint.honor_node_affinity : constraint.honor_node_taints) = *policy == 1;
    }
  }
  if (!has_skew) reader.refuse(at, "maxSkew is missing: it must be a whole number from 1");
  if (!has_action) reader.refuse(at, "whenUnsatisfiable is missing: it must be DoNotSchedule or ScheduleAnyway");
  if (constraint.topology_key.empty()) reader.refuse(at, "topologyKey is missing: it must be the key of a node's label");
  return constraint;
}

void read_spread(ConfigReader& reader, const ConfigNode& at, std::span<const std::string_view> known, SchedulerProfile& profile) {
  constexpr auto kTypes = std::to_array<std::string_view>({"System", "List"});
  PodTopologySpreadArgs& args = profile.pod_topology_spread;
  std::vector<TopologySpreadConstraint> constraints;
  ConfigNode list = at;
  for (const auto& [key, value] : reader.members(at, known)) {
    if (key == "defaultingType" && !(value.node->is_scalar() && value.node->text.empty())) {
      args.system_defaults = reader.choice(value, kTypes).value_or(0) == 0;
    } else if (key == "defaultConstraints") {
      list = value;
      for (const ConfigNode& item : reader.items(value)) {
        TopologySpreadConstraint constraint = read_constraint(reader, item);
        const bool twice = std::ranges::any_of(constraints, [&](const TopologySpreadConstraint& other) {
          return other.topology_key == constraint.topology_key && other.required == constraint.required;
        });
        if (twice) reader.refuse(item, "a second constraint with this topologyKey and whenUnsatisfiable");
        constraints.push_back(std::move(constraint));
      }
    }
  }
  if (args.system_defaults && !constraints.empty()) reader.refuse(list, "only allowed where defaultingType is List");
  if (!args.system_defaults) args.default_constraints = std::move(constraints);
}

// ---- the small ones

void read_inter_pod(ConfigReader& reader, const ConfigNode& at, std::span<const std::string_view> known, SchedulerProfile& profile) {
  InterPodAffinityArgs& args = profile.inter_pod_affinity;
  for (const auto& [key, value] : reader.members(at, known)) {
    if (key == "hardPodAffinityWeight") args.hard_pod_affinity_weight = reader.int32(value, 0, kPercentMax).value_or(1);
    if (key == "ignorePreferredTermsOfExistingPods") args.ignore_preferred_terms_of_existing_pods = reader.boolean(value).value_or(false);
  }
}

void read_volume_binding(ConfigReader& reader, const ConfigNode& at, std::span<const std::string_view> known, SchedulerProfile& profile) {
  VolumeBindingArgs& args = profile.volume_binding;
  for (const auto& [key, value] : reader.members(at, known)) {
    if (key == "bindTimeoutSeconds") {
      if (const auto timeout = reader.whole_number(value, 0, kSecondsMax)) args.bind_timeout = seconds(*timeout);
    } else if (key == "shape") {
      auto shape = read_shape(reader, value);
      if (!shape.empty()) args.shape = std::move(shape);
    }
  }
}

void read_preemption(ConfigReader& reader, const ConfigNode& at, std::span<const std::string_view> known, SchedulerProfile& profile) {
  DefaultPreemptionArgs& args = profile.default_preemption;
  for (const auto& [key, value] : reader.members(at, known)) {
    if (key == "minCandidateNodesPercentage") args.min_candidate_nodes_percentage = reader.int32(value, 0, kPercentMax).value_or(1);
    if (key == "minCandidateNodesAbsolute") args.min_candidate_nodes_absolute = reader.int32(value, 0).value_or(1);
  }
  if (args.min_candidate_nodes_percentage == 0 && args.min_candidate_nodes_absolute == 0) {
    reader.refuse(at, "minCandidateNodesPercentage and minCandidateNodesAbsolute are both 0: no node would ever be tried");
  }
}

void read_added_affinity(ConfigReader& reader, const ConfigNode& at, std::span<const std::string_view> known, SchedulerProfile& profile) {
  for (const auto& [key, value] : reader.members(at, known)) {
    if (key == "addedAffinity") profile.node_affinity = read_node_affinity(reader, value);
  }
}

struct ArgsReader {
  Plugin plugin;
  std::array<std::string_view, 5> fields;   // apiVersion and kind before the plugin's own
  void (*read)(ConfigReader&, const ConfigNode&, std::span<const std::string_view>, SchedulerProfile&);
};

constexpr auto kReaders = std::to_array<ArgsReader>({
    {Plugin::node_affinity, {"apiVersion", "kind", "addedAffinity"}, read_added_affinity},
    {Plugin::node_resources_fit, {"apiVersion", "kind", "ignoredResources", "ignoredResourceGroups", "scoringStrategy"}, read_fit},
    {Plugin::balanced_allocation, {"apiVersion", "kind", "resources"}, read_balanced},
    {Plugin::pod_topology_spread, {"apiVersion", "kind", "defaultConstraints", "defaultingType"}, read_spread},
    {Plugin::inter_pod_affinity, {"apiVersion", "kind", "hardPodAffinityWeight", "ignorePreferredTermsOfExistingPods"}, read_inter_pod},
    {Plugin::volume_binding, {"apiVersion", "kind", "bindTimeoutSeconds", "shape"}, read_volume_binding},
    {Plugin::default_preemption, {"apiVersion", "kind", "minCandidateNodesPercentage", "minCandidateNodesAbsolute"}, read_preemption},
});

void check_type(ConfigReader& reader, const ConfigNode& args, std::string_view plugin) {
  if (!args.node->is_mapping()) return;
  const auto expect = [&](std::string_view key, const std::string& wanted) {
    const YamlNode* found = args.node->find(key);
    if (found == nullptr || found->is_null() || found->text == wanted) return;
    reader.refuse({found, path_of(args.path, key), found->line}, fmt::format("{} is not allowed: it must be {}", describe(*found), wanted));
  };
  expect("apiVersion", std::string(kKubeSchedulerApiVersion));
  expect("kind", fmt::format("{}Args", plugin));
}

void read_args(ConfigReader& reader, const ConfigNode& name_at, const std::string& name, const ConfigNode& args,
               SchedulerProfile& profile) {
  const auto plugin = find_plugin(name);
  if (!plugin) return reader.refuse(name_at, no_such_plugin(name));
  const PluginInfo& info = info_of(*plugin);
  if (info.origin == PluginOrigin::unsupported) return reader.refuse(name_at, fmt::format("{} is not supported by Ebb", name));
  const auto found = std::ranges::find(kReaders, *plugin, &ArgsReader::plugin);
  if (info.origin == PluginOrigin::ebb || found == kReaders.end())
    return reader.refuse(name_at, fmt::format("{} takes no arguments", name));
  if (args.is_null()) return;   // all defaults
  if (!args.node->is_mapping()) {
    return reader.refuse(args, fmt::format("{} stands where the mapping {}Args is expected", describe(*args.node), name));
  }
  check_type(reader, args, name);
  const auto fields =
      std::span(found->fields).first(static_cast<std::size_t>(std::ranges::find(found->fields, "") - found->fields.begin()));
  found->read(reader, args, fields, profile);
}

}   // namespace

void read_plugin_config(ConfigReader& reader, const ConfigNode& plugin_config, SchedulerProfile& profile) {
  constexpr auto kKnown = std::to_array<std::string_view>({"name", "args"});
  std::set<std::string> seen;
  for (const ConfigNode& item : reader.items(plugin_config)) {
    std::string name;
    ConfigNode name_at = item;
    ConfigNode args = item;
    YamlNode nothing;
    nothing.plain = true;
    args.node = &nothing;
    for (const auto& [key, value] : reader.members(item, kKnown)) {
      if (key == "args") {
        args = value;
        continue;
      }
      name_at = value;
      name = required_text(reader, value, reader.text(value), "name").value_or("");
    }
    if (name.empty()) {
      if (name_at.node == item.node) reader.refuse(item, "name is missing: arguments belong to a plugin");
      continue;
    }
    if (!seen.insert(name).second) {
      reader.refuse(name_at, fmt::format("a second entry for {}: one is allowed", name));
      continue;
    }
    read_args(reader, name_at, name, args, profile);
  }
}

}   // namespace ebb::model
