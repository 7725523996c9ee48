#pragma once

// The nodes as one shape of pods sees them, kept up to date by the nodes' log: a pod placed changes
// one slot, so the next pod of the shape costs one evaluation. Where a node's own points decide, a
// tournament over the slots has the best node at its root; where nodes are compared with each other
// (preferences, company), whoever chooses goes over the values.

#include "core/placement/node_table.h"
#include "core/placement/node_value.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace ebb::core::placement {

class Ranking {
 public:
  static constexpr std::size_t kBytesPerNode = 28;

  // The value of a slot for the shape; none: its own filters refuse. The same for the same state of the slot.
  using Evaluate = std::function<std::optional<NodeValue>(Slot)>;

  // Brings every slot that has changed up to date.
  void catch_up(const NodeTable& nodes, const Evaluate& evaluate);
  // No two slots that fit differ in what is compared between nodes: the points of their own decide.
  bool uniform() const { return compared_ == 0; }
  // The best slot by its own points, among equals the first by name. None: refused everywhere. Requires: caught up.
  std::optional<Slot> best(const NodeTable& nodes);

  bool fits(Slot slot) const { return values_[slot].own != kRefused; }
  const NodeValue& value(Slot slot) const { return values_[slot]; }
  // By slot; a slot that is refused has own == kRefused.
  std::span<const NodeValue> values() const { return {values_.data(), slots_}; }
  static constexpr std::int32_t kRefused = INT32_MIN;   // points may be below zero

  // Throws away what is remembered: something that is not a slot has changed.
  void forget() {
    position_ = 0;
    width_ = 0;
    slots_ = 0;
    playing_ = false;
  }

 private:
  static constexpr Slot kNone = UINT32_MAX;

  void set(Slot slot, const Evaluate& evaluate);
  void rebuild(const NodeTable& nodes, const Evaluate& evaluate);
  void play_all(const NodeTable& nodes);
  void play(const NodeTable& nodes, Slot slot);
  Slot better(const NodeTable& nodes, Slot a, Slot b) const;

  std::size_t slots_ = 0;
  std::size_t width_ = 0;   // leaves, a power of two
  std::vector<NodeValue> values_;
  std::vector<Slot> winners_;    // [1] is the root, the children of i are 2i and 2i+1, the leaves are slots
  bool playing_ = false;         // the tournament is up to date; it is not kept up where nobody asks for it
  std::vector<Slot> changed_;    // since the tournament was played
  std::size_t compared_ = 0;     // slots that fit and have something that is compared
  std::uint64_t position_ = 0;   // of the log, up to which slots have been seen
  std::uint64_t images_ = 0;
};

}   // namespace ebb::core::placement
