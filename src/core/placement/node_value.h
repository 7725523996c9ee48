#pragma once

// What a node is worth to a shape of pods, as far as it can be said of the node alone.

#include <cstdint>

namespace ebb::core::placement {

struct NodeValue {
  std::int32_t own = 0;         // weighted points that need no other node
  std::int32_t disliked = 0;    // PreferNoSchedule taints that are not tolerated
  std::int32_t preferred = 0;   // weights of preferred node affinity that match
  std::int32_t fraction = 0;    // of a point, in ten-thousandths: decides between nodes with equal points
};

}   // namespace ebb::core::placement
