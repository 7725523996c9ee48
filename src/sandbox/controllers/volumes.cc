#include "sandbox/controllers/volumes.h"

#include "kube/decode.h"
#include "model/quantity.h"
#include "model/volume_match.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <utility>

namespace ebb::sandbox::control {
namespace {

using kube::ObjectType;

constexpr std::string_view kComponent = "persistentvolume-controller";
constexpr std::string_view kNoProvisioner = "kubernetes.io/no-provisioner";
constexpr std::string_view kLocalProvisioner = "sandbox.ebb/local";
constexpr std::string_view kBindCompleted = "pv.kubernetes.io/bind-completed";
constexpr std::string_view kBoundByController = "pv.kubernetes.io/bound-by-controller";

// What the scheduler sees of it too: read by the same code.
template <class Seen>
std::optional<Seen> read(ObjectType type, const Change& change) {
  auto decoded = kube::Decoder(type).object(*change.object->text);
  if (!decoded) return std::nullopt;
  return std::get<Seen>(std::move(decoded->seen));
}

json::array modes_of(const std::vector<std::string>& modes) { return json::array(modes.begin(), modes.end()); }

json::object claim_reference(const model::VolumeClaim& claim) {
  return {{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"},          {"namespace", claim.key.ns}, {"name", claim.key.name},
          {"uid", claim.uid.v}, {"resourceVersion", claim.resource_version}};
}

json::object required_terms(const std::vector<model::NodeSelectorTerm>& terms) {
  json::array all;
  for (const model::NodeSelectorTerm& term : terms) {
    json::array expressions;
    for (const model::SelectorRequirement& one : term.match_labels.requirements) {
      expressions.push_back(json::object{{"key", one.key}, {"operator", "In"}, {"values", modes_of(one.values)}});
    }
    all.push_back(json::object{{"matchExpressions", std::move(expressions)}});
  }
  return {{"required", json::object{{"nodeSelectorTerms", std::move(all)}}}};
}

}   // namespace

VolumeController::VolumeController(View view) : view_(std::move(view)), client_(view_->api, "persistentvolume-binder") {}

void VolumeController::observe(const Change& change) {
  if (resources::same(change.resource, resources::kVolumeClaims)) observe_claim(change);
  if (resources::same(change.resource, resources::kVolumes)) observe_volume(change);
  if (resources::same(change.resource, resources::kStorageClasses)) observe_class(change);
}

void VolumeController::observe_claim(const Change& change) {
  const model::ObjectKey& key = change.object->key;
  const auto before = claims_.find(key);
  if (before != claims_.end() && !before->second.volume_name.empty()) queue_.add({"", before->second.volume_name});
  auto seen = change.type == ChangeType::deleted ? std::nullopt : read<model::VolumeClaimSeen>(ObjectType::volume_claim, change);
  if (!seen) {
    claims_.erase(key);
    unbound_.erase(key);
    queue_.forget(key);
    return;
  }
  if (seen->claim.bound) {
    unbound_.erase(key);
  } else {
    unbound_.insert(key);
  }
  claims_.insert_or_assign(key, std::move(seen->claim));
  queue_.add(key);
}

void VolumeController::observe_volume(const Change& change) {
  const std::string& name = change.object->key.name;
  auto seen = change.type == ChangeType::deleted ? std::nullopt : read<model::VolumeSeen>(ObjectType::volume, change);
  const auto before = volumes_.find(name);
  if (before != volumes_.end() && before->second.claim) queue_.add(*before->second.claim);
  if (!seen) {
    volumes_.erase(name);
    queue_.forget({"", name});
    return;
  }
  if (seen->volume.claim) queue_.add(*seen->volume.claim);
  if (!seen->volume.claim) look_at_unbound();
  volumes_.insert_or_assign(name, std::move(seen->volume));
  queue_.add({"", name});
}

void VolumeController::observe_class(const Change& change) {
  auto seen = change.type == ChangeType::deleted ? std::nullopt : read<model::StorageClassSeen>(ObjectType::storage_class, change);
  if (seen) {
    classes_.insert_or_assign(change.object->key.name, std::move(seen->storage_class));
  } else {
    classes_.erase(change.object->key.name);
  }
  look_at_unbound();
}

void VolumeController::look_at_unbound() {
  for (const model::ObjectKey& key : unbound_) queue_.add(key);
}

Instant VolumeController::run(Instant now) {
  return drain(queue_, now, [&](const model::ObjectKey& key) { return sync(key, now).has_value(); });
}

// What is worked on is copied: writing changes what is known.
Status VolumeController::sync(const model::ObjectKey& key, Instant now) {
  if (!key.ns.empty()) {
    const auto found = claims_.find(key);
    if (found == claims_.end() || found->second.deletion_requested) return {};
    const model::VolumeClaim claim = found->second;
    return sync_claim(claim, now);
  }
  const auto found = volumes_.find(key.name);
  if (found == volumes_.end() || found->second.deletion_requested) return {};
  const model::Volume volume = found->second;
  return sync_volume(volume, now);
}

const model::StorageClass* VolumeController::class_of(const model::VolumeClaim& claim) const {
  const auto found = classes_.find(claim.storage_class.value_or(""));
  return found == classes_.end() ? nullptr : &found->second;
}

const model::Volume* VolumeController::volume_for(const model::VolumeClaim& claim, bool waits) const {
  const model::Volume* best = nullptr;
  for (const auto& [name, volume] : volumes_) {
    if (!claim.volume_name.empty() && claim.volume_name != name) continue;
    if (waits && claim.volume_name.empty() && !model::reserved_for(volume, claim)) continue;
    if (model::can_serve(volume, claim) && (best == nullptr || model::better_match(volume, *best, claim))) best = &volume;
  }
  return best;
}

// The newest default class, as the API server's admission takes it; here also for claims that were made before it.
Status VolumeController::fill_in_class(const model::VolumeClaim& claim, Instant now) {
  const model::StorageClass* chosen = nullptr;
  for (const auto& [name, storage] : classes_) {
    if (storage.is_default && (chosen == nullptr || storage.created > chosen->created)) chosen = &storage;
  }
  if (chosen == nullptr) return {};
  return client_.modify(resources::kVolumeClaims, claim.key, claim.uid.v, "", now, [name = chosen->name](json::object& object) {
    child(object, "spec")["storageClassName"] = name;
    return true;
  });
}

Status VolumeController::sync_claim(const model::VolumeClaim& claim, Instant now) {
  if (claim.bound) {
    const auto volume = volumes_.find(claim.volume_name);
    if (volume == volumes_.end()) return set_claim_phase(claim, "Lost", now);
    return finish_claim(claim, volume->second, now);
  }
  if (!claim.storage_class && claim.volume_name.empty()) return fill_in_class(claim, now);
  const model::StorageClass* storage = class_of(claim);
  const bool waits = storage != nullptr && storage->wait_for_first_consumer;
  if (const model::Volume* volume = volume_for(claim, waits)) return bind(claim, model::Volume(*volume), now);
  if (!claim.volume_name.empty()) return {};   // waits for that very volume
  if (waits && claim.selected_node.empty()) {
    tell(claim, "Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding", now);
    return {};
  }
  if (storage != nullptr && storage->provisioner != kNoProvisioner) return provision(claim, *storage, now);
  tell(claim, "Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set", now);
  return {};
}

Status VolumeController::bind(const model::VolumeClaim& claim, const model::Volume& volume, Instant now) {
  if (volume.claim_uid != claim.uid) {
    const bool by_hand = volume.claim.has_value();
    EBB_TRY_VOID(client_.modify(resources::kVolumes, {"", volume.name}, volume.uid.v, "", now, [&](json::object& object) {
      child(object, "spec")["claimRef"] = claim_reference(claim);
      if (!by_hand) child(child(object, "metadata"), "annotations")[kBoundByController] = "yes";
      return true;
    }));
  }
  EBB_TRY_VOID(set_volume_phase(volume, "Bound", now));
  EBB_TRY_VOID(client_.modify(resources::kVolumeClaims, claim.key, claim.uid.v, "", now, [&](json::object& object) {
    json::object& annotations = child(child(object, "metadata"), "annotations");
    annotations[kBindCompleted] = "yes";
    if (claim.volume_name.empty()) annotations[kBoundByController] = "yes";
    child(object, "spec")["volumeName"] = volume.name;
    return true;
  }));
  return finish_claim(claim, volume, now);
}

// The claim says what it has got.
Status VolumeController::finish_claim(const model::VolumeClaim& claim, const model::Volume& volume, Instant now) {
  return client_.modify(resources::kVolumeClaims, claim.key, claim.uid.v, "status", now, [&](json::object& object) {
    json::object& status = child(object, "status");
    if (text_at(status, "phase") == "Bound") return false;
    status["phase"] = "Bound";
    status["accessModes"] = modes_of(volume.access_modes);
    status["capacity"] = json::object{{"storage", model::to_quantity_text(volume.capacity)}};
    return true;
  });
}

Status VolumeController::set_claim_phase(const model::VolumeClaim& claim, std::string_view phase, Instant now) {
  return client_.modify(resources::kVolumeClaims, claim.key, claim.uid.v, "status", now, [&](json::object& object) {
    json::object& status = child(object, "status");
    if (text_at(status, "phase") == phase) return false;
    status["phase"] = phase;
    return true;
  });
}

Status VolumeController::set_volume_phase(const model::Volume& volume, std::string_view phase, Instant now) {
  return client_.modify(resources::kVolumes, {"", volume.name}, volume.uid.v, "status", now, [&](json::object& object) {
    json::object& status = child(object, "status");
    if (text_at(status, "phase") == phase) return false;
    status["phase"] = phase;
    return true;
  });
}

Status VolumeController::sync_volume(const model::Volume& volume, Instant now) {
  if (!volume.claim) return set_volume_phase(volume, "Available", now);
  const auto claim = claims_.find(*volume.claim);
  if (volume.claim_uid.empty()) return claim == claims_.end() ? set_volume_phase(volume, "Available", now) : Status();
  if (claim != claims_.end() && claim->second.uid == volume.claim_uid) return {};
  EBB_TRY_VOID(set_volume_phase(volume, "Released", now));
  const auto object = client_.get(resources::kVolumes, {"", volume.name});
  if (!object || text_at(*object, "spec.persistentVolumeReclaimPolicy") != "Delete") return {};
  return client_.remove(resources::kVolumes, {"", volume.name}, {.uid = volume.uid.v}, now);
}

Status VolumeController::provision(const model::VolumeClaim& claim, const model::StorageClass& storage, Instant now) {
  const auto stored = client_.get(resources::kStorageClasses, {"", storage.name});
  const std::string policy = stored ? text_at(*stored, "reclaimPolicy") : "";
  const std::string name = "pvc-" + claim.uid.v;
  json::object spec{{"capacity", json::object{{"storage", model::to_quantity_text(claim.request)}}},
                    {"accessModes", modes_of(claim.access_modes)},
                    {"volumeMode", claim.volume_mode},
                    {"persistentVolumeReclaimPolicy", policy.empty() ? "Delete" : policy},
                    {"storageClassName", storage.name},
                    {"claimRef", claim_reference(claim)}};
  const bool local = storage.provisioner == kLocalProvisioner;
  if (local) {
    spec["hostPath"] = json::object{{"path", "/var/lib/sandbox/volumes/" + name}};
  } else {
    spec["csi"] = json::object{{"driver", storage.provisioner}, {"volumeHandle", name}};
  }
  if (!claim.attributes_class.empty()) spec["volumeAttributesClassName"] = claim.attributes_class;
  if (local && !claim.selected_node.empty()) {
    model::NodeSelectorTerm on_node;
    on_node.match_labels.requirements.push_back({"kubernetes.io/hostname", model::SelectorOperator::in, {claim.selected_node}});
    spec["nodeAffinity"] = required_terms({on_node});
  } else if (!storage.allowed_topologies.empty()) {
    spec["nodeAffinity"] = required_terms(storage.allowed_topologies);
  }
  json::object volume{
      {"apiVersion", "v1"},
      {"kind", "PersistentVolume"},
      {"metadata", json::object{{"name", name}, {"annotations", json::object{{"pv.kubernetes.io/provisioned-by", storage.provisioner}}}}},
      {"spec", std::move(spec)}};
  const auto made = client_.create(resources::kVolumes, std::move(volume), now);
  if (!made && made.error().code != Errc::exists) {
    tell(claim, "Warning", "ProvisioningFailed", made.error().message, now);
    return std::unexpected(made.error());
  }
  if (made) tell(claim, "Normal", "ProvisioningSucceeded", "Successfully provisioned volume " + name, now);
  return {};   // the volume is reserved for the claim: seeing it binds the two
}

void VolumeController::tell(const model::VolumeClaim& claim, std::string_view type, std::string_view reason, std::string message,
                            Instant now) {
  const auto object = client_.get(resources::kVolumeClaims, claim.key);
  if (object) view_->events.record(*object, {kComponent, type, reason, std::move(message)}, now);
}

}   // namespace ebb::sandbox::control
