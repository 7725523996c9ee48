#pragma once

// May a pod go to this node, and if not, why not. What depends on the shape, the slot and the policy
// in force only is the node's own answer, which rankings keep; company and volumes are asked each time.

#include "core/placement/cluster_state.h"
#include "core/placement/refusals.h"
#include "core/placement/shape.h"

#include <optional>
#include <string>
#include <vector>

namespace ebb::core::placement {

// The first of the node's own filters that refuses; none: as far as the node goes, the pod fits.
// Requires: the node is present.
std::optional<Filter> own_refusal(const ClusterState& state, const Shape& shape, Slot slot);

// The first of all filters that refuses; none: the pod fits. Requires: the node is present, the shape is the ask's.
std::optional<Filter> first_refusal(const ClusterState& state, const Shape& shape, const Ask& ask, Slot slot);

// The reasons of that filter in words: for resources one for each that is short.
std::vector<std::string> reasons(const ClusterState& state, const Shape& shape, const Ask& ask, Slot slot, Filter refused_by);

// Whether that refusal could be lifted by pods leaving the node.
bool lifted_by_leaving(const ClusterState& state, const Shape& shape, const Ask& ask, Slot slot, Filter refused_by);

// Counts the refusals of every node; a pod that fits somewhere has fewer refusals than nodes.
Refusals count_refusals(const ClusterState& state, const Shape& shape, const Ask& ask);

// A node term matches nothing where it says nothing.
bool term_matches(const model::NodeSelectorTerm& term, const NodeSlot& node);
// Node selector and required node affinity, the profile's included.
bool node_affinity_matches(const Shape& shape, const Rules& rules, const NodeSlot& node);

}   // namespace ebb::core::placement
