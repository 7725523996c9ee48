#include "sandbox/kubelet/kubelets.h"

#include "base/check.h"
#include "kube/decode.h"
#include "sandbox/kubelet/node_objects.h"
#include "sandbox/store/stored.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox {
namespace {

const ResourceId kNodes{"", "v1", "nodes"};
const ResourceId kPods{"", "v1", "pods"};
const ResourceId kLeases{"coordination.k8s.io", "v1", "leases"};
constexpr Duration kLeaseInterval = seconds(10);
constexpr std::int64_t kHeartbeatsPerStatus = 30;   // five minutes
constexpr std::size_t kRegistrationsPerRun = 200;   // so that the API answers others in between

}   // namespace

Kubelets::Kubelets(KubeletOptions options, Instant start) : options_(std::move(options)), now_(start), next_tick_(start) {
  rules_ = options_.profiles;
  for (auto& rule : world::default_rules(options_.day, start)) rules_.push_back(std::move(rule));
  nodes_.reserve(static_cast<std::size_t>(options_.nodes));
  for (std::int32_t i = 0; i < options_.nodes; ++i) {
    nodes_.emplace_back(options_, i, start);
    node_by_name_.emplace(nodes_.back().name, nodes_.size() - 1);
  }
}

// Changes of a pod that is known already matter only when it is deleted; our own status writes come
// back here and must cost nothing.
void Kubelets::observe(const Change& change) {
  const bool pod = change.resource == kPods;
  if (!pod && change.resource != kNodes && !ClusterView::watches(change.resource)) return;
  if (change.resource == kNodes && !node_by_name_.contains(change.object->key.name)) return;
  if (pod && change.type != ChangeType::deleted) {
    const std::string& text = *change.object->text;
    if (text.find("\"nodeName\"") == std::string::npos) return;
    const auto known = by_key_.find(change.object->key);
    if (known != by_key_.end() && text.find("\"deletionTimestamp\"") == std::string::npos) {
      const Entry* entry = find(known->second);
      if (entry != nullptr && entry->life.spec().pod.uid.v == change.object->uid) return;
    }
  }
  noted_.push_back({change.type, change.resource, change.object});
}

Instant Kubelets::run(Instant now) {
  EBB_CHECK(api_ != nullptr);
  now_ = std::max(now_, now);
  if (!begun_) begin(now);
  register_some(now);
  take_noted(now);
  apply_policy();
  if (now >= next_tick_) {
    tick(now);
    next_tick_ = now + options_.tick;
  }
  while (!pod_timers_.empty() && pod_timers_.top().at <= now) {
    const world::Handle handle = pod_timers_.top().id;
    pod_timers_.pop();
    pod_timer(handle, now);
  }
  while (!node_timers_.empty() && node_timers_.top().at <= now) {
    SimNode& node = nodes_[node_timers_.top().id];
    node_timers_.pop();
    if (node.present) heartbeat(node, now);
    node_timers_.push({now + kLeaseInterval, static_cast<std::uint64_t>(node.index)});
  }
  write_statuses(now);
  if (nodes_.empty()) return kNever;
  if (!to_register_.empty() || !noted_.empty()) return now;
  Instant next = next_tick_;
  if (!pod_timers_.empty()) next = std::min(next, pod_timers_.top().at);
  if (!node_timers_.empty()) next = std::min(next, node_timers_.top().at);
  return next;
}

// What exists already is taken in: a restarted sandbox goes on with the pods it had.
void Kubelets::begin(Instant now) {
  begun_ = true;
  const auto take_all = [&](const ResourceId& resource) {
    for (auto& object : api_->list(resource)) observe({ChangeType::added, resource, std::move(object), nullptr});
  };
  take_all(kNodes);
  for (const ResourceId& resource : ClusterView::resources()) take_all(resource);
  take_noted(now);
  apply_policy();
  take_all(kPods);
  for (SimNode& node : nodes_) {
    if (!node.present) to_register_.push_back(static_cast<std::size_t>(node.index));
    const std::int64_t spread = kLeaseInterval.v / std::max<std::int64_t>(options_.nodes, 1) * node.index;
    node_timers_.push({now + Duration{spread}, static_cast<std::uint64_t>(node.index)});
  }
}

