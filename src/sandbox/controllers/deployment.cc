#include "sandbox/controllers/deployment.h"

#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/ownership.h"
#include "sandbox/controllers/resource_ids.h"

#include <utility>

namespace ebb::sandbox::control {

DeploymentController::DeploymentController(View view) : view_(std::move(view)), client_(view_->api, "deployment-controller") {
  view_->pods.listen([this](const SeenPod* before, const SeenPod* after) { on_pod(before, after); });
}

void DeploymentController::observe(const Change& change) {
  if (resources::same(change.resource, resources::kDeployments)) observe_deployment(change);
  if (resources::same(change.resource, resources::kReplicaSets)) observe_set(change);
}

void DeploymentController::observe_deployment(const Change& change) {
  const model::ObjectKey& key = change.object->key;
  if (change.type == ChangeType::deleted) {
    known_.erase(key);
    queue_.forget(key);
    return;
  }
  const json::object& deployment = view_->parsed.of(change.object);
  known_.insert_or_assign(key, Known{change.object->uid, selector_of(value_at(deployment, "spec.selector")),
                                     text_at(deployment, "spec.strategy.type") == "Recreate"});
  queue_.add(key);
}

void DeploymentController::observe_set(const Change& change) {
  const model::ObjectKey& key = change.object->key;
  if (const auto old = known_sets_.find(key); old != known_sets_.end()) {
    const auto siblings = sets_by_controller_.find(old->second.controller_uid);
    siblings->second.erase(key);
    if (siblings->second.empty()) sets_by_controller_.erase(siblings);
    if (!old->second.controller_uid.empty()) queue_.add({key.ns, old->second.controller_name});
    known_sets_.erase(old);
  }
  if (change.type == ChangeType::deleted) return;
  const OwnerReference owner = controller_of(view_->parsed.of(change.object)).value_or(OwnerReference{});
  known_sets_.emplace(key, KnownSet{change.object->uid, owner.uid, owner.name, change.object->labels});
  sets_by_controller_[owner.uid].insert(key);
  if (!owner.uid.empty()) {
    if (owner.is("apps", "Deployment")) queue_.add({key.ns, owner.name});
    return;
  }
  for (auto known = known_.lower_bound({key.ns, ""}); known != known_.end() && known->first.ns == key.ns; ++known) {
    if (known->second.selector && known->second.selector->matches(change.object->labels)) queue_.add(known->first);
  }
}

// Recreate waits for the last old pod to be gone, which no ReplicaSet's status tells.
void DeploymentController::on_pod(const SeenPod* before, const SeenPod* after) {
  if (before == nullptr || (after != nullptr && !after->terminal()) || !before->controller.is("apps", "ReplicaSet")) return;
  const auto set = known_sets_.find({before->key().ns, before->controller.name});
  if (set == known_sets_.end()) return;
  const model::ObjectKey key{before->key().ns, set->second.controller_name};
  if (const auto known = known_.find(key); known != known_.end() && known->second.recreate) queue_.add(key);
}

Instant DeploymentController::run(Instant now) {
  return drain(queue_, now, [&](const model::ObjectKey& key) { return sync(key, now).has_value(); });
}

Status DeploymentController::sync(const model::ObjectKey& key, Instant now) {
  const auto known = known_.find(key);
  if (known == known_.end()) return {};
  auto deployment = client_.get(resources::kDeployments, key);
  if (!deployment) return deployment.error().code == Errc::not_found ? Status{} : Status(std::unexpected(deployment.error()));
  if (!known->second.selector) return {};
  if (known->second.selector->empty()) {
    view_->events.record(*deployment, {name(), "Warning", "SelectingAll", "the selector matches every pod: a non-empty one is needed"},
                         now);
    return {};
  }
  EBB_TRY_VOID(claim_sets(*deployment, known->second, now));
  EBB_TRY(auto sets, read_sets(known->second.uid));
  Rollout rollout{.deployment = *std::move(deployment), .now = now};
  rollout.sets = sets_of(rollout.deployment, std::move(sets));
  rollout.desired = number_at(rollout.deployment, "spec.replicas").value_or(1);
  rollout.bounds = rollout_bounds(rollout.deployment);

  if (is_deleting(rollout.deployment)) return write_status(rollout, false);
  EBB_TRY_VOID(note_pause(rollout));
  if (flag_at(rollout.deployment, "spec.paused")) return scale_only(rollout);
  for (const RolloutSet* set : rollout.sets.active()) {
    const std::string noted = annotation(set->object, kDesiredReplicas);
    if (!noted.empty() && noted != fmt::format("{}", rollout.desired)) return scale_only(rollout);
  }
  if (text_at(rollout.deployment, "spec.strategy.type") == "Recreate") return recreate(rollout);
  return roll(rollout);
}

Status DeploymentController::claim_sets(const json::object& deployment, const Known& known, Instant now) {
  if (is_deleting(deployment)) return {};
  const std::string ns = text_at(deployment, "metadata.namespace");
  std::vector<model::ObjectKey> strays, orphans;
  if (const auto own = sets_by_controller_.find(known.uid); own != sets_by_controller_.end()) {
    for (const auto& key : own->second) {
      if (!known.selector->matches(known_sets_.at(key).labels)) strays.push_back(key);
    }
  }
  static const std::set<model::ObjectKey> kNone;
  const auto nobodys = sets_by_controller_.find("");
  const auto& free = nobodys == sets_by_controller_.end() ? kNone : nobodys->second;
  for (auto key = free.lower_bound({ns, ""}); key != free.end() && key->ns == ns; ++key) {
    if (known.selector->matches(known_sets_.at(*key).labels)) orphans.push_back(*key);
  }
  const std::string uid = known.uid;
  for (const auto& key : strays) {
    EBB_TRY_VOID(client_.modify(resources::kReplicaSets, key, "", "", now, [&](json::object& set) { return drop_owner(set, uid); }));
  }
  for (const auto& key : orphans) {
    EBB_TRY_VOID(
        client_.modify(resources::kReplicaSets, key, "", "", now, [&](json::object& set) { return add_controller(set, deployment); }));
  }
  return {};
}

Result<std::vector<json::object>> DeploymentController::read_sets(const std::string& uid) const {
  std::vector<json::object> sets;
  const auto keys = sets_by_controller_.find(uid);
  if (keys == sets_by_controller_.end()) return sets;
  for (const auto& key : keys->second) {
    EBB_TRY(auto set, client_.get(resources::kReplicaSets, key));
    sets.push_back(std::move(set));
  }
  return sets;
}

Status DeploymentController::note_pause(Rollout& rollout) {
  if (!progress_deadline(rollout.deployment)) return {};
  const bool paused = flag_at(rollout.deployment, "spec.paused");
  json::object status = child(rollout.deployment, "status");
  const json::object* progress = find_condition(status, "Progressing");
  const std::string reason = progress == nullptr ? "" : text_at(*progress, "reason");
  if (reason == "ProgressDeadlineExceeded" || paused == (reason == "DeploymentPaused")) return {};
  const Condition said = paused ? Condition{"Progressing", "Unknown", "DeploymentPaused", "Deployment is paused"}
                                : Condition{"Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed"};
  set_condition(child(rollout.deployment, "status"), said, rollout.now, Stamp::with_update_time, true);
  return client_.modify(
      resources::kDeployments, rollout.key(), uid_of(rollout.deployment), "status", rollout.now,
      [&](json::object& object) { return set_condition(child(object, "status"), said, rollout.now, Stamp::with_update_time, true); });
}

Status DeploymentController::roll(Rollout& rollout) {
  EBB_TRY_VOID(ensure_new_set(rollout, true));
  if (rollout.sets.newest == nullptr) return {};   // the namespace is ending
  RolloutSet& newest = *rollout.sets.newest;
  const std::int64_t size = new_set_size(rollout.desired, rollout.bounds, rollout.sets.replicas(), newest.size.replicas);
  EBB_TRY(const bool resized, resize(rollout, newest, size));
  if (resized) return write_status(rollout, true);

  std::vector<SetSize> old_sizes;
  for (const RolloutSet* set : rollout.sets.old()) old_sizes.push_back(set->size);
  const auto wanted = old_set_sizes(old_sizes, newest.size, rollout.desired, rollout.bounds);
  bool scaled = false;
  const auto old_sets = rollout.sets.old();
  for (std::size_t i = 0; i < old_sets.size(); ++i) {
    EBB_TRY(const bool changed, resize(rollout, *old_sets[i], wanted[i]));
    scaled = scaled || changed;
  }
  if (!scaled && rollout_complete(rollout.deployment, child(rollout.deployment, "status"))) EBB_TRY_VOID(clean_up(rollout));
  return write_status(rollout, true);
}

bool DeploymentController::old_pods_run(Rollout& rollout) const {
  for (const RolloutSet* set : rollout.sets.old()) {
    if (set->observed_replicas > 0) return true;
    for (const auto& [key, pod] : view_->pods.controlled_by(set->uid)) {
      if (!pod->terminal()) return true;
    }
  }
  return false;
}

Status DeploymentController::recreate(Rollout& rollout) {
  EBB_TRY_VOID(ensure_new_set(rollout, false));
  bool scaled = false;
  for (RolloutSet* set : rollout.sets.old()) {
    EBB_TRY(const bool changed, resize(rollout, *set, 0));
    scaled = scaled || changed;
  }
  if (scaled || old_pods_run(rollout)) return write_status(rollout, true);
  EBB_TRY_VOID(ensure_new_set(rollout, true));
  if (rollout.sets.newest == nullptr) return {};
  EBB_TRY(const bool grown, resize(rollout, *rollout.sets.newest, rollout.desired));
  if (!grown && rollout_complete(rollout.deployment, child(rollout.deployment, "status"))) EBB_TRY_VOID(clean_up(rollout));
  return write_status(rollout, true);
}

// Paused, or `replicas` changed: no step of a rollout, only sizes.
Status DeploymentController::scale_only(Rollout& rollout) {
  EBB_TRY_VOID(ensure_new_set(rollout, false));
  const auto active = rollout.sets.active();
  RolloutSet* only = active.size() == 1 ? active.front() : nullptr;
  if (active.empty())
    only = rollout.sets.newest != nullptr ? rollout.sets.newest : rollout.sets.all.empty() ? nullptr : &rollout.sets.all.back();
  RolloutSet* newest = rollout.sets.newest;
  if (only != nullptr) {
    // A set that has the right size already still has to learn the new number, or this would not end.
    EBB_TRY([[maybe_unused]] const bool changed, resize(rollout, *only, rollout.desired, true));
  } else if (newest != nullptr && newest->size.replicas == rollout.desired && newest->size.available == rollout.desired &&
             annotation(newest->object, kDesiredReplicas) == fmt::format("{}", rollout.desired)) {
    for (RolloutSet* set : active) {
      if (set == newest) continue;
      EBB_TRY([[maybe_unused]] const bool changed, resize(rollout, *set, 0));
    }
  } else if (text_at(rollout.deployment, "spec.strategy.type") != "Recreate") {
    std::vector<SetSize> sizes;
    for (const RolloutSet* set : active) sizes.push_back(set->size);
    const auto wanted =
        proportional_sizes(sizes, rollout.desired, rollout.bounds, number_at(rollout.deployment, "status.replicas").value_or(0));
    for (std::size_t i = 0; i < active.size(); ++i) {
      EBB_TRY([[maybe_unused]] const bool changed, resize(rollout, *active[i], wanted[i], true));
    }
  }
  if (flag_at(rollout.deployment, "spec.paused")) EBB_TRY_VOID(clean_up(rollout));
  return write_status(rollout, false);
}

}   // namespace ebb::sandbox::control
