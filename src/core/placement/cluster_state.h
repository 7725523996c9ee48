#pragma once

// What placing looks at: the nodes and what is counted of the pods on them. One owner, Placement;
// checks, scores and victims are worked out from it by functions that change nothing.

#include "core/affinity/company_index.h"
#include "core/placement/device_book.h"
#include "core/placement/node_table.h"
#include "core/placement/numa_book.h"
#include "core/placement/resource_ids.h"
#include "core/placement/rules.h"
#include "core/volumes/volume_book.h"
#include "model/colocation_policy.h"

#include <compare>
#include <optional>
#include <vector>

namespace ebb::core::placement {

struct ClusterState {
  ResourceIds ids;
  NodeTable nodes{ids};
  affinity::CompanyIndex company;
  volumes::VolumeBook volumes;
  NumaBook numa;
  DeviceBook devices;
  model::NumaAffinity numa_affinity;   // of the policy in force
  std::vector<Rules> rules;            // by the shapes' numbers
  bool policy_in_force = false;

  ClusterState() = default;
  ClusterState(const ClusterState&) = delete;
  ClusterState& operator=(const ClusterState&) = delete;
};

// Everything that decides where a pod may go: its own shape, what it asks of other pods, its volumes.
struct Ask {
  std::uint32_t shape = 0;
  std::optional<affinity::RequirementId> company;
  std::optional<volumes::DemandId> volumes;

  friend auto operator<=>(const Ask&, const Ask&) = default;
};

// What a node answers does not change with pods and volumes elsewhere.
inline bool asks_only_the_node(const ClusterState& state, const Ask& ask) {
  return !ask.volumes && !(ask.company && state.company.constrains(*ask.company));
}

}   // namespace ebb::core::placement
