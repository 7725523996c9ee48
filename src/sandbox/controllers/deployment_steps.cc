// The single writes of a rollout: the new ReplicaSet, a size, the history, the status.

#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/deployment.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ebb::sandbox::control {

Status DeploymentController::ensure_new_set(Rollout& rollout, bool create) {
  if (rollout.sets.newest != nullptr) return renew_new_set(rollout);
  return create ? create_new_set(rollout) : Status{};
}

Status DeploymentController::renew_new_set(Rollout& rollout) {
  RolloutSet& newest = *rollout.sets.newest;
  const std::int64_t revision = rollout.sets.max_old_revision() + 1;
  const auto min_ready = number_at(rollout.deployment, "spec.minReadySeconds").value_or(0);
  const auto change = [&](json::object& set) {
    bool changed = take_over_annotations(rollout.deployment, set, revision, true);
    if (number_at(set, "spec.minReadySeconds").value_or(0) != min_ready) {
      child(set, "spec")["minReadySeconds"] = min_ready;
      changed = true;
    }
    return changed;
  };
  if (change(newest.object)) {
    newest.revision = std::max(newest.revision, revision);
    EBB_TRY_VOID(client_.modify(resources::kReplicaSets, key_of(newest.object), newest.uid, "", rollout.now, change));
  }
  return announce(rollout, newest.revision,
                  {"Progressing", "True", "FoundNewReplicaSet", fmt::format("Found new replica set \"{}\"", newest.size.name)}, true);
}

Status DeploymentController::create_new_set(Rollout& rollout) {
  json::object& deployment = rollout.deployment;
  const std::int64_t collisions = number_at(deployment, "status.collisionCount").value_or(0);
  const std::string hash = template_hash(deployment, collisions);
  const std::int64_t revision = rollout.sets.max_old_revision() + 1;
  const std::int64_t size = new_set_size(rollout.desired, rollout.bounds, rollout.sets.replicas(), 0);

  json::object pod_template = *object_at(deployment, "spec.template");
  child(child(pod_template, "metadata"), "labels")[kTemplateHash] = hash;
  json::object selector = *object_at(deployment, "spec.selector");
  child(selector, "matchLabels")[kTemplateHash] = hash;
  json::object set{{"apiVersion", "apps/v1"},
                   {"kind", "ReplicaSet"},
                   {"metadata", json::object{{"name", fmt::format("{}-{}", text_at(deployment, "metadata.name"), hash)},
                                             {"namespace", text_at(deployment, "metadata.namespace")},
                                             {"labels", child(child(pod_template, "metadata"), "labels")},
                                             {"ownerReferences", json::array{make_controller_reference(deployment)}}}}};
  json::object spec{{"replicas", size}, {"selector", std::move(selector)}, {"template", std::move(pod_template)}};
  if (const auto min_ready = number_at(deployment, "spec.minReadySeconds")) spec["minReadySeconds"] = *min_ready;
  set["spec"] = std::move(spec);
  take_over_annotations(deployment, set, revision, false);
  set_replica_annotations(set, rollout.desired, rollout.desired + rollout.bounds.surge);

  const model::ObjectKey key = key_of(set);
  auto created = client_.create(resources::kReplicaSets, std::move(set), rollout.now);
  if (!created && namespace_is_ending(created.error())) return {};
  if (!created && created.error().code == Errc::exists) {   // another template with this hash, or not ours: another number, another name
    EBB_TRY_VOID(
        client_.modify(resources::kDeployments, rollout.key(), uid_of(deployment), "status", rollout.now, [&](json::object& object) {
          child(object, "status")["collisionCount"] = collisions + 1;
          return true;
        }));
    return std::unexpected(created.error());
  }
  if (!created) {
    const std::string message = fmt::format("Failed to create new replica set \"{}\": {}", key.name, created.error().message);
    EBB_TRY_VOID(announce(rollout, 0, {"Progressing", "False", "ReplicaSetCreateError", message}, false));
    view_->events.record(deployment, {name(), "Warning", "ReplicaSetCreateError", message}, rollout.now);
    return std::unexpected(created.error());
  }
  if (size > 0) {
    view_->events.record(deployment,
                         {name(), "Normal", "ScalingReplicaSet", fmt::format("Scaled up replica set {} from 0 to {}", key.name, size)},
                         rollout.now);
  }
  rollout.sets.all.emplace_back(*std::move(created));
  rollout.sets.newest = &rollout.sets.all.back();
  return announce(rollout, revision,
                  {"Progressing", "True", "NewReplicaSetCreated", fmt::format("Created new replica set \"{}\"", key.name)}, false);
}

