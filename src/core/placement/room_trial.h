#pragma once

// What would be if some pods were gone, wherever they are, and some that wait had their places: a trial over
// many nodes. Nothing is recorded as changed, and everything is as before when the trial is over.

#include "core/placement/cluster_state.h"
#include "core/placement/pod_table.h"
#include "core/placement/shape.h"

#include <map>
#include <set>
#include <vector>

namespace ebb::core::placement {

class RoomTrial {
 public:
  // Both outlive the trial; in the meantime nobody else changes them.
  RoomTrial(ClusterState& state, const PodTable& pods) : state_(state), pods_(pods) {}
  ~RoomTrial();
  RoomTrial(const RoomTrial&) = delete;
  RoomTrial& operator=(const RoomTrial&) = delete;

  // Requires: it is counted on a node and not out.
  void take_out(PodIndex pod);
  // Requires: it was taken out.
  void put_back(PodIndex pod);

  // One that waits. Requires: it has no place, or that was taken out.
  void place(PodIndex pod, const Shape& shape, Slot slot);
  // Requires: it has a place here.
  void unplace(PodIndex pod);

 private:
  struct Placed {
    Slot slot = 0;
    Charge charge;
    affinity::ClassId company = 0;
    accelerators::DeviceSet devices;
  };

  void remember_machine(Slot slot);
  void put_back_all(PodIndex pod);

  ClusterState& state_;
  const PodTable& pods_;
  std::set<PodIndex> out_;
  std::map<PodIndex, Placed> placed_;
  std::map<Slot, numa::KubeletModel> before_;   // what lies where on a machine does not follow from counts
};

}   // namespace ebb::core::placement
