#pragma once

// What a scheduler does for the pods of one scheduler name: which plugins are asked at each extension
// point and in which order, how much each score counts, and the plugins' arguments. Plain values,
// resolved and checked: nobody has to look at multiPoint, "*" or defaults again.

#include "model/profile/plugin.h"
#include "model/profile/plugin_args.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ebb::model {

inline constexpr std::string_view kEbbSchedulerName = "openfuyao-scheduler";
inline constexpr std::string_view kDefaultSchedulerName = "default-scheduler";

struct SchedulerProfile {
  std::string scheduler_name{kEbbSchedulerName};
  std::array<PluginList, kExtensionPoints> plugins;     // of Kubernetes' plugins, also those that Ebb has not
  std::array<std::int32_t, kPlugins> score_weights{};   // 0: does not score
  std::array<bool, kPlugins> ebb_enabled{};             // of Ebb's own plugins

  NodeAffinityArgs node_affinity;
  NodeResourcesFitArgs node_resources_fit;
  BalancedAllocationArgs balanced_allocation;
  PodTopologySpreadArgs pod_topology_spread;
  InterPodAffinityArgs inter_pod_affinity;
  VolumeBindingArgs volume_binding;
  DefaultPreemptionArgs default_preemption;
  AcceleratorsArgs accelerators;

  const PluginList& at(ExtensionPoint point) const { return plugins[static_cast<std::size_t>(point)]; }
  PluginList& at(ExtensionPoint point) { return plugins[static_cast<std::size_t>(point)]; }

  // Whether the plugin refuses nodes. With DynamicResources on, a pod with resource claims is refused as a whole.
  bool filters(Plugin plugin) const { return at(ExtensionPoint::filter).has(plugin); }
  const PluginList& filter_order() const { return at(ExtensionPoint::filter); }   // the first one that refuses is the reason
  std::int32_t score_weight(Plugin plugin) const { return score_weights[static_cast<std::size_t>(plugin)]; }
  bool scores(Plugin plugin) const { return score_weight(plugin) != 0; }
  bool preempts() const { return at(ExtensionPoint::post_filter).has(Plugin::default_preemption); }
  bool enabled(Plugin ebbs_own) const { return ebb_enabled[static_cast<std::size_t>(ebbs_own)]; }

  friend bool operator==(const SchedulerProfile&, const SchedulerProfile&) = default;
};

// What the default scheduler of Kubernetes 1.37 does, and all of Ebb's own plugins on.
SchedulerProfile default_profile(std::string_view scheduler_name = kEbbSchedulerName);

}   // namespace ebb::model
