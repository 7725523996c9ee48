#include "cli/demo/run_observer.h"

#include "core/colocation/qos.h"

#include <algorithm>
#include <map>

namespace ebb::cli {
namespace {

// The workload that a user wrote: the last of the pod's chain of owners.
const model::ObjectKey* workload_of(const ClusterSnapshot& snapshot, const model::Pod& pod) {
  const auto owners = snapshot.owners.chain(pod);
  return owners.empty() ? nullptr : &owners.back()->key;
}

bool runs(const model::Pod& pod) { return pod.phase == model::PodPhase::running && !pod.deletion_requested; }

}   // namespace

void RunObserver::count_online(const model::Pod& pod) {
  if (pod.phase != model::PodPhase::running) return;
  online_started_.insert(pod.uid);
  online_running_ += runs(pod) ? 1 : 0;
  online_container_restarts_ += pod.restarts;
}

void RunObserver::count_offline(const model::Pod& pod) {
  offline_running_ += runs(pod) ? 1 : 0;
  if (pod.phase == model::PodPhase::failed || (pod.deletion_requested && !pod.terminal())) offline_stopped_.insert(pod.uid);
}

void RunObserver::look(const ClusterSnapshot& snapshot) {
  online_running_ = 0;
  online_container_restarts_ = 0;
  checkout_running_ = 0;
  offline_running_ = 0;
  for (const auto& [key, pod] : snapshot.pods) {
    const model::ObjectKey* workload = workload_of(snapshot, pod);
    if (workload == nullptr) continue;
    if (*workload == kOnlineDeployment) count_online(pod);
    if (*workload == kCheckoutDeployment && runs(pod)) ++checkout_running_;
    if (*workload == kOfflineJob) count_offline(pod);
  }
  offline_max_running_ = std::max(offline_max_running_, offline_running_);
  for (const auto& [uid, owner] : snapshot.workloads) {
    if (owner.key == kOfflineJob && owner.job) offline_completed_ = owner.job->succeeded;
  }
}

DemoRun RunObserver::run() const {
  DemoRun run;
  run.online_wanted = wanted_.online;
  run.online_running = online_running_;
  const auto made_again = static_cast<std::int64_t>(online_started_.size()) - wanted_.online;
  run.online_restarts = online_container_restarts_ + std::max<std::int64_t>(0, made_again);
  run.offline_wanted = wanted_.offline;
  run.offline_completed = offline_completed_;
  run.offline_parallelism = wanted_.parallelism;
  run.offline_max_running = offline_max_running_;
  run.evictions = static_cast<std::int64_t>(offline_stopped_.size());
  return run;
}

LiveFrame RunObserver::frame(const ClusterSnapshot& snapshot) const {
  LiveFrame frame;
  frame.online_running = online_running_;
  frame.online_wanted = wanted_.online;
  frame.checkout_running = checkout_running_;
  frame.checkout_wanted = wanted_.checkout;
  frame.offline_running = offline_running_;
  frame.offline_completed = offline_completed_;
  frame.offline_wanted = wanted_.offline;
  frame.evictions = static_cast<std::int64_t>(offline_stopped_.size());

  std::map<model::NodeName, LiveNode> nodes;
  for (const auto& [name, node] : snapshot.nodes) {
    LiveNode& live = nodes[name];
    live.name = name.v;
    live.allocatable = {node.allocatable.cpu, node.allocatable.memory};
    if (const auto report = snapshot.reports.find(name); report != snapshot.reports.end()) live.use = report->second.use;
  }
  for (const auto& [key, pod] : snapshot.pods) {
    const auto node = nodes.find(pod.node);
    if (node == nodes.end() || !runs(pod)) continue;
    const auto owners = snapshot.owners.chain(pod);
    switch (core::resolve(pod, owners).qos) {
      case model::QosClass::hls: ++node->second.hls_pods; break;
      case model::QosClass::ls: ++node->second.ls_pods; break;
      case model::QosClass::be: ++node->second.be_pods; break;
    }
  }
  for (auto& [name, live] : nodes) frame.nodes.push_back(std::move(live));
  return frame;
}

}   // namespace ebb::cli
