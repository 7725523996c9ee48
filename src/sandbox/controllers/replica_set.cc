#include "sandbox/controllers/replica_set.h"

#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/ownership.h"
#include "sandbox/controllers/pod_ranking.h"
#include "sandbox/controllers/pod_template.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox::control {

namespace {

constexpr std::int64_t kBurst = 100;   // pods per look: requests are served between two looks

}   // namespace

ReplicaSetController::ReplicaSetController(View view) : view_(std::move(view)), client_(view_->api, "replicaset-controller") {
  view_->pods.listen([this](const SeenPod* before, const SeenPod* after) { on_pod(before, after); });
}

// A change in a big set waits a little for others: a sync costs the size of the set, not of the change.
void ReplicaSetController::wake(const model::ObjectKey& key, std::size_t pods) {
  if (pods < 200) {
    queue_.add(key);
  } else {
    queue_.add_at(key, last_run_ + microseconds(20) * static_cast<std::int64_t>(pods));
  }
}

void ReplicaSetController::on_pod(const SeenPod* before, const SeenPod* after) {
  for (const SeenPod* pod : {before, after}) {
    if (pod != nullptr && pod->controller.is("apps", "ReplicaSet")) {
      wake({pod->key().ns, pod->controller.name}, view_->pods.controlled_by(pod->controller.uid).size());
    }
  }
  if (after == nullptr || !after->controller.uid.empty() || after->deleting) return;
  for (auto set = known_.lower_bound({after->key().ns, ""}); set != known_.end() && set->first.ns == after->key().ns; ++set) {
    if (!set->second.selector || !set->second.selector->matches(after->stored->labels)) continue;
    set->second.look_for_orphans = true;
    queue_.add(set->first);
  }
}

void ReplicaSetController::observe(const Change& change) {
  if (!resources::same(change.resource, resources::kReplicaSets)) return;
  const model::ObjectKey& key = change.object->key;
  if (const auto old = known_.find(key); old != known_.end() && !old->second.controller_uid.empty()) {
    const auto siblings = siblings_.find(old->second.controller_uid);
    siblings->second.erase(key);
    if (siblings->second.empty()) siblings_.erase(siblings);
  }
  if (change.type == ChangeType::deleted) {
    known_.erase(key);
    queue_.forget(key);
    return;
  }
  const json::object& set = view_->parsed.of(change.object);
  Known known{change.object->uid, controller_of(set).value_or(OwnerReference{}).uid, selector_of(value_at(set, "spec.selector"))};
  if (const auto old = known_.find(key); old != known_.end() && old->second.uid == known.uid && old->second.selector == known.selector) {
    known.look_for_orphans = old->second.look_for_orphans;
  }
  if (!known.controller_uid.empty()) siblings_[known.controller_uid].insert(key);
  known_.insert_or_assign(key, std::move(known));
  queue_.add(key);
}

Instant ReplicaSetController::run(Instant now) {
  last_run_ = now;
  return drain(queue_, now, [&](const model::ObjectKey& key) { return sync(key, now).has_value(); });
}

std::vector<const SeenPod*> ReplicaSetController::active_pods(const std::string& uid) const {
  std::vector<const SeenPod*> active;
  for (const auto& [key, pod] : view_->pods.controlled_by(uid)) {
    if (pod->active()) active.push_back(pod);
  }
  return active;
}

Status ReplicaSetController::sync(const model::ObjectKey& key, Instant now) {
  const auto place = known_.find(key);
  if (place == known_.end()) return {};
  auto set = client_.get(resources::kReplicaSets, key);
  if (!set) return set.error().code == Errc::not_found ? Status{} : Status(std::unexpected(set.error()));
  const Known known = place->second;
  if (!known.selector) return {};

  std::optional<Outcome> outcome;
  if (!is_deleting(*set)) {
    EBB_TRY_VOID(claim(*set, place->second, now));
    outcome = adjust(*set, known, now);
  }
  EBB_TRY_VOID(write_status(*set, outcome, now));
  if (outcome) return std::unexpected(std::move(outcome->error));
  return {};
}

Status ReplicaSetController::claim(const json::object& set, Known& known, Instant now) {
  EBB_TRY_VOID(release_strays(client_, view_->pods, known.uid, *known.selector, now));
  if (!known.look_for_orphans) return {};
  EBB_TRY_VOID(adopt_orphans(client_, view_->pods, set, *known.selector, now));
  known.look_for_orphans = false;
  return {};
}

std::optional<ReplicaSetController::Outcome> ReplicaSetController::adjust(const json::object& set, const Known& known, Instant now) {
  const std::int64_t wanted = number_at(set, "spec.replicas").value_or(1);
  const auto active = static_cast<std::int64_t>(active_pods(known.uid).size());
  if (active < wanted) {
    if (wanted - active > kBurst) queue_.add_at(key_of(set), now);
    return create_pods(set, std::min(wanted - active, kBurst), now);
  }
  if (active > wanted) {
    if (active - wanted > kBurst) queue_.add_at(key_of(set), now);
    return delete_pods(set, known, static_cast<std::size_t>(std::min(active - wanted, kBurst)), now);
  }
  return std::nullopt;
}

