#include "model/profile/plugin_sets.h"

#include "model/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace ebb::model {
namespace {

// Plugins that other people build into their schedulers, and whose work is done by one of Ebb's own.
struct Counterpart {
  std::string_view name;
  Plugin plugin;
};
constexpr auto kCounterparts = std::to_array<Counterpart>({
    {"Coscheduling", Plugin::gangs},
    {"GangScheduling", Plugin::gangs},
    {"gang", Plugin::gangs},
    {"CapacityScheduling", Plugin::queues},
    {"ElasticQuota", Plugin::queues},
    {"capacity", Plugin::queues},
    {"proportion", Plugin::queues},
    {"drf", Plugin::queues},
    {"NodeResourceTopologyMatch", Plugin::numa},
    {"TopologyMatch", Plugin::numa},
    {"NodeNUMAResource", Plugin::numa},
    {"LoadVariationRiskBalancing", Plugin::colocation},
    {"TargetLoadPacking", Plugin::colocation},
    {"LowRiskOverCommitment", Plugin::colocation},
    {"LoadAwareScheduling", Plugin::colocation},
    {"LoadAware", Plugin::colocation},
    {"DeviceShare", Plugin::accelerators},
    {"FGDScore", Plugin::accelerators},
});

std::string counterpart_text(std::string_view name) {
  const auto found = std::ranges::find(kCounterparts, name, &Counterpart::name);
  if (found == kCounterparts.end()) return {};
  return fmt::format(" what it is for is done by Ebb's own {}, which need not be named here", name_of(found->plugin));
}

std::vector<std::string_view> plugin_names() {
  std::vector<std::string_view> names;
  for (const PluginInfo& info : plugin_table()) {
    if (info.origin == PluginOrigin::kubernetes) names.push_back(info.name);
  }
  return names;
}

std::string set_elsewhere(std::string_view name) {
  return fmt::format("{} is Ebb's own: it is set in the section of kind EbbSchedulerConfiguration, at plugins.{}", name, name);
}

void judge_enabled(ConfigReader& reader, const NamedPlugin& entry, std::optional<ExtensionPoint> point) {
  if (entry.name == kEveryPlugin) return reader.refuse(entry.at, "\"*\" can only be disabled: enable plugins by their names");
  const auto plugin = find_plugin(entry.name);
  if (!plugin) return reader.refuse(entry.at, no_such_plugin(entry.name));
  const PluginInfo& info = info_of(*plugin);
  if (info.origin == PluginOrigin::ebb) return reader.refuse(entry.at, set_elsewhere(entry.name));
  if (info.origin == PluginOrigin::unsupported) {
    const std::string instead = counterpart_text(entry.name);
    return reader.refuse(entry.at, fmt::format("{} is not supported by Ebb{}", entry.name,
                                               instead.empty() ? ": it can be disabled, not enabled" : ":" + instead));
  }
  if (point == ExtensionPoint::placement_generate || point == ExtensionPoint::placement_score) {
    return reader.refuse(entry.at, "placements of pod groups are chosen by Ebb's own Gangs: nothing can be enabled here");
  }
  if (point && !info.serves(*point)) {
    std::vector<std::string_view> served;
    for (std::size_t i = 0; i < kExtensionPoints; ++i) {
      if (info.serves(static_cast<ExtensionPoint>(i))) served.push_back(name_of(static_cast<ExtensionPoint>(i)));
    }
    reader.refuse(entry.at,
                  fmt::format("{} does nothing at {}: it can be enabled at {}", entry.name, name_of(*point), fmt::join(served, ", ")));
  }
}

void judge_disabled(ConfigReader& reader, const NamedPlugin& entry) {
  if (entry.name == kEveryPlugin) return;
  const auto plugin = find_plugin(entry.name);
  if (plugin && info_of(*plugin).origin == PluginOrigin::ebb) return reader.refuse(entry.at, set_elsewhere(entry.name));
  if (plugin) return;
  const std::vector<std::string_view> names = plugin_names();
  const auto similar = nearest(entry.name, names);
  reader.note(entry.at, fmt::format("there is no plugin {}, so there is nothing to disable{}", entry.name,
                                    similar ? fmt::format("; did you mean {}?", *similar) : ""));
}

std::vector<NamedPlugin> read_list(ConfigReader& reader, const ConfigNode& list) {
  constexpr auto kKnown = std::to_array<std::string_view>({"name", "weight"});
  std::vector<NamedPlugin> plugins;
  for (const ConfigNode& item : reader.items(list)) {
    NamedPlugin plugin{.name = {}, .at = item};
    bool right = item.node->is_mapping();
    if (item.is_null()) reader.refuse(item, "nothing stands where a plugin's name is expected");
    for (const auto& [key, value] : reader.members(item, kKnown)) {
      if (key == "name") {
        const auto name = reader.text(value);
        right = right && name.has_value();
        if (name) plugin.name = *name;
        plugin.at = value;
      } else if (const auto weight = reader.int32(value)) {
        plugin.weight = *weight;
      }
    }
    if (right && plugin.name.empty()) reader.refuse(item, "name is missing: a plugin is meant by its name");
    if (right && !plugin.name.empty()) plugins.push_back(std::move(plugin));
  }
  return plugins;
}

PluginSet read_set(ConfigReader& reader, const ConfigNode& set, std::optional<ExtensionPoint> point) {
  constexpr auto kKnown = std::to_array<std::string_view>({"enabled", "disabled"});
  PluginSet read;
  for (const auto& [key, value] : reader.members(set, kKnown)) (key == "enabled" ? read.enabled : read.disabled) = read_list(reader, value);
  for (const NamedPlugin& entry : read.enabled) judge_enabled(reader, entry, point);
  for (const NamedPlugin& entry : read.disabled) judge_disabled(reader, entry);
  return read;
}

}   // namespace

const NamedPlugin* PluginSet::disabling(std::string_view name) const {
  const auto found =
      std::ranges::find_if(disabled, [&](const NamedPlugin& entry) { return entry.name == name || entry.name == kEveryPlugin; });
  return found == disabled.end() ? nullptr : &*found;
}

PluginSets read_plugin_sets(ConfigReader& reader, const ConfigNode& plugins) {
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < kExtensionPoints; ++i) known.push_back(name_of(static_cast<ExtensionPoint>(i)));
  known.push_back("multiPoint");
  PluginSets sets{.points = {}, .multi_point = {}, .at = plugins};
  for (const auto& [key, value] : reader.members(plugins, known)) {
    const auto point = find_extension_point(key);
    (point ? sets.points[static_cast<std::size_t>(*point)] : sets.multi_point) = read_set(reader, value, point);
  }
  return sets;
}

std::string no_such_plugin(std::string_view name) {
  const std::string instead = counterpart_text(name);
  if (!instead.empty()) return fmt::format("Ebb has no plugin {}:{}", name, instead);
  const std::vector<std::string_view> names = plugin_names();
  const auto similar = nearest(name, names);
  if (similar) return fmt::format("Ebb has no plugin {}, did you mean {}?", name, *similar);
  return fmt::format("Ebb has no plugin {}. Known: {}", name, fmt::join(names, ", "));
}

}   // namespace ebb::model
