#include "cli/cluster/status_report.h"

#include "base/check.h"
#include "core/colocation/qos.h"
#include "model/colocation_policy.h"
#include "model/quantity.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace ebb::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownWaiting = 10;

NodeStatus start_node(const ClusterSnapshot& snapshot, const model::Node& node) {
  const auto policy = model::resolve_node_policy(snapshot.policy.policy(), snapshot.policy.overlay(), node.labels);
  NodeStatus status{.name = node.name.v, .ready = node.ready, .colocation = policy.colocation};
  status.cpu_allocatable = node.allocatable.cpu;
  status.memory_allocatable = node.allocatable.memory;
  if (policy.colocation) status.offline_pods_max = policy.max_offline_pods;
  if (node.allocatable.has_scalar(model::kBatchCpu)) status.oversold_cpu = MilliCpu{node.allocatable.scalar(model::kBatchCpu)};
  if (node.allocatable.has_scalar(model::kBatchMemory)) status.oversold_memory = Bytes{node.allocatable.scalar(model::kBatchMemory)};
  if (const auto report = snapshot.reports.find(node.name); report != snapshot.reports.end()) {
    status.use = report->second.use;
    status.total_use = report->second.use.all();
  } else if (const auto usage = snapshot.usage.find(node.name); usage != snapshot.usage.end()) {
    status.total_use = usage->second;
  }
  return status;
}

ClassStatus& class_of(StatusReport& report, model::QosClass qos) {
  switch (qos) {
    case model::QosClass::hls: return report.hls;
    case model::QosClass::ls: return report.ls;
    case model::QosClass::be: return report.be;
  }
  EBB_UNREACHABLE();
}

void count_on_node(const model::Pod& pod, bool offline, std::map<model::NodeName, NodeStatus>& nodes) {
  const auto node = nodes.find(pod.node);
  if (node == nodes.end()) return;
  const model::Resources requests = model::effective_requests(pod);
  node->second.cpu_requested += requests.cpu;
  node->second.memory_requested += requests.memory;
  node->second.oversold_cpu_taken += MilliCpu{requests.scalar(model::kBatchCpu)};
  if (offline) ++node->second.offline_pods;
}

JobStatus job_status(const model::Owner& owner) {
  JobStatus status{.key = model::to_string(owner.key)};
  status.wanted = owner.job->completions.value_or(owner.job->parallelism.value_or(1));
  status.succeeded = owner.job->succeeded;
  status.active = owner.job->active;
  status.failed = owner.job->failed;
  return status;
}

std::string percent(std::int64_t part, std::int64_t whole) { return whole <= 0 ? "-" : fmt::format("{} %", part * 100 / whole); }
std::string in_cpus(MilliCpu cpu) { return fmt::format("{}.{}", cpu.v / 1000, cpu.v % 1000 / 100); }
std::string in_gib(Bytes memory) {
  const std::int64_t tenths = memory.v * 10 / gibibytes(1).v;
  return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

}   // namespace

StatusReport make_status_report(const ClusterSnapshot& snapshot) {
  StatusReport report;
  if (const auto* policy = snapshot.policy.policy()) {
    report.policy = policy->name;
    report.policy_enabled = policy->enabled;
  }
  std::map<model::NodeName, NodeStatus> nodes;
  for (const auto& [name, node] : snapshot.nodes) nodes.emplace(name, start_node(snapshot, node));

  std::map<model::Uid, std::string> qos_by_owner;
  for (const auto& [key, pod] : snapshot.pods) {
    const auto owners = snapshot.owners.chain(pod);
    const core::Resolved resolved = core::resolve(pod, owners);
    for (const model::Owner* owner : owners) qos_by_owner.emplace(owner->uid, model::to_string(resolved.qos));
    if (pod.terminal()) continue;
    ClassStatus& counted = class_of(report, resolved.qos);
    ++(pod.phase == model::PodPhase::running ? counted.running : counted.pending);
    if (pod.node.empty()) report.waiting.push_back(model::to_string(key));
    count_on_node(pod, resolved.offline, nodes);
  }
  for (auto& [name, status] : nodes) report.nodes.push_back(std::move(status));
  for (const auto& [uid, owner] : snapshot.workloads) {
    if (!owner.job) continue;
    report.jobs.push_back(job_status(owner));
    if (const auto qos = qos_by_owner.find(uid); qos != qos_by_owner.end()) report.jobs.back().qos = qos->second;
  }
  std::ranges::sort(report.jobs, {}, &JobStatus::key);
  return report;
}

