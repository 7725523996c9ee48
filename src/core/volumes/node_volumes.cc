#include "core/volumes/node_volumes.h"

#include "base/check.h"
#include "core/volumes/in_tree_plugins.h"

#include <algorithm>

namespace ebb::core::volumes {
namespace {

bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::any_of(a, [&](const std::string& one) { return std::ranges::find(b, one) != b.end(); });
}

bool excludes(const model::PodVolume& disk, bool other_read_only, const std::vector<std::string>& other_monitors) {
  switch (disk.kind) {
    case model::VolumeKind::aws_disk: return true;
    case model::VolumeKind::gce_disk:
    case model::VolumeKind::iscsi: return !(disk.read_only && other_read_only);
    case model::VolumeKind::rbd: return !(disk.read_only && other_read_only) && share_one(disk.monitors, other_monitors);
    default: return false;
  }
}

}   // namespace

std::optional<model::ObjectKey> claim_of(const model::Pod& pod, const model::PodVolume& volume) {
  if (volume.kind == model::VolumeKind::claim) return model::ObjectKey{pod.key.ns, volume.id};
  if (volume.kind == model::VolumeKind::ephemeral) return model::ObjectKey{pod.key.ns, pod.key.name + "-" + volume.name};
  return std::nullopt;
}

bool is_exclusive_disk(model::VolumeKind kind) {
  return kind == model::VolumeKind::aws_disk || kind == model::VolumeKind::gce_disk || kind == model::VolumeKind::iscsi ||
         kind == model::VolumeKind::rbd;
}

bool NodeVolumes::add(Slot slot, const model::Pod& pod, std::vector<model::ObjectKey>& turned) { return change(slot, pod, 1, turned); }
void NodeVolumes::remove(Slot slot, const model::Pod& pod, std::vector<model::ObjectKey>& turned) { change(slot, pod, -1, turned); }

bool NodeVolumes::change(Slot slot, const model::Pod& pod, int by, std::vector<model::ObjectKey>& turned) {
  bool eased = false;
  for (const model::PodVolume& volume : pod.volumes) {
    if (is_exclusive_disk(volume.kind)) use_disk(at(slot), volume, by);
    if (const auto disk = inline_disk(volume)) eased |= hold(slot, {std::string(disk->driver), disk->handle}, by, 0);
    const auto claim = claim_of(pod, volume);
    if (!claim) continue;
    const bool alone = volume.kind == model::VolumeKind::ephemeral;
    eased |= use_claim(slot, {*claim, alone ? pod.uid : model::Uid()}, by);
    if (alone) continue;
    int& users = users_[*claim];
    users += by;
    EBB_CHECK(users >= 0);
    if (users == (by > 0 ? 1 : 0)) turned.push_back(*claim);
    if (users == 0) users_.erase(*claim);
  }
  return eased;
}

void NodeVolumes::use_disk(Node& node, const model::PodVolume& disk, int by) {
  const auto at = node.disks.try_emplace({disk.kind, disk.id}).first;
  std::vector<DiskUse>& uses = at->second;
  auto use =
      std::ranges::find_if(uses, [&](const DiskUse& one) { return one.read_only == disk.read_only && one.monitors == disk.monitors; });
  if (use == uses.end()) use = uses.insert(uses.end(), {disk.read_only, disk.monitors, 0});
  use->pods += by;
  EBB_CHECK(use->pods >= 0);
  if (use->pods == 0) uses.erase(use);
  if (uses.empty()) node.disks.erase(at);
}

bool NodeVolumes::use_claim(Slot slot, const ClaimUse& use, int by) {
  Node& node = at(slot);
  bool eased = false;
  const auto [found, added] = node.claims.try_emplace(use);
  if (added) {
    found->second.as = counted_as(use);
    if (found->second.as) eased = hold(slot, *found->second.as, 1, 0);
    slots_of_[use.first].insert(slot);
  }
  found->second.pods += by;
  EBB_CHECK(found->second.pods >= 0);
  if (found->second.pods > 0) return eased;
  if (found->second.as) hold(slot, *found->second.as, -1, 0);
  node.claims.erase(found);
  const auto next = node.claims.lower_bound({use.first, {}});
  if (next != node.claims.end() && next->first.first == use.first) return eased;
  std::set<Slot>& slots = slots_of_[use.first];
  slots.erase(slot);
  if (slots.empty()) slots_of_.erase(use.first);
  return eased;
}

bool NodeVolumes::hold(Slot slot, const DriverVolume& volume, int pods, int attachments) {
  Node& node = at(slot);
  const auto [found, added] = node.held.try_emplace(volume);
  if (added) ++node.by_driver[volume.driver];
  const bool eased = pods > 0 && found->second.pods == 0 && found->second.attachments > 0;
  found->second.pods += pods;
  found->second.attachments += attachments;
  EBB_CHECK(found->second.pods >= 0 && found->second.attachments >= 0);
  if (found->second.pods > 0 || found->second.attachments > 0) return eased;
  node.held.erase(found);
  const auto count = node.by_driver.find(volume.driver);
  if (--count->second == 0) node.by_driver.erase(count);
  return eased;
}

std::optional<NodeVolumes::DriverVolume> NodeVolumes::counted_as(const ClaimUse& use) const {
  const ClaimEntry* claim = objects_.claim(use.first);
  if (claim == nullptr || (!use.second.empty() && !claim->made_for(use.second))) return std::nullopt;
  auto known = objects_.attachable(*claim);
  if (!known) return std::nullopt;
  return DriverVolume{std::move(known->driver), std::move(known->handle)};
}

bool NodeVolumes::conflicts(Slot slot, const model::PodVolume& disk) const {
  if (slot >= nodes_.size()) return false;
  const auto found = nodes_[slot].disks.find({disk.kind, disk.id});
  if (found == nodes_[slot].disks.end()) return false;
  return std::ranges::any_of(found->second, [&](const DiskUse& use) { return excludes(disk, use.read_only, use.monitors); });
}

bool NodeVolumes::has(Slot slot, const DriverVolume& volume) const {
  if (slot >= nodes_.size()) return false;
  const auto found = nodes_[slot].held.find(volume);
  return found != nodes_[slot].held.end() && found->second.pods > 0;
}

int NodeVolumes::attached(Slot slot, std::string_view driver) const {
  if (slot >= nodes_.size()) return 0;
  const auto found = nodes_[slot].by_driver.find(driver);
  return found == nodes_[slot].by_driver.end() ? 0 : found->second;
}

void NodeVolumes::recount(const model::ObjectKey& claim, std::vector<Recounted>& changed) {
  const auto slots = slots_of_.find(claim);
  if (slots == slots_of_.end()) return;
  for (const Slot slot : slots->second) {
    Node& node = nodes_[slot];
    Recounted here{slot, false};
    bool differs = false;
    for (auto use = node.claims.lower_bound({claim, {}}); use != node.claims.end() && use->first.first == claim; ++use) {
      std::optional<DriverVolume> now = counted_as(use->first);
      std::optional<DriverVolume>& before = use->second.as;
      if (now == before) continue;
      differs = true;
      const int count = before ? attached(slot, before->driver) : 0;
      if (now) here.fewer |= hold(slot, *now, 1, 0);
      if (before) {
        hold(slot, *before, -1, 0);
        here.fewer |= attached(slot, before->driver) < count;
      }
      before = std::move(now);
    }
    if (differs) changed.push_back(here);
  }
}

NodeVolumes::Node& NodeVolumes::at(Slot slot) {
  if (slot >= nodes_.size()) nodes_.resize(slot + 1);
  return nodes_[slot];
}

}   // namespace ebb::core::volumes
