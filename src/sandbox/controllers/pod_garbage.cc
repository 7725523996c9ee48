#include "sandbox/controllers/pod_garbage.h"

#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace ebb::sandbox::control {

PodGarbageCollector::PodGarbageCollector(View view) : view_(std::move(view)), client_(view_->api, "pod-garbage-collector") {
  view_->pods.listen([this](const SeenPod*, const SeenPod* after) { on_pod(after); });
}

void PodGarbageCollector::on_pod(const SeenPod* after) {
  if (after == nullptr) return;
  if (after->node.empty()) {
    if (after->deleting) queue_.add(after->key());
  } else if (!nodes_.contains(after->node)) {
    lost_.insert(after->key());
  }
}

void PodGarbageCollector::observe(const Change& change) {
  if (!resources::same(change.resource, resources::kNodes)) return;
  const std::string& node = change.object->key.name;
  if (change.type != ChangeType::deleted) {
    nodes_.insert(node);
    return;
  }
  nodes_.erase(node);
  for (const auto& [key, pod] : view_->pods.on_node(node)) lost_.insert(key);
}

Instant PodGarbageCollector::run(Instant now) {
  for (const auto& key : lost_) queue_.add_at(key, now + view_->options.lost_node_grace);
  lost_.clear();
  if (static_cast<std::int64_t>(view_->pods.terminal().size()) > view_->options.terminated_pods_max) {
    if (!trim_finished(now)) return now + seconds(20);
  }
  return drain(queue_, now, [&](const model::ObjectKey& key) { return sync(key, now).has_value(); });
}

Status PodGarbageCollector::sync(const model::ObjectKey& key, Instant now) {
  const SeenPod* found = view_->pods.find(key);
  if (found == nullptr) return {};
  const SeenPod pod = *found;   // writing changes the index
  if (pod.node.empty()) {
    if (!pod.deleting) return {};
    return client_.remove(resources::kPods, key, {.grace_seconds = 0, .uid = pod.uid()}, now);
  }
  if (nodes_.contains(pod.node)) return {};
  return remove_lost(pod, now);
}

// It never ran to an end, and its node cannot say so any more.
Status PodGarbageCollector::remove_lost(const SeenPod& pod, Instant now) {
  if (!pod.terminal()) {
    EBB_TRY_VOID(client_.modify(resources::kPods, pod.key(), pod.uid(), "status", now, [&](json::object& object) {
      json::object& status = child(object, "status");
      status["phase"] = "Failed";
      set_condition(status, {"DisruptionTarget", "True", "DeletionByPodGC", "PodGC: node no longer exists"}, now, Stamp::with_probe_time);
      return true;
    }));
  }
  return client_.remove(resources::kPods, pod.key(), {.grace_seconds = 0, .uid = pod.uid()}, now);
}

Status PodGarbageCollector::trim_finished(Instant now) {
  std::vector<SeenPod> finished;
  for (const auto& [key, pod] : view_->pods.terminal()) {
    if (!pod->deleting) finished.push_back(*pod);
  }
  const std::int64_t excess = static_cast<std::int64_t>(finished.size()) - view_->options.terminated_pods_max;
  if (excess <= 0) return {};
  std::ranges::sort(finished, {}, [](const SeenPod& pod) { return std::pair(pod.created, pod.key()); });
  for (std::int64_t i = 0; i < excess; ++i) {
    const SeenPod& pod = finished[static_cast<std::size_t>(i)];
    EBB_TRY_VOID(client_.remove(resources::kPods, pod.key(), {.grace_seconds = 0, .uid = pod.uid()}, now));
  }
  return {};
}

}   // namespace ebb::sandbox::control
