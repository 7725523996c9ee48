#include "model/profile/profile.h"

namespace ebb::model {

SchedulerProfile default_profile(std::string_view scheduler_name) {
  SchedulerProfile profile;
  profile.scheduler_name = scheduler_name;
  for (const PluginInfo& info : plugin_table()) {
    const auto index = static_cast<std::size_t>(info.plugin);
    if (!info.on_by_default) continue;
    profile.score_weights[index] = info.default_weight;
    if (info.origin == PluginOrigin::ebb) {
      profile.ebb_enabled[index] = true;
      continue;
    }
    for (std::size_t point = 0; point < kExtensionPoints; ++point) {
      if (info.serves(static_cast<ExtensionPoint>(point))) profile.plugins[point].add(info.plugin);
    }
  }
  return profile;
}

}   // namespace ebb::model
