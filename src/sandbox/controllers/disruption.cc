#include "sandbox/controllers/disruption.h"

#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

namespace ebb::sandbox::control {

namespace {

constexpr Duration kDisruptedFor = minutes(2);   // an eviction that was let through and did not come

bool is_workload(const ResourceId& resource) {
  if (resource.group == "apps")
    return resource.resource == "deployments" || resource.resource == "replicasets" || resource.resource == "statefulsets";
  return resource.group.empty() && resource.resource == "replicationcontrollers";
}

}   // namespace

DisruptionController::DisruptionController(View view) : view_(std::move(view)), client_(view_->api, "disruption-controller") {
  view_->pods.listen([this](const SeenPod* before, const SeenPod* after) { on_pod(before, after); });
}

void DisruptionController::on_pod(const SeenPod* before, const SeenPod* after) {
  const std::string& ns = (after != nullptr ? after : before)->key().ns;
  for (auto budget = known_.lower_bound({ns, ""}); budget != known_.end() && budget->first.ns == ns; ++budget) {
    for (const SeenPod* pod : {before, after}) {
      if (pod != nullptr && budget->second && budget->second->matches(pod->stored->labels)) queue_.add(budget->first);
    }
  }
}

void DisruptionController::observe_scale(const Change& change) {
  const std::string& ns = change.object->key.ns;
  if (change.type == ChangeType::deleted) {
    scales_.erase(change.object->uid);
  } else {
    const std::int64_t replicas = number_at(view_->parsed.of(change.object), "spec.replicas").value_or(1);
    const auto [known, fresh] = scales_.try_emplace(change.object->uid, replicas);
    if (!fresh && known->second == replicas) return;
    known->second = replicas;
  }
  for (auto budget = known_.lower_bound({ns, ""}); budget != known_.end() && budget->first.ns == ns; ++budget) queue_.add(budget->first);
}

void DisruptionController::observe(const Change& change) {
  if (is_workload(change.resource)) observe_scale(change);
  if (!resources::same(change.resource, resources::kDisruptionBudgets)) return;
  const model::ObjectKey& key = change.object->key;
  if (change.type == ChangeType::deleted) {
    known_.erase(key);
    queue_.forget(key);
    return;
  }
  known_.insert_or_assign(key, selector_of(value_at(view_->parsed.of(change.object), "spec.selector")));
  queue_.add(key);
}

Instant DisruptionController::run(Instant now) {
  return drain(queue_, now, [&](const model::ObjectKey& key) { return sync(key, now).has_value(); });
}

Result<std::int64_t> DisruptionController::custom_scale(const std::string& ns, const OwnerReference& owner, const ServedKind& kind,
                                                        Instant now) {
  Request request{.method = "GET", .accept = "application/json", .user = "system:serviceaccount:kube-system:disruption-controller"};
  request.path = fmt::format("{}{}/namespaces/{}/{}/{}/scale", kind.resource.group.empty() ? "/api/" : "/apis/", owner.api_version, ns,
                             kind.resource.resource, owner.name);
  const auto answer = view_->api.handle(request, now);
  const auto* response = std::get_if<Response>(&answer);
  if (response == nullptr || response->status != 200) return fail(Errc::not_found, "{} \"{}\" has no scale", owner.kind, owner.name);
  std::string text;
  for (const auto& piece : response->body) text += *piece;
  boost::system::error_code error;
  const json::value scale = json::parse(text, error);
  if (error || !scale.is_object()) return fail(Errc::invalid, "the scale of {} \"{}\" is no object", owner.kind, owner.name);
  return number_at(scale.get_object(), "spec.replicas").value_or(0);
}

// The Deployment above a ReplicaSet counts, because in a rollout no single set has them all.
Result<std::int64_t> DisruptionController::scale_of(const std::string& ns, const OwnerReference& owner, Instant now) {
  const ServedKind* kind = view_->kinds.find(group_of(owner.api_version), owner.kind);
  if (kind == nullptr) return fail(Errc::not_found, "kind {} of {} is not served", owner.kind, owner.api_version);
  if (!is_workload(kind->resource)) return custom_scale(ns, owner, *kind, now);
  const auto scale = scales_.find(owner.uid);
  if (scale == scales_.end()) return 0;   // its owner is gone: nothing wants it any more
  return scale->second;
}

Result<std::int64_t> DisruptionController::owners_scale(const std::vector<const SeenPod*>& pods, Instant now) {
  std::int64_t sum = 0;
  std::set<std::string> counted, top_counted;
  for (const SeenPod* pod : pods) {
    const OwnerReference& controller = pod->controller;
    if (controller.uid.empty()) continue;   // nobody says how many of its kind there should be
    if (!counted.insert(controller.uid).second) continue;
    OwnerReference top = controller;
    const GraphNode* owner = view_->objects.find(controller.uid);
    if (owner != nullptr && controller.is("apps", "ReplicaSet")) {
      for (const auto& above : owner->owners) {
        if (above.is("apps", "Deployment")) top = above;
      }
    }
    if (!top_counted.insert(top.uid).second) continue;
    EBB_TRY(const auto scale, scale_of(pod->key().ns, top, now));
    sum += scale;
  }
  return sum;
}

// A share of pods that no owner counts means nothing: that is told, and they are left out of the total.
void DisruptionController::warn_of_unmanaged(const json::object& budget, const std::vector<const SeenPod*>& pods, Instant now) {
  const auto lone = std::ranges::find_if(pods, [](const SeenPod* pod) { return pod->controller.uid.empty(); });
  if (lone == pods.end()) return;
  const std::string message = fmt::format(
      "pod \"{}\" and perhaps others have no controller, so a share of them cannot be calculated; an integer in .spec.minAvailable can be "
      "kept",
      (*lone)->key().name);
  view_->events.record(budget, {"controllermanager", "Warning", "UnmanagedPods", message}, now);
}

Result<DisruptionController::Expected> DisruptionController::expected(const json::object& budget, const std::vector<const SeenPod*>& pods,
                                                                      Instant now) {
  if (const json::value* most = value_at(budget, "spec.maxUnavailable")) {
    warn_of_unmanaged(budget, pods, now);
    EBB_TRY(const auto scale, owners_scale(pods, now));
    return Expected{scale, std::max<std::int64_t>(0, scale - int_or_percent(most, scale, true).value_or(0))};
  }
  const json::value* least = value_at(budget, "spec.minAvailable");
  const auto all = static_cast<std::int64_t>(pods.size());
  if (least == nullptr) return Expected{all, all};
  if (least->is_int64()) return Expected{all, least->get_int64()};
  warn_of_unmanaged(budget, pods, now);
  EBB_TRY(const auto scale, owners_scale(pods, now));
  return Expected{scale, int_or_percent(least, scale, true).value_or(0)};
}

Status DisruptionController::fail_safe(const json::object& budget, const Error& error, Instant now) {
  const std::string message = fmt::format("Failed to calculate the number of expected pods: {}", error.message);
  view_->events.record(budget, {"controllermanager", "Warning", "CalculateExpectedPodCountFailed", message}, now);
  return client_.modify(resources::kDisruptionBudgets, key_of(budget), uid_of(budget), "status", now, [&](json::object& object) {
    json::object& status = child(object, "status");
    const bool changed = number_at(status, "disruptionsAllowed") != 0;
    status["disruptionsAllowed"] = 0;
    return set_condition(status, {"DisruptionAllowed", "False", "SyncFailed", error.message}, now) || changed;
  });
}

Status DisruptionController::sync(const model::ObjectKey& key, Instant now) {
  const auto known = known_.find(key);
  if (known == known_.end() || !known->second) return {};
  auto budget = client_.get(resources::kDisruptionBudgets, key);
  if (!budget) return budget.error().code == Errc::not_found ? Status{} : Status(std::unexpected(budget.error()));
  std::vector<const SeenPod*> pods;
  view_->pods.each_in(key.ns, [&](const SeenPod& pod) {
    if (known->second->matches(pod.stored->labels)) pods.push_back(&pod);
  });
  if (pods.empty()) view_->events.record(*budget, {"controllermanager", "Normal", "NoPods", "No matching pods found"}, now);
  const auto want = expected(*budget, pods, now);
  if (!want) return fail_safe(*budget, want.error(), now);

  json::object disrupted;   // evictions let through whose pods are still there
  if (const json::object* noted = object_at(*budget, "status.disruptedPods")) {
    for (const auto& entry : *noted) {
      const auto pod = std::ranges::find_if(pods, [&](const SeenPod* p) { return p->key().name == std::string_view(entry.key()); });
      if (pod == pods.end() || (*pod)->deleting) continue;
      const auto since = time_at(*noted, entry.key());
      if (!since || *since + kDisruptedFor <= now) continue;
      queue_.add_at(key, *since + kDisruptedFor);
      disrupted.emplace(entry.key(), entry.value());
    }
  }
  std::int64_t healthy = 0;
  for (const SeenPod* pod : pods) healthy += pod->ready && !pod->deleting && !disrupted.contains(pod->key().name);
  const std::int64_t allowed = want->pods == 0 ? 0 : std::max<std::int64_t>(0, healthy - want->healthy);

  return client_.modify(resources::kDisruptionBudgets, key, uid_of(*budget), "status", now, [&](json::object& object) {
    json::object status = child(object, "status");
    status["observedGeneration"] = number_at(object, "metadata.generation").value_or(0);
    status["disruptionsAllowed"] = allowed;
    status["currentHealthy"] = healthy;
    status["desiredHealthy"] = want->healthy;
    status["expectedPods"] = want->pods;
    if (disrupted.empty()) {
      status.erase("disruptedPods");
    } else {
      status["disruptedPods"] = disrupted;
    }
    set_condition(status,
                  allowed > 0 ? Condition{"DisruptionAllowed", "True", "SufficientPods", ""}
                              : Condition{"DisruptionAllowed", "False", "InsufficientPods", ""},
                  now);
    for (auto& condition : status["conditions"].get_array()) {
      condition.get_object()["observedGeneration"] = number_at(object, "metadata.generation").value_or(0);
      json::value& message = condition.get_object()["message"];   // metav1.Condition always has one
      if (message.is_null()) message = "";
    }
    if (status == child(object, "status")) return false;
    object["status"] = std::move(status);
    return true;
  });
}

}   // namespace ebb::sandbox::control
