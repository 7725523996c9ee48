#include "sandbox/controllers/pod_index.h"

#include "sandbox/controllers/conditions.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace ebb::sandbox::control {

namespace {

Phase parse_phase(std::string_view text) {
  if (text == "Running") return Phase::running;
  if (text == "Succeeded") return Phase::succeeded;
  if (text == "Failed") return Phase::failed;
  if (text == "Unknown") return Phase::unknown;
  return Phase::pending;
}

std::int32_t parse_small(std::string_view text, std::int32_t otherwise) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? value : otherwise;
}

void see_containers(SeenPod& seen, const json::object& pod) {
  for (const std::string_view list : {"status.containerStatuses", "status.initContainerStatuses"}) {
    const json::array* containers = array_at(pod, list);
    if (containers == nullptr) continue;
    for (const auto& container : *containers) {
      if (!container.is_object()) continue;
      const auto restarts = static_cast<std::int32_t>(number_at(container.get_object(), "restartCount").value_or(0));
      seen.restarts += restarts;
      seen.restarts_max = std::max(seen.restarts_max, restarts);
      const auto finished = time_at(container.get_object(), "state.terminated.finishedAt");
      if (finished) seen.finished = std::max(seen.finished, *finished);
    }
  }
}

const PodSet kNone;

}   // namespace

SeenPod see_pod(std::shared_ptr<const Stored> stored, const json::object& pod) {
  SeenPod seen;
  seen.stored = std::move(stored);
  seen.controller = controller_of(pod).value_or(OwnerReference{});
  seen.node = text_at(pod, "spec.nodeName");
  seen.phase = parse_phase(text_at(pod, "status.phase"));
  seen.deleting = is_deleting(pod);
  seen.job_tracked = has_finalizer(pod, "batch.kubernetes.io/job-tracking");
  seen.restarts_in_place = text_at(pod, "spec.restartPolicy") != "Never";
  seen.deletion_cost = parse_small(annotation(pod, "controller.kubernetes.io/pod-deletion-cost"), 0);
  seen.completion_index = parse_small(annotation(pod, "batch.kubernetes.io/job-completion-index"), -1);
  seen.created = time_at(pod, "metadata.creationTimestamp").value_or(Instant{});
  see_containers(seen, pod);
  const json::object* status = object_at(pod, "status");
  const json::object* ready = status == nullptr ? nullptr : find_condition(*status, "Ready");
  if (ready != nullptr) {
    seen.ready = text_at(*ready, "status") == "True";
    seen.ready_since = time_at(*ready, "lastTransitionTime").value_or(Instant{});
  }
  if (seen.finished == Instant{}) {   // no container says when it ended
    const auto deletion = time_at(pod, "metadata.deletionTimestamp");
    const Duration grace = seconds(number_at(pod, "metadata.deletionGracePeriodSeconds").value_or(0));
    if (ready != nullptr && !seen.ready && seen.ready_since != Instant{}) {
      seen.finished = seen.ready_since;
    } else {
      seen.finished = deletion ? *deletion - grace : seen.created;
    }
  }
  return seen;
}

void PodIndex::apply(const Change& change, const json::object& parsed) {
  const model::ObjectKey& key = change.object->key;
  std::optional<SeenPod> before;
  if (const auto found = pods_.find(key); found != pods_.end()) {
    unlink(found->second);
    before = std::move(found->second);
    if (change.type == ChangeType::deleted) pods_.erase(found);
  }
  const SeenPod* after = nullptr;
  if (change.type != ChangeType::deleted) {
    SeenPod& place = pods_[key];
    place = see_pod(change.object, parsed);
    link(place);
    after = &place;
  }
  for (const auto& listener : listeners_) listener(before ? &*before : nullptr, after);
}

void PodIndex::link(const SeenPod& pod) {
  if (pod.controller.uid.empty()) {
    orphans_.emplace(pod.key(), &pod);
  } else {
    by_controller_[pod.controller.uid].emplace(pod.key(), &pod);
  }
  by_node_[pod.node].emplace(pod.key(), &pod);
  if (pod.terminal()) terminal_.emplace(pod.key(), &pod);
}

void PodIndex::unlink(const SeenPod& pod) {
  orphans_.erase(pod.key());
  terminal_.erase(pod.key());
  if (const auto owned = by_controller_.find(pod.controller.uid); owned != by_controller_.end()) {
    owned->second.erase(pod.key());
    if (owned->second.empty()) by_controller_.erase(owned);
  }
  if (const auto placed = by_node_.find(pod.node); placed != by_node_.end()) {
    placed->second.erase(pod.key());
    if (placed->second.empty()) by_node_.erase(placed);
  }
}

const SeenPod* PodIndex::find(const model::ObjectKey& key) const {
  const auto found = pods_.find(key);
  return found == pods_.end() ? nullptr : &found->second;
}

const PodSet& PodIndex::controlled_by(const std::string& uid) const {
  const auto found = by_controller_.find(uid);
  return found == by_controller_.end() ? kNone : found->second;
}

const PodSet& PodIndex::on_node(const std::string& node) const {
  const auto found = by_node_.find(node);
  return found == by_node_.end() ? kNone : found->second;
}

void PodIndex::each_in(const std::string& ns, const std::function<void(const SeenPod&)>& visit) const {
  for (auto pod = pods_.lower_bound({ns, ""}); pod != pods_.end() && pod->first.ns == ns; ++pod) visit(pod->second);
}

}   // namespace ebb::sandbox::control
