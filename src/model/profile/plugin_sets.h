#pragma once

// A profile's `plugins` as it is written: what is enabled and disabled by name at each extension point
// and for all of them together. What it comes to is plugin_resolution.h's.

#include "model/profile/config_reader.h"
#include "model/profile/plugin.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ebb::model {

inline constexpr std::string_view kEveryPlugin = "*";

struct NamedPlugin {
  std::string name;
  std::int32_t weight = 0;   // 0: none is written
  ConfigNode at;
};

struct PluginSet {
  std::vector<NamedPlugin> enabled;
  std::vector<NamedPlugin> disabled;

  // The entry that disables the plugin, by its name or with all of them; nullptr where there is none.
  const NamedPlugin* disabling(std::string_view name) const;
};

struct PluginSets {
  std::array<PluginSet, kExtensionPoints> points;
  PluginSet multi_point;
  ConfigNode at;   // the mapping itself, or the profile without one

  const PluginSet& of(ExtensionPoint point) const { return points[static_cast<std::size_t>(point)]; }
};

// Every name is judged: whether there is such a plugin, whether Ebb has it, and whether it serves the point.
PluginSets read_plugin_sets(ConfigReader& reader, const ConfigNode& plugins);

// "Ebb has no plugin X ...", with what does its work here where that is known.
std::string no_such_plugin(std::string_view name);

}   // namespace ebb::model
