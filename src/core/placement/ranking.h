#pragma once

// The nodes as one shape of pods sees them, best first: a tournament over all slots. A pod placed
// changes one slot, so the next pod of the shape costs one evaluation and one path up the tree.

#include "core/placement/node_table.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace ebb::core::placement {

class Ranking {
 public:
  static constexpr std::size_t kBytesPerNode = 16;

  // The score of a slot for the shape; none: refused. The same for the same state of the slot.
  using Evaluate = std::function<std::optional<std::int64_t>(Slot)>;

  // The best slot: the highest score, among equals the first by name. None: refused everywhere.
  std::optional<Slot> best(const NodeTable& nodes, const Evaluate& evaluate);
  // Throws away what is remembered: something that is not a slot has changed.
  void forget() {
    position_ = 0;
    width_ = 0;
  }
  std::int64_t score(Slot slot) const { return scores_[slot]; }

 private:
  static constexpr std::int64_t kRefused = -1;
  static constexpr Slot kNone = UINT32_MAX;

  void rebuild(const NodeTable& nodes, const Evaluate& evaluate);
  void update(const NodeTable& nodes, const Evaluate& evaluate, Slot slot);
  Slot better(const NodeTable& nodes, Slot a, Slot b) const;

  std::size_t width_ = 0;   // leaves, a power of two
  std::vector<std::int64_t> scores_;
  std::vector<Slot> winners_;    // [1] is the root, the children of i are 2i and 2i+1, the leaves are slots
  std::uint64_t position_ = 0;   // of the log, up to which slots have been seen
};

}   // namespace ebb::core::placement