std::string to_text(const StatusReport& report) {
  std::string out = report.policy.empty() ? std::string("Policy: none in force, nothing is colocated\n\n")
                                          : fmt::format("Policy: {}{}\n\n", report.policy, report.policy_enabled ? "" : " (disabled)");
  out += fmt::format("{:<20} {:<7} {:>13} {:>8} {:>20} {:>13} {:>9} {:>13}\n", "NODE", "READY", "CPU REQUESTED", "CPU USED",
                     "HLS/LS/BE/SYSTEM", "OVERSOLD CPU", "GIB", "OFFLINE PODS");
  for (const NodeStatus& node : report.nodes) {
    const std::string classes = node.use ? fmt::format("{}/{}/{}/{}", in_cpus(node.use->hls.cpu), in_cpus(node.use->ls.cpu),
                                                       in_cpus(node.use->be.cpu), in_cpus(node.use->system.cpu))
                                         : std::string("-");
    out += fmt::format("{:<20} {:<7} {:>13} {:>8} {:>20} {:>13} {:>9} {:>13}\n", node.name, node.ready ? "yes" : "no",
                       percent(node.cpu_requested.v, node.cpu_allocatable.v),
                       node.total_use ? percent(node.total_use->cpu.v, node.cpu_allocatable.v) : "-", classes,
                       node.oversold_cpu ? fmt::format("{} of {}", in_cpus(node.oversold_cpu_taken), in_cpus(*node.oversold_cpu)) : "-",
                       node.oversold_memory ? in_gib(*node.oversold_memory) : "-",
                       !node.colocation        ? std::string("off")
                       : node.offline_pods_max ? fmt::format("{} of {}", node.offline_pods, *node.offline_pods_max)
                                               : fmt::format("{}", node.offline_pods));
  }
  out += fmt::format("\nPods    HLS {} running, {} pending    LS {}, {}    BE {}, {}\n", report.hls.running, report.hls.pending,
                     report.ls.running, report.ls.pending, report.be.running, report.be.pending);
  for (const JobStatus& job : report.jobs) {
    out += fmt::format("Job     {} ({}): {} of {} completed, {} active, {} failed\n", job.key, job.qos.empty() ? "-" : job.qos,
                       job.succeeded, job.wanted, job.active, job.failed);
  }
  for (std::size_t i = 0; i < std::min(report.waiting.size(), kShownWaiting); ++i) {
    out += fmt::format("Waits   {}    (ebb explain pod {})\n", report.waiting[i], report.waiting[i]);
  }
  if (report.waiting.size() > kShownWaiting) out += fmt::format("Waits   {} more\n", report.waiting.size() - kShownWaiting);
  return out;
}

namespace {

json::object use_json(const model::Use& use) {
  return {{"cpu", model::to_quantity_text(use.cpu)}, {"memory", model::to_quantity_text(use.memory)}};
}

json::object node_json(const NodeStatus& node) {
  json::object out{{"name", node.name}, {"ready", node.ready}, {"colocation", node.colocation}, {"offlinePods", node.offline_pods}};
  out["allocatable"] = use_json({node.cpu_allocatable, node.memory_allocatable});
  out["requested"] = use_json({node.cpu_requested, node.memory_requested});
  out["used"] = node.total_use ? json::value(use_json(*node.total_use)) : json::value(nullptr);
  if (node.use) {
    out["usedByClass"] = json::object{{"HLS", use_json(node.use->hls)},
                                      {"LS", use_json(node.use->ls)},
                                      {"BE", use_json(node.use->be)},
                                      {"system", use_json(node.use->system)}};
  }
  if (node.oversold_cpu || node.oversold_memory) {
    out["oversold"] = json::object{{"cpu", model::to_quantity_text(node.oversold_cpu.value_or(MilliCpu{}))},
                                   {"memory", model::to_quantity_text(node.oversold_memory.value_or(Bytes{}))},
                                   {"cpuTaken", model::to_quantity_text(node.oversold_cpu_taken)}};
  }
  if (node.offline_pods_max) out["offlinePodsMax"] = *node.offline_pods_max;
  return out;
}

json::object class_json(const ClassStatus& counted) { return {{"running", counted.running}, {"pending", counted.pending}}; }

}   // namespace

std::string to_json(const StatusReport& report) {
  json::object out;
  out["policy"] =
      report.policy.empty() ? json::value(nullptr) : json::value(json::object{{"name", report.policy}, {"enabled", report.policy_enabled}});
  json::array& nodes = out["nodes"].emplace_array();
  for (const NodeStatus& node : report.nodes) nodes.push_back(node_json(node));
  out["pods"] = json::object{{"HLS", class_json(report.hls)}, {"LS", class_json(report.ls)}, {"BE", class_json(report.be)}};
  json::array& jobs = out["jobs"].emplace_array();
  for (const JobStatus& job : report.jobs) {
    jobs.push_back(json::object{{"job", job.key},
                                {"qos", job.qos},
                                {"wanted", job.wanted},
                                {"succeeded", job.succeeded},
                                {"active", job.active},
                                {"failed", job.failed}});
  }
  json::array& waiting = out["waiting"].emplace_array();
  for (const std::string& pod : report.waiting) waiting.emplace_back(pod);
  return json::serialize(out);
}

}   // namespace ebb::cli
