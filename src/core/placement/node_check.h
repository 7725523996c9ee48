#pragma once

// May a pod of this shape go to this node, how good is the node for it, and if not, why not. All of
// it depends on the shape, the slot and the policy in force only.

#include "core/placement/node_table.h"
#include "core/placement/refusals.h"
#include "core/placement/shape.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::placement {

// The first filter that refuses; none: the pod fits. Requires: the node is present.
std::optional<Filter> first_refusal(const Shape& shape, const NodeTable& nodes, Slot slot, bool policy_in_force);

// The reasons of that filter in words: for resources one for each that is short.
std::vector<std::string> reasons(const Shape& shape, const NodeTable& nodes, Slot slot, Filter refused_by, bool policy_in_force);

// Counts the refusals of every node; a pod that fits somewhere has fewer refusals than nodes.
Refusals count_refusals(const Shape& shape, const NodeTable& nodes, bool policy_in_force);

struct ScoreTerm {
  std::string_view name;
  std::int32_t weight = 1;
  std::int64_t points = 0;   // 0..1000

  friend bool operator==(const ScoreTerm&, const ScoreTerm&) = default;
};

// Online work goes where native requests leave most room and CPU and memory stay in balance; offline
// work goes where most room is left under the admission line.
std::vector<ScoreTerm> score_terms(const Shape& shape, const NodeTable& nodes, Slot slot);
std::int64_t total(const std::vector<ScoreTerm>& terms);
// The same sum without the list, for the ranking.
std::int64_t score(const Shape& shape, const NodeTable& nodes, Slot slot);

}   // namespace ebb::core::placement
