#pragma once

// What a resource says about where it could be had, and how the topology manager makes one answer of all of them.
// The choice among all combinations is a total order, so it does not matter in which order they are tried, and only
// combinations that can still win are.

#include "core/numa/machine.h"

#include <optional>
#include <vector>

namespace ebb::core::numa {

struct Hint {
  NodeMask nodes = 0;
  bool preferred = false;

  friend bool operator==(const Hint&, const Hint&) = default;
};

// One resource's hints. Without a preference it goes along with anything; with an empty list it cannot be satisfied.
struct ResourceHints {
  bool no_preference = false;
  std::vector<Hint> hints;
};

enum class TopologyPolicy : std::uint8_t { none, best_effort, restricted, single_numa_node };

// Distances between nodes by index, empty where they do not count.
using Distances = std::vector<std::vector<int>>;

struct MergeRules {
  TopologyPolicy policy = TopologyPolicy::none;
  NodeMask all_nodes = 0;
  const Distances* distances = nullptr;   // set: among sets of one size the closest, not the lowest
};

struct Merged {
  std::optional<NodeMask> nodes;   // none: no affinity, the provider decides
  bool preferred = false;
  bool admitted = false;
};

Merged merge(const std::vector<ResourceHints>& resources, const MergeRules& rules);

// Calls visit(NodeMask) for the sets of these nodes: all but the empty one, or those of one node only.
template <class Visit>
void for_each_set(NodeMask nodes, bool single_only, Visit visit) {
  if (single_only) {
    for (NodeMask rest = nodes; rest != 0; rest &= rest - 1) visit(rest & (~rest + 1));
    return;
  }
  for (NodeMask set = nodes & (~nodes + 1); set != 0; set = (set - nodes) & nodes) visit(set);
}

// Mean distance within the set, every ordered pair counted, each node's to itself too.
double average_distance(const Distances& distances, NodeMask nodes);

}   // namespace ebb::core::numa
