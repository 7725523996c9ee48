#include "sandbox/controllers/node_lifecycle.h"

#include "model/timestamp.h"
#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace ebb::sandbox::control {

namespace {

constexpr std::string_view kNotReady = "node.kubernetes.io/not-ready";
constexpr std::string_view kUnreachable = "node.kubernetes.io/unreachable";
constexpr std::string_view kUnschedulable = "node.kubernetes.io/unschedulable";

struct ConditionTaint {
  std::string_view condition, status, taint;
};
constexpr auto kConditionTaints = std::to_array<ConditionTaint>({{"Ready", "False", kNotReady},
                                                                 {"Ready", "Unknown", kUnreachable},
                                                                 {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
                                                                 {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
                                                                 {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
                                                                 {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"}});

using TaintKey = std::pair<std::string, std::string>;   // key, effect

bool ours(const TaintKey& taint) {
  if (taint.second == "NoExecute") return taint.first == kNotReady || taint.first == kUnreachable;
  if (taint.second != "NoSchedule") return false;
  return taint.first == kUnschedulable || std::ranges::any_of(kConditionTaints, [&](const auto& row) { return row.taint == taint.first; });
}

std::set<TaintKey> wanted_taints(const json::object& node, bool evict) {
  std::set<TaintKey> wanted;
  if (flag_at(node, "spec.unschedulable")) wanted.emplace(kUnschedulable, "NoSchedule");
  const json::object* status = object_at(node, "status");
  if (status == nullptr) return wanted;
  for (const auto& row : kConditionTaints) {
    if (!condition_is(*status, row.condition, row.status)) continue;
    wanted.emplace(row.taint, "NoSchedule");
    if (evict && row.condition == "Ready") wanted.emplace(row.taint, "NoExecute");
  }
  return wanted;
}

const json::object* ready_of(const json::object& node) {
  const json::object* status = object_at(node, "status");
  return status == nullptr ? nullptr : find_condition(*status, "Ready");
}

}   // namespace

void NodeLifecycleController::observe(const Change& change) {
  const std::string& name = change.object->key.name;
  if (resources::same(change.resource, resources::kLeases)) {
    if (change.object->key.ns == "kube-node-lease" && change.type != ChangeType::deleted) heard_.insert(name);
    return;
  }
  if (!resources::same(change.resource, resources::kNodes)) return;
  if (change.type == ChangeType::deleted) {
    nodes_.erase(name);
    unready_.erase(name);
    heard_.erase(name);
    queue_.forget(name);
    return;
  }
  const json::object* ready = ready_of(view_->parsed.of(change.object));
  const std::string heartbeat = ready == nullptr ? "" : text_at(*ready, "lastHeartbeatTime");
  auto [place, fresh] = nodes_.try_emplace(name);
  Watched& node = place->second;
  if (fresh || node.uid != change.object->uid || node.heartbeat != heartbeat) heard_.insert(name);
  node.uid = change.object->uid;
  node.heartbeat = heartbeat;
  note_readiness(name, ready == nullptr ? "" : text_at(*ready, "status"));
  queue_.add(name);
}

void NodeLifecycleController::note_readiness(const std::string& node, const std::string& ready) {
  nodes_[node].ready = ready;
  if (ready == "True") {
    unready_.erase(node);
  } else {
    unready_.insert(node);
  }
}

Instant NodeLifecycleController::run(Instant now) {
  for (const auto& name : heard_) {
    const auto node = nodes_.find(name);
    if (node == nodes_.end()) continue;
    node->second.heard = now;
    queue_.add_at(name, now + view_->options.node_grace);
  }
  heard_.clear();
  if (all_silent() != was_all_silent_) {   // the answer to "is this node to be emptied" changed for all
    was_all_silent_ = all_silent();
    for (auto& [name, node] : nodes_) queue_.add(name);
  }
  return drain(queue_, now, [&](const std::string& node) { return sync(node, now).has_value(); });
}

Status NodeLifecycleController::sync(const std::string& name, Instant now) {
  const auto watched = nodes_.find(name);
  if (watched == nodes_.end()) return {};
  auto node = client_.get(resources::kNodes, {"", name});
  if (!node) return node.error().code == Errc::not_found ? Status{} : Status(std::unexpected(node.error()));

  const Instant silent_at = watched->second.heard + view_->options.node_grace;
  if (silent_at > now) {
    queue_.add_at(name, silent_at);
  } else if (watched->second.ready != "Unknown") {
    EBB_TRY_VOID(mark_silent(*node, now));
  }
  if (watched->second.ready == "Unknown" || watched->second.ready == "False") EBB_TRY_VOID(mark_pods_unready(*node, now));
  return write_taints(name, now);
}

Status NodeLifecycleController::mark_silent(const json::object& node, Instant now) {
  const std::string time = model::to_timestamp_text(now);
  EBB_TRY_VOID(client_.modify(resources::kNodes, key_of(node), uid_of(node), "status", now, [&](json::object& object) {
    json::object& status = child(object, "status");
    if (!status.contains("conditions")) status["conditions"].emplace_array();
    for (const std::string_view type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
      const json::object* current = find_condition(status, type);
      if (current != nullptr && text_at(*current, "status") == "Unknown") continue;
      json::object entry{{"type", type}, {"status", "Unknown"}};
      const std::string heartbeat = current == nullptr ? "" : text_at(*current, "lastHeartbeatTime");
      entry["lastHeartbeatTime"] = heartbeat.empty() ? text_at(node, "metadata.creationTimestamp") : heartbeat;
      entry["lastTransitionTime"] = time;
      entry["reason"] = current == nullptr ? "NodeStatusNeverUpdated" : "NodeStatusUnknown";
      entry["message"] = current == nullptr ? "Kubelet never posted node status." : "Kubelet stopped posting node status.";
      drop_condition(status, type);
      json::value& list = status["conditions"];
      if (!list.is_array()) list.emplace_array();
      list.get_array().push_back(std::move(entry));
    }
    return true;
  }));
  view_->events.record(
      node, {name(), "Normal", "NodeNotReady", fmt::format("Node {} status is now: NodeNotReady", text_at(node, "metadata.name"))}, now);
  return {};
}

Status NodeLifecycleController::mark_pods_unready(const json::object& node, Instant now) {
  std::vector<std::pair<model::ObjectKey, std::string>> pods;
  for (const auto& [key, pod] : view_->pods.on_node(text_at(node, "metadata.name"))) {
    if (pod->ready) pods.emplace_back(key, pod->uid());
  }
  for (const auto& [key, uid] : pods) {
    EBB_TRY_VOID(client_.modify(resources::kPods, key, uid, "status", now, [&](json::object& pod) {
      view_->events.record(pod, {name(), "Warning", "NodeNotReady", "Node is not ready"}, now);
      for (auto& condition : child(pod, "status")["conditions"].get_array()) {
        json::object& entry = condition.get_object();
        if (text_at(entry, "type") != "Ready") continue;
        entry["status"] = "False";
        entry["lastTransitionTime"] = model::to_timestamp_text(now);
      }
      return true;
    }));
  }
  return {};
}

Status NodeLifecycleController::write_taints(const std::string& name, Instant now) {
  return client_.modify(resources::kNodes, {"", name}, "", "", now, [&](json::object& node) {
    std::set<TaintKey> missing = wanted_taints(node, !all_silent());
    json::array taints;
    bool changed = false;
    if (const json::array* present = array_at(node, "spec.taints")) {
      for (const auto& taint : *present) {
        const TaintKey key{text_at(taint.get_object(), "key"), text_at(taint.get_object(), "effect")};
        if (missing.erase(key) == 0 && ours(key)) {
          changed = true;
        } else {
          taints.push_back(taint);
        }
      }
    }
    for (const auto& [key, effect] : missing) {
      taints.push_back(json::object{{"key", key}, {"effect", effect}, {"timeAdded", model::to_timestamp_text(now)}});
      changed = true;
    }
    if (!changed) return false;
    if (taints.empty()) {
      child(node, "spec").erase("taints");
    } else {
      child(node, "spec")["taints"] = std::move(taints);
    }
    return true;
  });
}

}   // namespace ebb::sandbox::control
