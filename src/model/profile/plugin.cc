#include "model/profile/plugin.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::model {
namespace {

using enum ExtensionPoint;

constexpr std::uint16_t at(std::initializer_list<ExtensionPoint> points) {
  std::uint16_t bits = 0;
  for (const ExtensionPoint point : points) bits = static_cast<std::uint16_t>(bits | (1u << static_cast<unsigned>(point)));
  return bits;
}

constexpr auto kKubernetes = PluginOrigin::kubernetes;
constexpr auto kUnsupported = PluginOrigin::unsupported;
constexpr auto kEbb = PluginOrigin::ebb;

// VolumeBinding stands in the default list without a weight, which means 1.
constexpr auto kTable = std::to_array<PluginInfo>({
    {Plugin::scheduling_gates, "SchedulingGates", kKubernetes, true, 0, at({pre_enqueue})},
    {Plugin::priority_sort, "PrioritySort", kKubernetes, true, 0, at({queue_sort})},
    {Plugin::node_name, "NodeName", kKubernetes, true, 0, at({pre_filter, filter})},
    {Plugin::node_unschedulable, "NodeUnschedulable", kKubernetes, true, 0, at({pre_filter, filter})},
    {Plugin::taint_toleration, "TaintToleration", kKubernetes, true, 3, at({pre_filter, filter, pre_score, score})},
    {Plugin::node_affinity, "NodeAffinity", kKubernetes, true, 2, at({pre_filter, filter, pre_score, score})},
    {Plugin::node_ports, "NodePorts", kKubernetes, true, 0, at({pre_filter, filter})},
    {Plugin::node_resources_fit, "NodeResourcesFit", kKubernetes, true, 1, at({pre_filter, filter, pre_score, score, placement_score})},
    {Plugin::volume_restrictions, "VolumeRestrictions", kKubernetes, true, 0, at({pre_filter, filter})},
    {Plugin::node_volume_limits, "NodeVolumeLimits", kKubernetes, true, 0, at({pre_filter, filter})},
    {Plugin::volume_binding, "VolumeBinding", kKubernetes, true, 1, at({pre_filter, filter, pre_score, score, reserve, pre_bind})},
    {Plugin::volume_zone, "VolumeZone", kKubernetes, true, 0, at({pre_filter, filter})},
    {Plugin::pod_topology_spread, "PodTopologySpread", kKubernetes, true, 2, at({pre_filter, filter, pre_score, score})},
    {Plugin::inter_pod_affinity, "InterPodAffinity", kKubernetes, true, 2, at({pre_filter, filter, pre_score, score})},
    {Plugin::dynamic_resources, "DynamicResources", kUnsupported, true, 2,
     at({pre_enqueue, pre_filter, filter, post_filter, score, reserve, pre_bind, pod_group_post_filter})},
    {Plugin::default_preemption, "DefaultPreemption", kKubernetes, true, 0, at({pre_enqueue, post_filter, pod_group_post_filter})},
    {Plugin::balanced_allocation, "NodeResourcesBalancedAllocation", kKubernetes, true, 1, at({pre_score, score})},
    {Plugin::image_locality, "ImageLocality", kKubernetes, true, 1, at({score})},
    {Plugin::default_binder, "DefaultBinder", kKubernetes, true, 0, at({bind})},
    {Plugin::node_declared_features, "NodeDeclaredFeatures", kUnsupported, true, 0, at({pre_filter, filter})},
    {Plugin::gang_scheduling, "GangScheduling", kUnsupported, false, 0, at({pre_enqueue, permit})},
    {Plugin::deferred_pod_scheduling, "DeferredPodScheduling", kUnsupported, false, 0, at({pre_filter, filter, permit})},
    {Plugin::topology_placement_generator, "TopologyPlacementGenerator", kUnsupported, false, 0, at({placement_generate})},
    {Plugin::pod_group_pods_count, "PodGroupPodsCount", kUnsupported, false, 0, at({placement_score})},
    {Plugin::colocation, "Colocation", kEbb, true, 4, at({filter, score})},
    {Plugin::gangs, "Gangs", kEbb, true, 0, at({pre_enqueue, permit})},
    {Plugin::queues, "Queues", kEbb, true, 0, at({pre_enqueue})},
    {Plugin::numa, "Numa", kEbb, true, 2, at({filter, score})},
    {Plugin::accelerators, "Accelerators", kEbb, true, 4, at({filter, score})},
});

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].plugin) != i) return false;
  }
  return kTable.size() == kPlugins;
}
static_assert(in_order(), "the table is indexed by the enumerators");

constexpr auto kPoints =
    std::to_array<std::string_view>({"preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve",
                                     "permit", "preBind", "bind", "postBind", "placementGenerate", "placementScore", "podGroupPostFilter"});
static_assert(kPoints.size() == kExtensionPoints);

}   // namespace

const PluginInfo& info_of(Plugin plugin) {
  const auto index = static_cast<std::size_t>(plugin);
  EBB_CHECK(index < kTable.size());
  return kTable[index];
}

std::string_view name_of(Plugin plugin) { return info_of(plugin).name; }

std::string_view name_of(ExtensionPoint point) {
  const auto index = static_cast<std::size_t>(point);
  EBB_CHECK(index < kPoints.size());
  return kPoints[index];
}

std::span<const PluginInfo> plugin_table() { return kTable; }

std::optional<Plugin> find_plugin(std::string_view name) {
  const auto found = std::ranges::find(kTable, name, &PluginInfo::name);
  return found == kTable.end() ? std::nullopt : std::optional(found->plugin);
}

std::optional<ExtensionPoint> find_extension_point(std::string_view name) {
  const auto found = std::ranges::find(kPoints, name);
  return found == kPoints.end() ? std::nullopt : std::optional(static_cast<ExtensionPoint>(found - kPoints.begin()));
}

}   // namespace ebb::model
