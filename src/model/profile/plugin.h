#pragma once

// The scheduling plugins by name: those of Kubernetes 1.37 with the extension points that each of them
// serves, and Ebb's own, which are set in Ebb's section of a configuration. One table, constexpr.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ebb::model {

// In the order in which the default scheduler lists what it enables; then what it does not; then Ebb's.
enum class Plugin : std::uint8_t {
  scheduling_gates,
  priority_sort,
  node_name,
  node_unschedulable,
  taint_toleration,
  node_affinity,
  node_ports,
  node_resources_fit,
  volume_restrictions,
  node_volume_limits,
  volume_binding,
  volume_zone,
  pod_topology_spread,
  inter_pod_affinity,
  dynamic_resources,
  default_preemption,
  balanced_allocation,   // NodeResourcesBalancedAllocation
  image_locality,
  default_binder,
  node_declared_features,
  gang_scheduling,
  deferred_pod_scheduling,
  topology_placement_generator,
  pod_group_pods_count,
  colocation,     // pools, the policy's three lines, load and deadlines
  gangs,          // pod groups of every dialect, all or nothing
  queues,         // fair shares
  numa,           // what the kubelet's topology manager will say, and neighbours kept together
  accelerators,   // cards, fractions of them, and fragmentation
};
inline constexpr std::size_t kPlugins = 29;

enum class ExtensionPoint : std::uint8_t {
  pre_enqueue,
  queue_sort,
  pre_filter,
  filter,
  post_filter,
  pre_score,
  score,
  reserve,
  permit,
  pre_bind,
  bind,
  post_bind,
  placement_generate,
  placement_score,
  pod_group_post_filter,
};
inline constexpr std::size_t kExtensionPoints = 15;

// Where a plugin comes from, and what naming it in a configuration means.
enum class PluginOrigin : std::uint8_t {
  kubernetes,    // Ebb does what it does
  unsupported,   // Kubernetes has it and Ebb does not: it can be disabled, never enabled by name
  ebb,           // set in Ebb's section only
};

struct PluginInfo {
  Plugin plugin;
  std::string_view name;
  PluginOrigin origin;
  bool on_by_default;
  std::int32_t default_weight;   // of its score; 0: it has none
  std::uint16_t points;          // a bit per extension point

  constexpr bool serves(ExtensionPoint point) const { return ((points >> static_cast<unsigned>(point)) & 1u) != 0; }
};

std::string_view name_of(Plugin plugin);
std::string_view name_of(ExtensionPoint point);   // "preFilter"
const PluginInfo& info_of(Plugin plugin);
std::span<const PluginInfo> plugin_table();   // in the order of Plugin
std::optional<Plugin> find_plugin(std::string_view name);
std::optional<ExtensionPoint> find_extension_point(std::string_view name);

// Plugins in the order in which they are asked, each at most once.
class PluginList {
 public:
  using value_type = Plugin;
  using const_iterator = std::vector<Plugin>::const_iterator;

  PluginList() = default;
  PluginList(std::initializer_list<Plugin> plugins) {
    for (const Plugin plugin : plugins) add(plugin);
  }

  bool has(Plugin plugin) const { return (bits_ & bit(plugin)) != 0; }
  bool empty() const { return order_.empty(); }
  std::size_t size() const { return order_.size(); }
  const_iterator begin() const { return order_.begin(); }
  const_iterator end() const { return order_.end(); }

  // False where it is in the list already.
  bool add(Plugin plugin) {
    if (has(plugin)) return false;
    bits_ |= bit(plugin);
    order_.push_back(plugin);
    return true;
  }

  friend bool operator==(const PluginList& a, const PluginList& b) { return a.order_ == b.order_; }

 private:
  static constexpr std::uint64_t bit(Plugin plugin) { return std::uint64_t{1} << static_cast<unsigned>(plugin); }

  std::uint64_t bits_ = 0;
  std::vector<Plugin> order_;
};
static_assert(kPlugins <= 64);

}   // namespace ebb::model
