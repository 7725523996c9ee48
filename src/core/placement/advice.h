#pragma once

// What would have to change so that a pod that no node takes could be placed: per filter the node
// that is nearest to taking it, in numbers where there are any.

#include "core/placement/cluster_state.h"
#include "core/placement/shape.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::placement {

// Which of the volume plugins keeps the pod away from that node. Requires: one of them does.
std::string_view volume_plugin(const ClusterState& state, const Ask& ask, Slot slot);

std::vector<std::string> what_would_help(const ClusterState& state, const Shape& shape, const Ask& ask);

}   // namespace ebb::core::placement
