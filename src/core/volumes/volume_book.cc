#include "core/volumes/volume_book.h"

#include "base/check.h"
#include "core/volumes/volume_book_state.h"

#include <algorithm>
#include <utility>

namespace ebb::core::volumes {
namespace {

VolumeRefusal refused(VolumePlugin plugin, VolumeReason reason) {
  return {plugin, static_cast<std::uint16_t>(1U << static_cast<unsigned>(reason)), {}};
}

}   // namespace

VolumeBook::VolumeBook() : state_(std::make_unique<State>()) {}
VolumeBook::~VolumeBook() = default;
VolumeBook::VolumeBook(VolumeBook&&) noexcept = default;
VolumeBook& VolumeBook::operator=(VolumeBook&&) noexcept = default;

std::optional<DemandId> VolumeBook::acquire(const model::Pod& pod, VolumePlugins plugins) {
  std::optional<DemandKey> key = demand_key(pod, plugins);
  if (!key) return std::nullopt;
  State& s = *state_;
  const auto [known, added] = s.ids.try_emplace(*key);
  if (added) {
    if (s.spare.empty()) {
      known->second = static_cast<std::uint32_t>(s.demands.size());
      s.demands.emplace_back();
    } else {
      known->second = s.spare.back();
      s.spare.pop_back();
    }
    for (const model::ObjectKey& claim : claims_of(*key)) s.demands_of_claim[claim].insert(known->second);
    s.demands[known->second] = State::Demand{*std::move(key), 0, ++s.now, true, {}};
  }
  const DemandId id{known->second};
  ++s.at(id).holders;
  return id;
}

void VolumeBook::release(DemandId id) {
  State& s = *state_;
  State::Demand& demand = s.at(id);
  if (--demand.holders > 0) return;
  for (const model::ObjectKey& claim : claims_of(demand.key)) {
    const auto of = s.demands_of_claim.find(claim);
    of->second.erase(id.v);
    if (of->second.empty()) s.demands_of_claim.erase(of);
  }
  s.changed_demands.erase(id.v);
  s.ids.erase(demand.key);
  s.demands[id.v].reset();
  s.spare.push_back(id.v);
}

const PodRefusal* VolumeBook::pod_refusal(DemandId demand) const {
  const VolumeDemand& known = state_->known(demand);
  return known.refusal ? &*known.refusal : nullptr;
}

std::uint64_t VolumeBook::generation(DemandId demand) const { return state_->generation(demand); }

std::optional<VolumeRefusal> VolumeBook::refusal(DemandId id, Slot slot, const model::Node& node) const {
  State& s = *state_;
  const VolumeDemand& demand = s.known(id);
  EBB_DCHECK(!demand.refusal);
  if (auto refusal = s.restricted(demand, slot)) return refusal;
  if (auto refusal = s.limited(demand, slot)) return refusal;
  if (!demand.bound.empty() || !demand.delayed.empty()) {
    const VolumeMatch match = match_volumes(demand, s.objects, {node.name.v, node.labels, s.csi_at(slot)});
    if (match.reasons != 0) return VolumeRefusal{VolumePlugin::binding, match.reasons, {}};
  }
  if (!in_zone(demand.zones, node.labels)) return refused(VolumePlugin::zone, VolumeReason::zone_conflict);
  return std::nullopt;
}

std::int64_t VolumeBook::score(DemandId id, Slot slot, const model::Node& node, std::span<const model::ShapePoint> shape) const {
  const VolumeDemand& demand = state_->known(id);
  if (demand.delayed.empty()) return 0;
  return storage_score(match_volumes(demand, state_->objects, {node.name.v, node.labels, state_->csi_at(slot)}), shape);
}

void VolumeBook::add_pod(Slot slot, const model::Pod& pod) {
  if (pod.volumes.empty()) return;
  std::vector<model::ObjectKey> turned;
  const bool eased = state_->used.add(slot, pod, turned);
  state_->touch_users(turned, false);
  state_->touch_slot(slot, eased || state_->over_limit(slot));
}

void VolumeBook::remove_pod(Slot slot, const model::Pod& pod) {
  if (pod.volumes.empty()) return;
  std::vector<model::ObjectKey> turned;
  state_->used.remove(slot, pod, turned);
  state_->touch_users(turned, true);
  state_->touch_slot(slot, true);
}

void VolumeBook::take_out(Slot slot, const model::Pod& pod) {
  std::vector<model::ObjectKey> turned;
  state_->used.remove(slot, pod, turned);
}

void VolumeBook::put_back(Slot slot, const model::Pod& pod) {
  std::vector<model::ObjectKey> turned;
  state_->used.add(slot, pod, turned);
}

std::optional<Assumption> VolumeBook::assume(DemandId id, const model::Uid& pod, Slot slot, const model::Node& node) {
  forget(pod);
  State& s = *state_;
  const VolumeDemand& demand = s.known(id);
  if (demand.refusal) return std::nullopt;
  const VolumeMatch match = match_volumes(demand, s.objects, {node.name.v, node.labels, s.csi_at(slot)});
  if (match.reasons != 0) return std::nullopt;
  if (demand.delayed.empty()) return Assumption{true, {}};
  Assumption result{false, s.attempts.begin(pod, slot, node, match)};
  for (const auto& [claim, volume] : match.bindings) s.touch_class(volume->object.storage_class, false);
  for (const model::ObjectKey& claim : claims_of(s.at(id).key)) s.touch_claim(claim, false);
  return result;
}

Progress VolumeBook::progress(const model::Uid& pod) const { return state_->attempts.state(pod, state_->csi_nodes).progress; }

std::string VolumeBook::failure(const model::Uid& pod) const { return state_->attempts.state(pod, state_->csi_nodes).why; }

std::vector<model::Uid> VolumeBook::take_progressed() { return state_->attempts.take_touched(); }

void VolumeBook::forget(const model::Uid& pod) {
  const VolumeAttempts::Ended ended = state_->attempts.end(pod);
  for (const std::string& name : ended.volumes) {
    const VolumeEntry* volume = state_->objects.volume(name);
    if (volume != nullptr && volume->free()) state_->touch_class(volume->object.storage_class, true);
  }
  for (const model::ObjectKey& claim : ended.claims) state_->touch_claim(claim, true);
}

VolumeChanges VolumeBook::take_changes() {
  State& s = *state_;
  s.spread_class_changes();
  VolumeChanges changes;
  for (const auto& [id, better] : s.changed_demands) changes.demands.push_back({DemandId{id}, better});
  for (const auto& [slot, better] : s.changed_slots) changes.slots.push_back({slot, better});
  s.changed_demands.clear();
  s.changed_slots.clear();
  return changes;
}

VolumeBook::State::Demand& VolumeBook::State::at(DemandId id) {
  EBB_CHECK(id.v < demands.size() && demands[id.v].has_value());
  return *demands[id.v];
}

const VolumeDemand& VolumeBook::State::known(DemandId id) {
  Demand& demand = at(id);
  if (demand.stale) {
    demand.known = work_out(demand.key, objects);
    demand.stale = false;
  }
  return demand.known;
}

std::optional<VolumeRefusal> VolumeBook::State::restricted(const VolumeDemand& demand, Slot slot) const {
  const auto conflicts = [&](const model::PodVolume& disk) { return used.conflicts(slot, disk); };
  if (std::ranges::any_of(demand.disks, conflicts)) return refused(VolumePlugin::restrictions, VolumeReason::disk_conflict);
  const auto in_use = [&](const model::ObjectKey& claim) { return used.in_use(claim); };
  if (std::ranges::any_of(demand.exclusive_claims, in_use)) return refused(VolumePlugin::restrictions, VolumeReason::claim_in_use);
  return std::nullopt;
}

std::optional<VolumeRefusal> VolumeBook::State::limited(const VolumeDemand& demand, Slot slot) const {
  if (demand.attachables.empty()) return std::nullopt;
  const model::CsiNode* csi = csi_at(slot);
  const auto on_node = [&](std::string_view name) {
    return csi == nullptr ? nullptr : [&]() -> const model::CsiNodeDriver* {
      const auto found = std::ranges::find(csi->drivers, name, &model::CsiNodeDriver::name);
      return found == csi->drivers.end() ? nullptr : &*found;
    }();
  };
  for (const Attachable& one : demand.attachables) {
    if (csi == nullptr && one.in_tree) continue;
    const model::CsiDriver* driver = objects.driver(one.driver);
    if (driver == nullptr || !driver->required_on_node || on_node(one.driver) != nullptr) continue;
    VolumeRefusal refusal = refused(VolumePlugin::node_limits, VolumeReason::driver_missing);
    refusal.missing_driver = driver->name;
    return refusal;
  }
  if (csi == nullptr) return std::nullopt;
  // Sorted: one driver's volumes stand together.
  for (std::size_t first = 0; first < demand.attachables.size();) {
    const std::string& name = demand.attachables[first].driver;
    int fresh = 0;
    std::size_t next = first;
    for (; next < demand.attachables.size() && demand.attachables[next].driver == name; ++next) {
      if (!used.has(slot, {name, demand.attachables[next].handle})) ++fresh;
    }
    first = next;
    const model::CsiNodeDriver* driver = on_node(name);
    if (fresh == 0 || driver == nullptr || !driver->attach_limit) continue;
    if (used.attached(slot, name) + fresh > *driver->attach_limit)
      return refused(VolumePlugin::node_limits, VolumeReason::too_many_volumes);
  }
  return std::nullopt;
}

bool VolumeBook::State::over_limit(Slot slot) const {
  const model::CsiNode* csi = csi_at(slot);
  return csi != nullptr && std::ranges::any_of(csi->drivers, [&](const model::CsiNodeDriver& driver) {
           return driver.attach_limit && used.attached(slot, driver.name) > *driver.attach_limit;
         });
}

std::uint64_t VolumeBook::State::generation(DemandId id) {
  std::uint64_t latest = at(id).changed;
  for (const ClaimEntry* claim : known(id).delayed) {
    const auto changed = class_changed_at.find(claim->storage_class());
    if (changed != class_changed_at.end()) latest = std::max(latest, changed->second);
  }
  return latest;
}

}   // namespace ebb::core::volumes
