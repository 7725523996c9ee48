#include "core/placement/room_trial.h"

#include "base/check.h"
#include "core/placement/device_check.h"
#include "core/placement/trial.h"

#include <utility>

namespace ebb::core::placement {

RoomTrial::~RoomTrial() {
  while (!placed_.empty()) unplace(placed_.begin()->first);
  for (const PodIndex pod : out_) put_back_all(pod);
  for (auto& [slot, kubelet] : before_) state_.numa.reset(slot, std::move(kubelet));
}

void RoomTrial::remember_machine(Slot slot) {
  if (const numa::KubeletModel* kubelet = state_.numa.kubelet(slot)) before_.try_emplace(slot, *kubelet);
}

void RoomTrial::take_out(PodIndex pod) {
  const PodEntry& entry = pods_[pod];
  EBB_CHECK(entry.slot.has_value());
  const bool added = out_.insert(pod).second;
  EBB_CHECK(added);
  const Slot slot = *entry.slot;
  remember_machine(slot);
  take_out_counts(state_, pods_, pod, slot);
  state_.numa.take_out(slot, entry.pod.uid);
}

void RoomTrial::put_back(PodIndex pod) {
  const std::size_t erased = out_.erase(pod);
  EBB_CHECK(erased == 1);
  put_back_all(pod);
}

void RoomTrial::put_back_all(PodIndex pod) {
  const PodEntry& entry = pods_[pod];
  const Slot slot = *entry.slot;
  put_back_counts(state_, pods_, pod, slot);
  if (const auto before = before_.find(slot); before != before_.end()) state_.numa.put_back(slot, entry.pod.uid, before->second);
}

void RoomTrial::place(PodIndex pod, const Shape& shape, Slot slot) {
  const PodEntry& entry = pods_[pod];
  const auto [at, added] = placed_.try_emplace(pod, Placed{slot, shape.charge, state_.company.acquire_class(entry.pod), {}});
  EBB_CHECK(added);
  Placed& placed = at->second;
  remember_machine(slot);
  if (shape.accelerators && placed.charge.devices.count > 0) {
    // None where it does not fit.
    placed.devices = chosen_devices(state_, *shape.accelerators, state_.rules[shape.rules].profile.accelerators.scoring, slot);
    state_.devices.try_on(slot, placed.devices, placed.charge.devices.share);
  }
  state_.nodes.put_back(slot, placed.charge);
  state_.company.put_back(slot, placed.company, false);
  if (!entry.pod.volumes.empty()) state_.volumes.put_back(slot, entry.pod);
  state_.numa.try_on(slot, entry.pod);
}

void RoomTrial::unplace(PodIndex pod) {
  const auto at = placed_.find(pod);
  EBB_CHECK(at != placed_.end());
  const PodEntry& entry = pods_[pod];
  const Placed& placed = at->second;
  const Slot slot = placed.slot;
  state_.numa.take_out(slot, entry.pod.uid);
  if (!entry.pod.volumes.empty()) state_.volumes.take_out(slot, entry.pod);
  state_.company.take_out(slot, placed.company, false);
  state_.company.release_class(placed.company);
  state_.nodes.take_out(slot, placed.charge);
  state_.devices.try_on(slot, placed.devices, -placed.charge.devices.share);
  placed_.erase(at);
}

}   // namespace ebb::core::placement
