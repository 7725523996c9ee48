#include "core/volumes/volume_book.h"
#include "core/volumes/volume_book_state.h"

#include <algorithm>
#include <utility>

namespace ebb::core::volumes {
namespace {

// Nothing that matters has changed: the same text under a new version.
template <class Object>
bool same_but_version(const Object& known, const Object& seen) {
  if (known.resource_version == seen.resource_version) return known == seen;
  Object aged = known;
  aged.resource_version = seen.resource_version;
  return aged == seen;
}

const model::CsiNodeDriver* find_driver(const model::CsiNode& node, const std::string& name) {
  const auto found = std::ranges::find(node.drivers, name, &model::CsiNodeDriver::name);
  return found == node.drivers.end() ? nullptr : &*found;
}

bool offers_more(const model::CsiNode* before, const model::CsiNode& now) {
  if (before == nullptr || before->migrated_plugins != now.migrated_plugins) return true;
  const auto lifts = [&](const model::CsiNodeDriver& driver) {
    const model::CsiNodeDriver* old = find_driver(*before, driver.name);
    if (old == nullptr) return true;
    return old->attach_limit && (!driver.attach_limit || *driver.attach_limit > *old->attach_limit);
  };
  // A driver that has gone takes its limit with it.
  const auto gone = [&](const model::CsiNodeDriver& driver) { return find_driver(now, driver.name) == nullptr; };
  return std::ranges::any_of(now.drivers, lifts) || std::ranges::any_of(before->drivers, gone);
}

bool offers_more(const model::CsiStorageCapacity* before, const model::CsiStorageCapacity& now) {
  if (before == nullptr || before->node_topology != now.node_topology || before->storage_class != now.storage_class) return true;
  const auto old = volume_limit(*before);
  const auto limit = volume_limit(now);
  return limit && (!old || *limit > *old);
}

}   // namespace

void VolumeBook::step(const model::VolumeClaimSeen& event) {
  State& s = *state_;
  const ClaimEntry* known = s.objects.claim(event.claim.key);
  const bool same = known != nullptr && same_but_version(known->object, event.claim);
  s.objects.put(event.claim);
  if (!same) s.claim_changed(event.claim.key, true);
}

void VolumeBook::step(const model::VolumeClaimGone& event) {
  if (state_->objects.claim(event.key) == nullptr) return;
  state_->objects.drop_claim(event.key);
  state_->claim_changed(event.key, false);
}

void VolumeBook::step(const model::VolumeSeen& event) {
  State& s = *state_;
  const std::string& name = event.volume.name;
  const VolumeEntry* known = s.objects.volume(name);
  const bool same = known != nullptr && same_but_version(known->object, event.volume);
  if (known != nullptr && !same) s.volume_changed(name, false);
  s.objects.put(event.volume);
  if (!same) s.volume_changed(name, true);
}

void VolumeBook::step(const model::VolumeGone& event) {
  State& s = *state_;
  if (s.objects.volume(event.name) == nullptr) return;
  s.volume_changed(event.name, false);
  s.objects.drop_volume(event.name);
  s.volume_changed(event.name, false);
}

void VolumeBook::step(const model::StorageClassSeen& event) {
  const model::StorageClass* known = state_->objects.storage_class(event.storage_class.name);
  if (known != nullptr && *known == event.storage_class) return;
  state_->objects.put(event.storage_class);
  state_->class_object_changed(event.storage_class.name, true);
}

void VolumeBook::step(const model::StorageClassGone& event) {
  state_->objects.drop_class(event.name);
  state_->class_object_changed(event.name, false);
}

void VolumeBook::step(const model::CsiDriverSeen& event) {
  const model::CsiDriver* known = state_->objects.driver(event.driver.name);
  if (known != nullptr && *known == event.driver) return;
  const bool better = known != nullptr && ((known->storage_capacity && !event.driver.storage_capacity) ||
                                           (known->required_on_node && !event.driver.required_on_node));
  state_->objects.put(event.driver);
  state_->driver_changed(better);
}

void VolumeBook::step(const model::CsiDriverGone& event) {
  const model::CsiDriver* known = state_->objects.driver(event.name);
  if (known == nullptr) return;
  const bool better = known->storage_capacity || known->required_on_node;
  state_->objects.drop_driver(event.name);
  state_->driver_changed(better);
}

void VolumeBook::step(const model::CsiStorageCapacitySeen& event) {
  const model::CsiStorageCapacity* known = state_->objects.capacity(event.capacity.key);
  if (known != nullptr && *known == event.capacity) return;
  const bool better = offers_more(known, event.capacity);
  if (known != nullptr && known->storage_class != event.capacity.storage_class) state_->touch_class(known->storage_class, false);
  state_->objects.put(event.capacity);
  state_->touch_class(event.capacity.storage_class, better);
}

void VolumeBook::step(const model::CsiStorageCapacityGone& event) {
  const model::CsiStorageCapacity* known = state_->objects.capacity(event.key);
  if (known == nullptr) return;
  state_->touch_class(known->storage_class, false);
  state_->objects.drop_capacity(event.key);
}

void VolumeBook::step(const model::CsiNodeSeen& event) {
  State& s = *state_;
  const auto [at, added] = s.csi_nodes.try_emplace(event.node.node.v);
  if (!added && at->second == event.node) return;
  const bool better = offers_more(added ? nullptr : &at->second, event.node);
  at->second = event.node;
  s.csi_node_changed(event.node.node, better);
}

void VolumeBook::step(const model::CsiNodeGone& event) {
  if (state_->csi_nodes.erase(event.node.v) == 0) return;
  state_->csi_node_changed(event.node, true);   // no limits any more
}

void VolumeBook::step(const model::VolumeAttachmentSeen& event) {
  State& s = *state_;
  const model::VolumeAttachment& seen = event.attachment;
  const auto found = s.attachments.find(seen.name);
  if (found != s.attachments.end()) {
    if (found->second.object == seen) return;
    step(model::VolumeAttachmentGone{seen.name});
  }
  State::Attachment& attachment = s.attachments[seen.name];
  attachment.object = seen;
  s.attachments_of_volume[seen.volume].insert(seen.name);
  s.attachments_at_node[seen.node.v].insert(seen.name);
  if (const auto slot = s.slots.find(seen.node.v); slot != s.slots.end()) attachment.slot = slot->second;
  s.recount_attachment(attachment);
}

void VolumeBook::step(const model::VolumeAttachmentGone& event) {
  State& s = *state_;
  const auto found = s.attachments.find(event.name);
  if (found == s.attachments.end()) return;
  found->second.object.attacher.clear();   // counts nowhere
  s.recount_attachment(found->second);
  const auto unlink = [&](auto& index, const std::string& key) {
    const auto of = index.find(key);
    of->second.erase(event.name);
    if (of->second.empty()) index.erase(of);
  };
  unlink(s.attachments_of_volume, found->second.object.volume);
  unlink(s.attachments_at_node, found->second.object.node.v);
  s.attachments.erase(found);
}

void VolumeBook::node_seen(Slot slot, const model::Node& node) {
  State& s = *state_;
  if (slot >= s.names.size()) {
    s.names.resize(slot + 1);
    s.csi_at_slot.resize(slot + 1);
  }
  s.attempts.node_changed(slot, &node);
  if (s.names[slot] == node.name.v) return;
  node_gone(slot);   // another's until now
  s.names[slot] = node.name.v;
  s.slots[node.name.v] = slot;
  s.csi_node_changed(node.name, true);
  const auto here = s.attachments_at_node.find(node.name.v);
  if (here == s.attachments_at_node.end()) return;
  for (const std::string& name : here->second) {
    State::Attachment& attachment = s.attachments.at(name);
    attachment.slot = slot;
    s.recount_attachment(attachment);
  }
}

void VolumeBook::node_gone(Slot slot) {
  State& s = *state_;
  if (slot >= s.names.size() || s.names[slot].empty()) return;
  const std::string name = std::exchange(s.names[slot], {});
  s.attempts.node_changed(slot, nullptr);
  s.csi_at_slot[slot] = nullptr;
  s.slots.erase(name);
  const auto here = s.attachments_at_node.find(name);
  if (here == s.attachments_at_node.end()) return;
  for (const std::string& one : here->second) {
    State::Attachment& attachment = s.attachments.at(one);
    if (attachment.counted) s.used.detach(slot, *attachment.counted);
    attachment.counted.reset();
    attachment.slot.reset();
  }
}

void VolumeBook::State::touch(DemandId id, bool better) {
  at(id).changed = ++now;
  changed_demands[id.v] |= better;
}

void VolumeBook::State::touch_claim(const model::ObjectKey& claim, bool better) {
  const auto of = demands_of_claim.find(claim);
  if (of == demands_of_claim.end()) return;
  for (const std::uint32_t id : of->second) {
    touch(DemandId{id}, better);
    demands[id]->stale = true;
  }
}

void VolumeBook::State::touch_class(std::string_view name, bool better) {
  class_changed_at.insert_or_assign(std::string(name), ++now);
  changed_classes[std::string(name)] |= better;
}

void VolumeBook::State::touch_users(const std::vector<model::ObjectKey>& turned, bool better) {
  for (const model::ObjectKey& claim : turned) {
    const auto of = demands_of_claim.find(claim);
    if (of == demands_of_claim.end()) continue;
    for (const std::uint32_t id : of->second) {
      const auto& exclusive = known(DemandId{id}).exclusive_claims;
      if (std::ranges::find(exclusive, claim) != exclusive.end()) touch(DemandId{id}, better);
    }
  }
}

void VolumeBook::State::spread_class_changes() {
  if (changed_classes.empty()) return;
  for (std::uint32_t id = 0; id < demands.size(); ++id) {
    if (!demands[id]) continue;
    for (const ClaimEntry* claim : known(DemandId{id}).delayed) {
      const auto changed = changed_classes.find(claim->storage_class());
      if (changed != changed_classes.end()) changed_demands[id] |= changed->second;
    }
  }
  changed_classes.clear();
}

void VolumeBook::State::claim_changed(const model::ObjectKey& key, bool better) {
  touch_claim(key, better);
  recount(key);
  attempts.claim_changed(key);
}

// To be called with the volume as it was and as it is: either may matter to others.
void VolumeBook::State::volume_changed(const std::string& name, bool better) {
  const VolumeEntry* volume = objects.volume(name);
  if (volume != nullptr) {
    if (volume->free()) touch_class(volume->object.storage_class, better);
    // One that is reserved but out of reach keeps the claim from all others: also its going can help.
    if (const model::ObjectKey* owner = volume->owner().claim) touch_claim(*owner, true);
  }
  if (const std::set<model::ObjectKey>* claims = objects.claims_on_volume(name)) {
    for (const model::ObjectKey& claim : *claims) {
      touch_claim(claim, better);
      recount(claim);
    }
  }
  if (const auto attached = attachments_of_volume.find(name); attached != attachments_of_volume.end()) {
    for (const std::string& one : attached->second) recount_attachment(attachments.at(one));
  }
  attempts.volume_changed(name);
}

void VolumeBook::State::class_object_changed(const std::string& name, bool better) {
  const std::set<model::ObjectKey>* claims = objects.claims_of_class(name);
  if (claims == nullptr) return;
  for (const model::ObjectKey& claim : *claims) {
    touch_claim(claim, better);
    recount(claim);
  }
}

void VolumeBook::State::driver_changed(bool better) {
  for (std::uint32_t id = 0; id < demands.size(); ++id) {
    if (demands[id]) touch(DemandId{id}, better);
  }
}

void VolumeBook::State::csi_node_changed(const model::NodeName& name, bool better) {
  const auto slot = slots.find(name.v);
  if (slot == slots.end()) return;
  const auto csi = csi_nodes.find(name.v);
  csi_at_slot[slot->second] = csi == csi_nodes.end() ? nullptr : &csi->second;
  touch_slot(slot->second, better);
  attempts.drivers_changed(slot->second);
}

void VolumeBook::State::recount(const model::ObjectKey& claim) {
  std::vector<NodeVolumes::Recounted> changed;
  used.recount(claim, changed);
  for (const auto& [slot, fewer] : changed) touch_slot(slot, fewer || over_limit(slot));
}

std::optional<NodeVolumes::DriverVolume> VolumeBook::State::counted_as(const model::VolumeAttachment& attachment) const {
  if (attachment.attacher.empty() || attachment.volume.empty()) return std::nullopt;
  const VolumeEntry* volume = objects.volume(attachment.volume);
  if (volume == nullptr || volume->object.csi_driver.empty() || !volume->object.in_tree_plugin.empty()) return std::nullopt;
  return NodeVolumes::DriverVolume{attachment.attacher, volume->object.csi_handle};
}

void VolumeBook::State::recount_attachment(Attachment& attachment) {
  if (!attachment.slot) return;
  std::optional<NodeVolumes::DriverVolume> counted = counted_as(attachment.object);
  if (counted == attachment.counted) return;
  if (counted) used.attach(*attachment.slot, *counted);
  if (attachment.counted) used.detach(*attachment.slot, *attachment.counted);
  touch_slot(*attachment.slot, attachment.counted.has_value());
  attachment.counted = std::move(counted);
}

}   // namespace ebb::core::volumes
