#pragma once

// The questions that a node must answer with yes before a pod may go there, in the order in which
// they are asked; the first no is the one that is counted. Those of the default scheduler stand under
// its plugins' names and in its order, unless a profile says otherwise. A pod that names its node
// never comes here: it is bound.

#include <array>
#include <cstdint>
#include <string_view>

namespace ebb::core::placement {

enum class Filter : std::uint8_t {
  node_unschedulable,
  taints,
  node_affinity,
  node_ports,
  pool,   // class, pool and whether colocation is on there: before resources, which an unpublished amount is
  resources,
  volumes,   // VolumeRestrictions, NodeVolumeLimits, VolumeBinding, VolumeZone
  topology_spread,
  inter_pod_affinity,
  numa,              // what the kubelet's topology manager would say
  offline_count,     // maxOfflinePods
  admission_line,    // predicted online use + system use + BE requests, and the optional overcommit caps
  recent_eviction,   // the node has just evicted a pod of the same workload
  accelerators,      // devices of an allowed model with room, shares of devices among them
};
inline constexpr std::uint8_t kFilterCount = 14;

std::string_view to_string(Filter filter);

// A set of filters: what refused a pod, or what an event may have changed on a node.
using FilterSet = std::uint16_t;

constexpr FilterSet bit(Filter filter) { return static_cast<FilterSet>(1U << static_cast<unsigned>(filter)); }
inline constexpr FilterSet kEveryFilter = (1U << kFilterCount) - 1U;
// Those whose answer changes when a pod comes or goes.
inline constexpr FilterSet kFiltersOfPods = bit(Filter::node_ports) | bit(Filter::resources) | bit(Filter::volumes) |
                                            bit(Filter::topology_spread) | bit(Filter::inter_pod_affinity) | bit(Filter::numa) |
                                            bit(Filter::offline_count) | bit(Filter::admission_line) | bit(Filter::accelerators);
// Those that look at other nodes' pods too: their answer is not the node's own.
inline constexpr FilterSet kFiltersOfCompany = bit(Filter::topology_spread) | bit(Filter::inter_pod_affinity);

}   // namespace ebb::core::placement
