#pragma once

// Whether all of a gang that must start together finds room, and where: for members that are alike node after
// node, which is exact; where they differ in several orders, and then by trying back and forth as long as a
// number of looks at nodes allows. Finds room only, not the best: scores are asked elsewhere.

#include "core/gangs/attempt.h"
#include "core/placement/cluster_state.h"
#include "core/placement/pod_table.h"
#include "core/placement/room_trial.h"
#include "core/placement/shape.h"

#include <optional>
#include <utility>
#include <vector>

namespace ebb::core::placement {

using Places = std::vector<std::pair<PodIndex, Slot>>;

class GangFit {
 public:
  // All outlive it; the attempt is as it was before its first member was tried.
  GangFit(const ClusterState& state, const PodTable& pods, const ShapeTable& shapes, const gangs::Attempt& attempt);

  // None: no room was found. The trial is as before afterwards. `looks`: at nodes, beyond those that going over them in a
  // few orders takes.
  std::optional<Places> find(RoomTrial& trial, std::size_t looks);

  // All members that could be tried are the same to every node, and what one of them does matters to its own node only.
  bool exact() const { return kinds_.size() == 1 && kinds_.front().local; }
  // One of the members matters to nodes that it is not on: company or volumes.
  bool local() const;

 private:
  // Members that are alike: of one task, asking the same.
  struct Kind {
    Ask ask;
    const Shape* shape = nullptr;
    std::uint32_t task = 0;
    std::vector<PodIndex> pods;
    bool local = false;
    std::int64_t size = 0;   // what one asks, in millionths of the cluster
  };
  struct Filled {
    Places places;
    gangs::Need need;
  };

  bool fits(const Kind& kind, Slot slot) const;
  static bool useful(const gangs::Need& need, const Kind& kind);
  static void count(gangs::Need& need, const Kind& kind);
  bool hopeless(const gangs::Need& need, std::size_t kind, std::size_t used) const;
  bool each_alone(RoomTrial& trial) const;
  bool fill(RoomTrial& trial, const Kind& kind, Filled& so_far, std::size_t most) const;
  std::optional<Places> in_order(RoomTrial& trial, const std::vector<std::size_t>& order) const;
  bool search(RoomTrial& trial, std::size_t kind, std::size_t used, std::size_t from, Filled& so_far, std::size_t& looks) const;
  static void give_back(RoomTrial& trial, const Places& places);

  const ClusterState& state_;
  std::vector<Slot> nodes_;
  std::vector<Kind> kinds_;   // the largest first
  gangs::Need need_;
};

}   // namespace ebb::core::placement
