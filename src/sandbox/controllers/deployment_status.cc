#include "sandbox/controllers/deployment_status.h"

#include "sandbox/controllers/fields.h"

#include <algorithm>
#include <limits>

namespace ebb::sandbox::control {

namespace {

std::int64_t count_at(const json::object& status, std::string_view field) { return number_at(status, field).value_or(0); }

std::string subject(const Rollout& rollout) {
  if (rollout.sets.newest != nullptr) return fmt::format("ReplicaSet \"{}\"", rollout.sets.newest->size.name);
  return fmt::format("Deployment \"{}\"", text_at(rollout.deployment, "metadata.name"));
}

bool moved(const json::object& before, const json::object& after) {
  const auto old_pods = [](const json::object& status) { return count_at(status, "replicas") - count_at(status, "updatedReplicas"); };
  return count_at(after, "updatedReplicas") > count_at(before, "updatedReplicas") || old_pods(after) < old_pods(before) ||
         count_at(after, "readyReplicas") > count_at(before, "readyReplicas") ||
         count_at(after, "availableReplicas") > count_at(before, "availableReplicas");
}

bool timed_out(const json::object& deployment, const json::object& status, Instant now) {
  const json::object* progress = find_condition(status, "Progressing");
  if (progress == nullptr) return false;
  const std::string reason = text_at(*progress, "reason");
  if (reason == "ProgressDeadlineExceeded") return true;
  if (reason == "NewReplicaSetAvailable") return false;
  const auto deadline = progress_deadline(deployment);
  const auto since = time_at(*progress, "lastUpdateTime");
  return deadline && since && *since + *deadline < now;
}

void set_progress(json::object& status, std::string_view value, std::string_view reason, std::string message, Instant now) {
  set_condition(status, {"Progressing", std::string(value), std::string(reason), std::move(message)}, now, Stamp::with_update_time, true);
}

void judge_deadline(const Rollout& rollout, json::object& status) {
  const json::object* before = object_at(rollout.deployment, "status");
  const json::object none;
  const json::object& old_status = before == nullptr ? none : *before;
  if (rollout_complete(rollout.deployment, status)) {
    set_progress(status, "True", "NewReplicaSetAvailable", subject(rollout) + " has successfully progressed.", rollout.now);
  } else if (moved(old_status, status)) {
    const json::object* current = find_condition(status, "Progressing");
    const bool still_true = current != nullptr && text_at(*current, "status") == "True";
    const json::value since = still_true ? json::value(text_at(*current, "lastTransitionTime")) : json::value();
    drop_condition(status, "Progressing");   // made anew so that its update time moves
    set_progress(status, "True", "ReplicaSetUpdated", subject(rollout) + " is progressing.", rollout.now);
    if (!still_true) return;
    for (auto& condition : status["conditions"].get_array()) {
      if (text_at(condition.get_object(), "type") == "Progressing") condition.get_object()["lastTransitionTime"] = since;
    }
  } else if (timed_out(rollout.deployment, status, rollout.now)) {
    set_progress(status, "False", "ProgressDeadlineExceeded", subject(rollout) + " has timed out progressing.", rollout.now);
  }
}

// The new set's failure says more than an old one's.
const json::object* failure_of(const Rollout& rollout) {
  const auto of = [](const RolloutSet& set) -> const json::object* {
    const json::object* status = object_at(set.object, "status");
    return status == nullptr ? nullptr : find_condition(*status, "ReplicaFailure");
  };
  if (rollout.sets.newest != nullptr && of(*rollout.sets.newest) != nullptr) return of(*rollout.sets.newest);
  for (const auto& set : rollout.sets.all) {
    if (of(set) != nullptr) return of(set);
  }
  return nullptr;
}

}   // namespace

std::optional<Duration> progress_deadline(const json::object& deployment) {
  const auto limit = number_at(deployment, "spec.progressDeadlineSeconds");
  if (!limit || *limit == std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return seconds(*limit);
}

bool rollout_complete(const json::object& deployment, const json::object& status) {
  const std::int64_t desired = number_at(deployment, "spec.replicas").value_or(1);
  return count_at(status, "updatedReplicas") == desired && count_at(status, "replicas") == desired &&
         count_at(status, "availableReplicas") == desired &&
         count_at(status, "observedGeneration") >= number_at(deployment, "metadata.generation").value_or(0);
}

json::object counted_status(const Rollout& rollout) {
  std::int64_t replicas = 0, ready = 0, terminating = 0;
  for (const auto& set : rollout.sets.all) {
    replicas += set.observed_replicas;
    ready += set.ready;
    terminating += set.terminating;
  }
  const std::int64_t available = rollout.sets.available();
  const RolloutSet* newest = rollout.sets.newest;

  const json::object* before = object_at(rollout.deployment, "status");
  json::object status = before == nullptr ? json::object() : *before;
  status["observedGeneration"] = number_at(rollout.deployment, "metadata.generation").value_or(0);
  set_count(status, "replicas", replicas);
  set_count(status, "updatedReplicas", newest == nullptr ? 0 : newest->observed_replicas);
  set_count(status, "readyReplicas", ready);
  set_count(status, "availableReplicas", available);
  set_count(status, "unavailableReplicas", std::max<std::int64_t>(0, rollout.sets.replicas() - available));
  status["terminatingReplicas"] = terminating;
  if (available >= rollout.desired - rollout.bounds.unavailable) {
    set_condition(status, {"Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."}, rollout.now,
                  Stamp::with_update_time, true);
  } else {
    set_condition(status, {"Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."},
                  rollout.now, Stamp::with_update_time, true);
  }
  return status;
}

void judge_progress(const Rollout& rollout, json::object& status) {
  if (!progress_deadline(rollout.deployment)) {
    drop_condition(status, "Progressing");
  } else {
    const json::object* current = find_condition(status, "Progressing");
    const bool was_complete = count_at(status, "replicas") == count_at(status, "updatedReplicas") && current != nullptr &&
                              text_at(*current, "reason") == "NewReplicaSetAvailable";
    if (!was_complete) judge_deadline(rollout, status);
  }
  if (const json::object* failure = failure_of(rollout)) {
    set_condition(status, {"ReplicaFailure", text_at(*failure, "status"), text_at(*failure, "reason"), text_at(*failure, "message")},
                  rollout.now, Stamp::with_update_time, true);
  } else {
    drop_condition(status, "ReplicaFailure");
  }
}

std::optional<Instant> deadline_of(const json::object& deployment, const json::object& status) {
  const auto deadline = progress_deadline(deployment);
  const json::object* progress = find_condition(status, "Progressing");
  if (!deadline || progress == nullptr || rollout_complete(deployment, status)) return std::nullopt;
  if (text_at(*progress, "reason") == "ProgressDeadlineExceeded") return std::nullopt;
  const auto since = time_at(*progress, "lastUpdateTime");
  if (!since) return std::nullopt;
  return *since + *deadline + seconds(1);
}

}   // namespace ebb::sandbox::control