Status DeploymentController::announce(Rollout& rollout, std::int64_t revision, const Condition& progress, bool only_if_none) {
  const auto change = [&](json::object& object) {
    bool changed = revision > 0 && set_annotation(object, kRevision, fmt::format("{}", revision));
    json::object status = child(object, "status");
    if (progress_deadline(object) && (!only_if_none || find_condition(status, "Progressing") == nullptr)) {
      changed = set_condition(status, progress, rollout.now, Stamp::with_update_time, true) || changed;
    }
    object["status"] = std::move(status);
    return changed;
  };
  if (!change(rollout.deployment)) return {};
  // Status writes keep annotations and do not count as a new generation.
  return client_.modify(resources::kDeployments, rollout.key(), uid_of(rollout.deployment), "status", rollout.now, change);
}

Result<bool> DeploymentController::resize(Rollout& rollout, RolloutSet& set, std::int64_t size, bool always_annotate) {
  const std::int64_t before = set.size.replicas;
  if (size == before && !always_annotate) return false;
  bool changed = false;
  EBB_TRY_VOID(client_.modify(resources::kReplicaSets, key_of(set.object), set.uid, "", rollout.now, [&](json::object& object) {
    changed = set_replica_annotations(object, rollout.desired, rollout.desired + rollout.bounds.surge);
    if (number_at(object, "spec.replicas").value_or(1) != size) {
      child(object, "spec")["replicas"] = size;
      changed = true;
    }
    return changed;
  }));
  set.size.replicas = size;
  if (size == before) return false;
  view_->events.record(rollout.deployment,
                       {name(), "Normal", "ScalingReplicaSet",
                        fmt::format("Scaled {} replica set {} from {} to {}", size > before ? "up" : "down", set.size.name, before, size)},
                       rollout.now);
  return true;
}

Status DeploymentController::clean_up(Rollout& rollout) {
  const auto limit = number_at(rollout.deployment, "spec.revisionHistoryLimit");
  if (!limit || *limit == std::numeric_limits<std::int32_t>::max()) return {};
  std::vector<RolloutSet*> old;
  for (RolloutSet* set : rollout.sets.old()) {
    if (!is_deleting(set->object)) old.push_back(set);
  }
  std::ranges::stable_sort(old, {}, [](const RolloutSet* set) { return set->revision; });
  for (std::int64_t excess = static_cast<std::int64_t>(old.size()) - *limit, i = 0; i < excess; ++i) {
    const RolloutSet& set = *old[static_cast<std::size_t>(i)];
    const bool settled =
        number_at(set.object, "metadata.generation").value_or(0) <= number_at(set.object, "status.observedGeneration").value_or(0);
    if (set.observed_replicas != 0 || set.size.replicas != 0 || !settled) continue;
    EBB_TRY_VOID(client_.remove(resources::kReplicaSets, key_of(set.object), {.uid = set.uid}, rollout.now));
  }
  return {};
}

Status DeploymentController::write_status(Rollout& rollout, bool with_progress) {
  json::object status = counted_status(rollout);
  if (with_progress) judge_progress(rollout, status);
  if (const auto deadline = deadline_of(rollout.deployment, status); deadline && with_progress) queue_.add_at(rollout.key(), *deadline);
  return client_.modify(resources::kDeployments, rollout.key(), uid_of(rollout.deployment), "status", rollout.now,
                        [&](json::object& object) {
                          if (child(object, "status") == status) return false;
                          object["status"] = status;
                          return true;
                        });
}

}   // namespace ebb::sandbox::control
