#include "sandbox/controllers/taint_eviction.h"

#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox::control {

namespace {

struct TimedToleration {
  model::Toleration toleration;
  std::optional<std::int64_t> seconds;
};

std::vector<TimedToleration> tolerations_of(const json::object& pod) {
  std::vector<TimedToleration> result;
  const json::array* list = array_at(pod, "spec.tolerations");
  if (list == nullptr) return result;
  for (const auto& item : *list) {
    if (!item.is_object()) continue;
    const json::object& fields = item.get_object();
    const std::string effect = text_at(fields, "effect");
    if (!effect.empty() && effect != "NoExecute") continue;
    model::Toleration toleration{
        .key = text_at(fields, "key"), .exists = text_at(fields, "operator") == "Exists", .value = text_at(fields, "value")};
    result.push_back({std::move(toleration), number_at(fields, "tolerationSeconds")});
  }
  return result;
}

std::vector<TimedTaint> no_execute_taints(const json::object& node) {
  std::vector<TimedTaint> result;
  const json::array* list = array_at(node, "spec.taints");
  if (list == nullptr) return result;
  for (const auto& item : *list) {
    if (!item.is_object() || text_at(item.get_object(), "effect") != "NoExecute") continue;
    const json::object& fields = item.get_object();
    result.push_back({{text_at(fields, "key"), text_at(fields, "value"), model::TaintEffect::no_execute}, time_at(fields, "timeAdded")});
  }
  return result;
}

}   // namespace

Instant eviction_time(const json::object& pod, const std::vector<TimedTaint>& taints, Instant now) {
  const auto tolerations = tolerations_of(pod);
  Instant due = kNever;
  for (const auto& [taint, since] : taints) {
    const auto matching =
        std::ranges::find_if(tolerations, [&](const TimedToleration& each) { return model::tolerates(each.toleration, taint); });
    if (matching == tolerations.end()) return now;
    if (matching->seconds) due = std::min(due, since.value_or(now) + seconds(std::max<std::int64_t>(0, *matching->seconds)));
  }
  return due;
}

TaintEvictionController::TaintEvictionController(View view) : view_(std::move(view)), client_(view_->api, "taint-eviction-controller") {
  view_->pods.listen([this](const SeenPod*, const SeenPod* after) {
    if (after != nullptr && tainted_.contains(after->node)) queue_.add(after->key());
  });
}

void TaintEvictionController::observe(const Change& change) {
  if (!resources::same(change.resource, resources::kNodes)) return;
  const std::string& node = change.object->key.name;
  std::vector<TimedTaint> taints;
  if (change.type != ChangeType::deleted) taints = no_execute_taints(view_->parsed.of(change.object));
  const auto known = tainted_.find(node);
  if (known == tainted_.end() ? taints.empty() : known->second == taints) return;
  if (taints.empty()) {
    tainted_.erase(known);
    for (const auto& [key, pod] : view_->pods.on_node(node)) queue_.forget(key);
    return;
  }
  tainted_[node] = std::move(taints);
  for (const auto& [key, pod] : view_->pods.on_node(node)) queue_.add(key);
}

Instant TaintEvictionController::run(Instant now) {
  return drain(queue_, now, [&](const model::ObjectKey& key) { return sync(key, now).has_value(); });
}

Status TaintEvictionController::sync(const model::ObjectKey& key, Instant now) {
  const SeenPod* pod = view_->pods.find(key);
  if (pod == nullptr || pod->deleting) return {};
  const auto taints = tainted_.find(pod->node);
  if (taints == tainted_.end()) return {};
  const json::object object = pod->stored->parse();
  const std::string uid = pod->uid();
  const Instant due = eviction_time(object, taints->second, now);
  if (due == kNever) return {};
  if (due > now) {
    queue_.add_at(key, due);
    return {};
  }
  view_->events.record(object,
                       {name(), "Normal", "TaintManagerEviction", fmt::format("Marking for deletion Pod {}", model::to_string(key))}, now);
  EBB_TRY_VOID(client_.modify(resources::kPods, key, uid, "status", now, [&](json::object& current) {
    return set_condition(child(current, "status"),
                         {"DisruptionTarget", "True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"}, now,
                         Stamp::with_probe_time);
  }));
  return client_.remove(resources::kPods, key, {.uid = uid}, now);
}

}   // namespace ebb::sandbox::control