// Writing makes more changes; they are taken until there are none.
void Kubelets::take_noted(Instant now) {
  while (!noted_.empty()) {
    const std::vector<Noted> noted = std::exchange(noted_, {});
    for (const Noted& one : noted) {
      if (one.resource == kPods) {
        take_pod(one, now);
      } else if (one.resource == kNodes) {
        take_node(one);
      } else {
        view_.take(one.type, one.resource, *one.object);
      }
    }
  }
}

void Kubelets::take_node(const Noted& noted) {
  SimNode& node = nodes_[node_by_name_.at(noted.object->key.name)];
  if (noted.type == ChangeType::deleted) {
    node.present = false;   // as a real kubelet, it does not register again by itself
    return;
  }
  auto decoded = kube::decode_node(*noted.object->text);
  if (!decoded) return;
  const bool relabelled = !node.present || decoded->labels != node.node.labels;
  node.node = *std::move(decoded);
  node.present = true;
  if (relabelled) set_policy(node);
  // Somebody who missed our heartbeats says we are not ready: say otherwise with the next one.
  if (!node.node.ready) {
    node.heartbeats = kHeartbeatsPerStatus - 1;
  } else if (node.heartbeats == kHeartbeatsPerStatus - 1) {
    node.heartbeats = 0;
  }
}

void Kubelets::register_some(Instant now) {
  for (std::size_t i = 0; i < kRegistrationsPerRun && !to_register_.empty(); ++i) {
    const std::size_t index = to_register_.front();
    to_register_.pop_front();
    if (nodes_[index].present) continue;
    if (!register_node(nodes_[index], now)) {
      to_register_.push_back(index);
      return;
    }
  }
}

Status Kubelets::register_node(SimNode& node, Instant now) {
  auto made = api_->create(kNodes, node_object(options_, node.name, node.index + 1), caller_, now);
  if (!made && made.error().code != Errc::exists) return std::unexpected(std::move(made).error());
  node.ready_since = now;
  const auto status = node_status_patch(options_, {.name = node.name,
                                                   .index = node.index + 1,
                                                   .now = now,
                                                   .ready_since = now,
                                                   .memory_pressure = false,
                                                   .memory_pressure_since = now,
                                                   .images = &node.images,
                                                   .with_amounts = true});
  EBB_TRY(const json::object shown, api_->patch(kNodes, {"", node.name}, PatchType::strategic, status, "status", caller_, now));
  const std::string uid(string_at(json::value(shown), "metadata.uid"));
  auto lease = api_->create(kLeases, lease_object(node.name, uid, now), caller_, now);
  if (!lease && lease.error().code != Errc::exists) return std::unexpected(std::move(lease).error());
  events_.about_node(*api_, node.name, uid, {.reason = "Starting", .message = "Starting kubelet."}, now);
  return {};
}

void Kubelets::heartbeat(SimNode& node, Instant now) {
  const model::ObjectKey key{"kube-node-lease", node.name};
  auto renewed = api_->patch(kLeases, key, PatchType::merge, lease_renewal(now), "", caller_, now);
  if (!renewed && renewed.error().code == Errc::not_found) {
    renewed = api_->create(kLeases, lease_object(node.name, node.node.uid.v, now), caller_, now);
  }
  if (!renewed) return;   // the next heartbeat tries again
  if (++node.heartbeats < kHeartbeatsPerStatus) return;
  node.heartbeats = 0;
  if (!node.node.ready) node.ready_since = now;
  const auto status = node_status_patch(options_, {.name = node.name,
                                                   .index = node.index + 1,
                                                   .now = now,
                                                   .ready_since = node.ready_since,
                                                   .memory_pressure = false,
                                                   .memory_pressure_since = node.ready_since,
                                                   .images = &node.images,
                                                   .with_amounts = false});
  const auto written = api_->patch(kNodes, {"", node.name}, PatchType::strategic, status, "status", caller_, now);
  if (!written) node.heartbeats = kHeartbeatsPerStatus - 1;
}

void Kubelets::set_policy(SimNode& node) {
  node.policy = model::resolve_node_policy(view_.policy(), view_.overlay(), node.node.labels);
  for (const world::Handle handle : node.pods) {
    const Entry* entry = find(handle);
    if (entry != nullptr) node.machine.retier(handle, tier_of(*entry, node));
  }
}

void Kubelets::apply_policy() {
  if (policy_generation_ == view_.policy_generation()) return;
  policy_generation_ = view_.policy_generation();
  for (SimNode& node : nodes_) {
    if (node.present) set_policy(node);
  }
}

}   // namespace ebb::sandbox
