#pragma once

// Which node a pod goes to: the best of those that fit, points of company and preferences compared
// among exactly those, as the default scheduler does when it looks at every node.

#include "core/placement/cluster_state.h"
#include "core/placement/node_score.h"
#include "core/placement/shape.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ebb::core::placement {

class Selection {
 public:
  // None: no node takes the pod.
  std::optional<Slot> best(const ClusterState& state, ShapeTable& shapes, const Ask& ask);

  struct Scored {
    Slot slot = 0;
    std::int64_t total = 0;
    std::int64_t inter_pod = 0;
    std::int64_t spread = 0;
    std::int32_t fraction = 0;   // of a point, between equal totals
  };
  // Every node that fits with its score, best first, and what raw values were compared with.
  struct Table {
    std::vector<Scored> nodes;
    Maxima maxima;
  };
  Table all(const ClusterState& state, const Shape& shape, const Ask& ask);

 private:
  std::optional<Slot> best_pinned(const ClusterState& state, const Shape& shape, const Ask& ask);
  void score_feasible(const ClusterState& state, const Rules& rules, const Ask& ask);

  // Kept between calls for their memory only.
  std::vector<std::uint8_t> fits_;
  std::vector<Slot> feasible_;
  std::vector<NodeValue> values_;   // of the feasible ones
  std::vector<std::int64_t> inter_pod_;
  std::vector<std::int64_t> spread_;
  std::vector<std::int64_t> totals_;
  Maxima maxima_;
};

}   // namespace ebb::core::placement
