#pragma once

// What would be if some pods were not on their node: they are taken out of all counts, and put back
// when the trial is over. Nothing is recorded as changed.

#include "core/placement/cluster_state.h"
#include "core/placement/pod_table.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace ebb::core::placement {

// Everything that a pod is counted in on its node but the kubelet's model, in which what lies where does not follow from counts.
inline void take_out_counts(ClusterState& state, const PodTable& pods, PodIndex pod, Slot slot) {
  const PodEntry& entry = pods[pod];
  state.nodes.take_out(slot, entry.charge);
  if (entry.company) state.company.take_out(slot, *entry.company, entry.leaving);
  if (!entry.pod.volumes.empty()) state.volumes.take_out(slot, entry.pod);
  if (entry.charge.devices.count > 0) state.devices.take_out(slot, pod);
}
inline void put_back_counts(ClusterState& state, const PodTable& pods, PodIndex pod, Slot slot) {
  const PodEntry& entry = pods[pod];
  state.nodes.put_back(slot, entry.charge);
  if (entry.company) state.company.put_back(slot, *entry.company, entry.leaving);
  if (!entry.pod.volumes.empty()) state.volumes.put_back(slot, entry.pod);
  if (entry.charge.devices.count > 0) state.devices.put_back(slot, pod);
}

class Trial {
 public:
  // Pods of that slot only; all three outlive the trial.
  Trial(ClusterState& state, const PodTable& pods, Slot slot) : state_(state), pods_(pods), slot_(slot) {}
  ~Trial() {
    for (const PodIndex pod : out_) put_back_all(pod);
    if (before_) state_.numa.reset(slot_, *std::move(before_));
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  void take_out(PodIndex pod) {
    take_out_counts(state_, pods_, pod, slot_);
    if (const numa::KubeletModel* kubelet = state_.numa.kubelet(slot_)) {
      if (!before_) before_ = *kubelet;
      state_.numa.take_out(slot_, pods_[pod].pod.uid);
    }
    out_.push_back(pod);
  }
  // Requires: it was taken out.
  void put_back(PodIndex pod) {
    std::erase(out_, pod);
    put_back_all(pod);
  }

 private:
  void put_back_all(PodIndex pod) {
    put_back_counts(state_, pods_, pod, slot_);
    if (before_) state_.numa.put_back(slot_, pods_[pod].pod.uid, *before_);
  }

  ClusterState& state_;
  const PodTable& pods_;
  Slot slot_;
  std::vector<PodIndex> out_;
  std::optional<numa::KubeletModel> before_;   // what lies where on the machine does not follow from counts
};

}   // namespace ebb::core::placement
