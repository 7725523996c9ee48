#include "core/placement/room_trial.h"

#include "base/check.h"

#include <utility>

namespace ebb::core::placement {

RoomTrial::~RoomTrial() {
  while (!placed_.empty()) unplace(placed_.begin()->first);
  for (const PodIndex pod : out_) put_back_counts(pods_[pod]);
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
  state_.nodes.take_out(slot, entry.charge);
  if (entry.company) state_.company.take_out(slot, *entry.company, entry.leaving);
  if (!entry.pod.volumes.empty()) state_.volumes.take_out(slot, entry.pod);
  state_.numa.take_out(slot, entry.pod.uid);
}

void RoomTrial::put_back(PodIndex pod) {
  const std::size_t erased = out_.erase(pod);
  EBB_CHECK(erased == 1);
  put_back_counts(pods_[pod]);
}

void RoomTrial::put_back_counts(const PodEntry& entry) {
  const Slot slot = *entry.slot;
  state_.nodes.put_back(slot, entry.charge);
  if (entry.company) state_.company.put_back(slot, *entry.company, entry.leaving);
  if (!entry.pod.volumes.empty()) state_.volumes.put_back(slot, entry.pod);
  if (const auto before = before_.find(slot); before != before_.end()) state_.numa.put_back(slot, entry.pod.uid, before->second);
}

void RoomTrial::place(PodIndex pod, const Charge& charge, Slot slot) {
  const PodEntry& entry = pods_[pod];
  const auto [placed, added] = placed_.try_emplace(pod, Placed{slot, charge, state_.company.acquire_class(entry.pod)});
  EBB_CHECK(added);
  remember_machine(slot);
  state_.nodes.put_back(slot, placed->second.charge);
  state_.company.put_back(slot, placed->second.company, false);
  if (!entry.pod.volumes.empty()) state_.volumes.put_back(slot, entry.pod);
  state_.numa.try_on(slot, entry.pod);
}

void RoomTrial::unplace(PodIndex pod) {
  const auto placed = placed_.find(pod);
  EBB_CHECK(placed != placed_.end());
  const PodEntry& entry = pods_[pod];
  const Slot slot = placed->second.slot;
  state_.numa.take_out(slot, entry.pod.uid);
  if (!entry.pod.volumes.empty()) state_.volumes.take_out(slot, entry.pod);
  state_.company.take_out(slot, placed->second.company, false);
  state_.company.release_class(placed->second.company);
  state_.nodes.take_out(slot, placed->second.charge);
  placed_.erase(placed);
}

}   // namespace ebb::core::placement