std::optional<ReplicaSetController::Outcome> ReplicaSetController::create_pods(const json::object& set, std::int64_t count, Instant now) {
  const json::object pod = pod_from_template(set);
  for (std::int64_t n = 0; n < count; ++n) {
    const auto created = client_.create(resources::kPods, pod, now);
    if (!created) {
      if (namespace_is_ending(created.error())) return std::nullopt;
      view_->events.record(set, {name(), "Warning", "FailedCreate", fmt::format("Error creating: {}", created.error().message)}, now);
      return Outcome{"FailedCreate", created.error()};
    }
    view_->events.record(set, {name(), "Normal", "SuccessfulCreate", fmt::format("Created pod: {}", text_at(*created, "metadata.name"))},
                         now);
  }
  return std::nullopt;
}

std::optional<ReplicaSetController::Outcome> ReplicaSetController::delete_pods(const json::object& set, const Known& known,
                                                                               std::size_t count, Instant now) {
  std::map<std::string, std::int64_t> per_node;   // of all sets of the same Deployment
  const auto tally = [&](const std::string& uid) {
    for (const auto& [key, pod] : view_->pods.controlled_by(uid)) per_node[pod->node] += pod->active() ? 1 : 0;
  };
  if (known.controller_uid.empty()) {
    tally(known.uid);
  } else {
    for (const auto& sibling : siblings_[known.controller_uid]) tally(known_.at(sibling).uid);
  }
  std::vector<Candidate> candidates;
  for (const SeenPod* pod : active_pods(known.uid)) candidates.push_back({pod, per_node[pod->node]});

  std::vector<std::pair<model::ObjectKey, std::string>> victims;   // deleting changes the index
  for (const SeenPod* pod : choose_victims(std::move(candidates), count, now)) victims.emplace_back(pod->key(), pod->uid());
  for (const auto& [key, uid] : victims) {
    auto removed = client_.remove(resources::kPods, key, {.uid = uid}, now);
    if (!removed && removed.error().code != Errc::conflict) {
      view_->events.record(set, {name(), "Warning", "FailedDelete", fmt::format("Error deleting: {}", removed.error().message)}, now);
      return Outcome{"FailedDelete", removed.error()};
    }
    view_->events.record(set, {name(), "Normal", "SuccessfulDelete", fmt::format("Deleted pod: {}", key.name)}, now);
  }
  return std::nullopt;
}

Status ReplicaSetController::write_status(const json::object& set, const std::optional<Outcome>& outcome, Instant now) {
  const std::string uid = uid_of(set);
  const Duration min_ready = seconds(number_at(set, "spec.minReadySeconds").value_or(0));
  const model::Labels template_labels = labels_at(set, "spec.template.metadata.labels");
  std::int64_t replicas = 0, labelled = 0, ready = 0, available = 0;
  Instant next_available = kNever;
  for (const SeenPod* pod : active_pods(uid)) {
    ++replicas;
    const auto& labels = pod->stored->labels;
    labelled += std::ranges::all_of(template_labels, [&](const auto& label) {
      const auto found = labels.find(label.first);
      return found != labels.end() && found->second == label.second;
    });
    ready += pod->ready;
    if (pod->available(now, min_ready)) {
      ++available;
    } else if (pod->ready) {
      next_available = std::min(next_available, pod->ready_since + min_ready);
    }
  }
  std::int64_t terminating = 0;
  for (const auto& [key, pod] : view_->pods.controlled_by(uid)) terminating += pod->deleting && !pod->terminal();
  if (next_available != kNever) queue_.add_at(key_of(set), next_available);

  return client_.modify(resources::kReplicaSets, key_of(set), uid, "status", now, [&](json::object& object) {
    json::object status = child(object, "status");
    status["replicas"] = replicas;
    set_count(status, "fullyLabeledReplicas", labelled);
    set_count(status, "readyReplicas", ready);
    set_count(status, "availableReplicas", available);
    status["terminatingReplicas"] = terminating;
    status["observedGeneration"] = number_at(set, "metadata.generation").value_or(0);
    if (outcome && find_condition(status, "ReplicaFailure") == nullptr) {
      set_condition(status, {"ReplicaFailure", "True", outcome->reason, outcome->error.message}, now);
    } else if (!outcome) {
      drop_condition(status, "ReplicaFailure");
    }
    if (status == child(object, "status")) return false;
    object["status"] = std::move(status);
    return true;
  });
}

}   // namespace ebb::sandbox::control
