#pragma once

// How good a node is for a pod. What depends on the node alone is worked out once per shape and node;
// what is compared with the other nodes that fit is kept raw and made points when the pod is placed.
// Points are 0..100 per score and weights the profile's, as the default scheduler has them.

#include "core/placement/cluster_state.h"
#include "core/placement/node_value.h"
#include "core/placement/shape.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ebb::core::placement {

inline constexpr std::int64_t kMostPoints = 100;

struct ScoreTerm {
  std::string_view name;
  std::int32_t weight = 1;
  std::int64_t points = 0;   // 0..100; of Accelerators any number

  friend bool operator==(const ScoreTerm&, const ScoreTerm&) = default;
};

// A node's own part for a shape.
NodeValue value_of(const ClusterState& state, const Shape& shape, Slot slot);

// The most of each raw value among the nodes that fit.
struct Maxima {
  std::int32_t disliked = 0;
  std::int32_t preferred = 0;
};
// The weighted points of both raw values.
std::int64_t compared(const Rules& rules, const NodeValue& value, const Maxima& maxima);

// Every term of a node's score, for a person. The last two are what CompanyIndex says of the node.
std::vector<ScoreTerm> score_terms(const ClusterState& state, const Shape& shape, Slot slot, const Maxima& maxima, std::int64_t inter_pod,
                                   std::int64_t spread);
std::int64_t total(std::span<const ScoreTerm> terms);

}   // namespace ebb::core::placement
