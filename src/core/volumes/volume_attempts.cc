#include "core/volumes/volume_attempts.h"

#include "base/check.h"

#include <fmt/format.h>

#include <utility>

namespace ebb::core::volumes {
namespace {

template <class Map, class Key>
void erase_from(Map& map, const Key& key, const model::Uid& pod) {
  const auto found = map.find(key);
  if (found == map.end()) return;
  found->second.erase(pod);
  if (found->second.empty()) map.erase(found);
}

}   // namespace

std::vector<model::ClusterAction> VolumeAttempts::begin(const model::Uid& pod, Slot slot, const model::Node& node,
                                                        const VolumeMatch& match) {
  EBB_CHECK(!attempts_.contains(pod));
  Attempt attempt{slot, node.name, node.labels, false, {}, {}};
  std::vector<model::ClusterAction> actions;
  for (const auto& [claim, volume] : match.bindings) {
    Binding binding{claim->object.key, claim->object.uid, volume->object.name, false};
    binding.seen = reserved(binding);
    if (!binding.seen)
      actions.push_back(model::BindVolume{binding.volume, volume->object.resource_version, binding.claim, binding.claim_uid});
    by_claim_[binding.claim].insert(pod);
    by_volume_[binding.volume].insert(pod);
    attempt.bindings.push_back(std::move(binding));
  }
  for (const auto& [claim, capacity] : match.provisions) {
    Provision provision{claim->object.key, claim->object.uid, false};
    provision.seen = selected(provision, attempt);
    if (!provision.seen) actions.push_back(model::SelectClaimNode{provision.claim, provision.claim_uid, node.name});
    by_claim_[provision.claim].insert(pod);
    attempt.provisions.push_back(std::move(provision));
  }
  // Only now: what is assumed changes what the match points to.
  for (const Binding& binding : attempt.bindings) objects_.assume_volume(binding.volume, objects_.claim(binding.claim)->object);
  for (const Provision& provision : attempt.provisions) objects_.assume_node(provision.claim, node.name.v);
  by_slot_[slot].insert(pod);
  attempts_.insert_or_assign(pod, std::move(attempt));
  return actions;
}

VolumeAttempts::Ended VolumeAttempts::end(const model::Uid& pod) {
  Ended ended;
  const auto found = attempts_.find(pod);
  if (found == attempts_.end()) return ended;
  const Attempt attempt = std::move(found->second);
  attempts_.erase(found);
  touched_.erase(pod);
  erase_from(by_slot_, attempt.slot, pod);
  for (const Binding& binding : attempt.bindings) {
    objects_.free_volume(binding.volume, binding.claim, binding.claim_uid);
    erase_from(by_claim_, binding.claim, pod);
    erase_from(by_volume_, binding.volume, pod);
    ended.volumes.push_back(binding.volume);
    ended.claims.push_back(binding.claim);
  }
  for (const Provision& provision : attempt.provisions) {
    objects_.free_node(provision.claim, provision.claim_uid);
    erase_from(by_claim_, provision.claim, pod);
    ended.claims.push_back(provision.claim);
  }
  return ended;
}

VolumeAttempts::State VolumeAttempts::state(const model::Uid& pod,
                                            const std::map<std::string, model::CsiNode, std::less<>>& csi_nodes) const {
  const auto found = attempts_.find(pod);
  if (found == attempts_.end()) return {};
  const Attempt& attempt = found->second;
  if (attempt.node_gone) return State::failed(fmt::format("failed to get node \"{}\"", attempt.node.v));
  const auto csi = csi_nodes.find(attempt.node.v);
  const NodeView node{attempt.node.v, attempt.labels, csi == csi_nodes.end() ? nullptr : &csi->second};
  State all;
  // A failure anywhere ends the attempt, however much is still under way elsewhere.
  const auto take = [&](State one) {
    if (all.progress == Progress::failed || one.progress == Progress::bound) return;
    all = std::move(one);
  };
  for (const Binding& binding : attempt.bindings) take(state_of(binding, node));
  for (const Provision& provision : attempt.provisions) take(state_of(provision, node));
  return all;
}

VolumeAttempts::State VolumeAttempts::state_of(const Binding& binding, const NodeView& node) const {
  const VolumeEntry* volume = objects_.volume(binding.volume);
  if (volume == nullptr) return State::failed(fmt::format("persistentvolume \"{}\" not found", binding.volume));
  const ClaimEntry* claim = objects_.claim(binding.claim);
  if (claim == nullptr || claim->object.uid != binding.claim_uid) {
    return State::failed(fmt::format("persistentvolumeclaim \"{}\" not found", binding.claim.name));
  }
  if (!reserved(binding)) {
    const auto& owner = volume->object.claim;
    const bool lost = owner && (*owner != binding.claim || !volume->object.claim_uid.empty());
    if (binding.seen || lost) return State::failed(fmt::format("ClaimRef got reset for pv \"{}\"", binding.volume));
    return {Progress::pending, {}};
  }
  if (!reachable_from(*volume, node)) {
    return State::failed(fmt::format("pv \"{}\" node affinity doesn't match node \"{}\"", binding.volume, node.name));
  }
  if (claim->object.volume_name.empty() || !claim->object.bound) return {Progress::pending, {}};
  if (claim->object.volume_name == binding.volume) return {};
  return State::failed(fmt::format("PVC \"{}\" was bound to pv \"{}\"", binding.claim.name, claim->object.volume_name));
}

VolumeAttempts::State VolumeAttempts::state_of(const Provision& provision, const NodeView& node) const {
  const ClaimEntry* claim = objects_.claim(provision.claim);
  if (claim == nullptr || claim->object.uid != provision.claim_uid) {
    return State::failed(fmt::format("persistentvolumeclaim \"{}\" not found", provision.claim.name));
  }
  const model::VolumeClaim& object = claim->object;
  if (object.selected_node != node.name) {
    const bool undone = provision.seen || !object.selected_node.empty() || object.bound;
    if (undone) return State::failed(fmt::format("provisioning failed for PVC \"{}\"", provision.claim.name));
    return {Progress::pending, {}};
  }
  if (object.volume_name.empty()) return {Progress::pending, {}};
  const VolumeEntry* volume = objects_.volume(object.volume_name);
  if (volume == nullptr) return {Progress::pending, {}};   // it may be seen yet
  if (!reachable_from(*volume, node)) {
    return State::failed(fmt::format("pv \"{}\" node affinity doesn't match node \"{}\"", object.volume_name, node.name));
  }
  return {object.bound ? Progress::bound : Progress::pending, {}};
}

bool VolumeAttempts::reserved(const Binding& binding) const {
  const VolumeEntry* volume = objects_.volume(binding.volume);
  return volume != nullptr && volume->object.claim == binding.claim && volume->object.claim_uid == binding.claim_uid;
}

bool VolumeAttempts::selected(const Provision& provision, const Attempt& attempt) const {
  const ClaimEntry* claim = objects_.claim(provision.claim);
  return claim != nullptr && claim->object.selected_node == attempt.node.v;
}

void VolumeAttempts::look(const model::Uid& pod) {
  Attempt& attempt = attempts_.at(pod);
  for (Binding& binding : attempt.bindings) binding.seen |= reserved(binding);
  for (Provision& provision : attempt.provisions) provision.seen |= selected(provision, attempt);
  touched_.insert(pod);
}

void VolumeAttempts::claim_changed(const model::ObjectKey& key) {
  const auto pods = by_claim_.find(key);
  if (pods == by_claim_.end()) return;
  for (const model::Uid& pod : pods->second) look(pod);
}

void VolumeAttempts::volume_changed(const std::string& name) {
  if (const auto pods = by_volume_.find(name); pods != by_volume_.end()) {
    for (const model::Uid& pod : pods->second) look(pod);
  }
  const std::set<model::ObjectKey>* claims = objects_.claims_on_volume(name);
  if (claims == nullptr) return;
  for (const model::ObjectKey& claim : *claims) claim_changed(claim);
}

void VolumeAttempts::node_changed(Slot slot, const model::Node* node) {
  const auto pods = by_slot_.find(slot);
  if (pods == by_slot_.end()) return;
  for (const model::Uid& pod : pods->second) {
    Attempt& attempt = attempts_.at(pod);
    attempt.node_gone = node == nullptr;
    if (node != nullptr) attempt.labels = node->labels;
    touched_.insert(pod);
  }
}

void VolumeAttempts::drivers_changed(Slot slot) {
  if (const auto pods = by_slot_.find(slot); pods != by_slot_.end()) touched_.insert(pods->second.begin(), pods->second.end());
}

std::vector<model::Uid> VolumeAttempts::take_touched() {
  std::vector<model::Uid> touched(touched_.begin(), touched_.end());
  touched_.clear();
  return touched;
}

}   // namespace ebb::core::volumes
