// What simulated kubelets do every tick: machines go on, the three lines are kept, nodes report.

#include "kube/encode.h"
#include "model/quantity.h"
#include "sandbox/kubelet/kubelets.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace ebb::sandbox {
namespace {

const ResourceId kReports{"scheduling.openfuyao.io", "v1alpha1", "nodereports"};
constexpr Duration kRefusalHolds = seconds(10);   // as long another victim goes first

std::string eviction_body(const core::Victim& victim, Duration grace) {
  const json::object body{{"apiVersion", "policy/v1"},
                          {"kind", "Eviction"},
                          {"metadata", {{"name", victim.key.name}, {"namespace", victim.key.ns}}},
                          {"deleteOptions", {{"gracePeriodSeconds", grace.v / seconds(1).v}, {"preconditions", {{"uid", victim.uid.v}}}}}};
  return json::serialize(body);
}

}   // namespace

void Kubelets::tick(Instant now) {
  for (SimNode& node : nodes_) {
    for (const world::Ended& ended : node.machine.advance(now)) {
      if (Entry* entry = find(ended.handle)) carry_out(*entry, entry->life.workload_ended(ended), now);
    }
    if (!node.present) continue;
    keep_lines(node, now);
    report(node, now);
  }
}

void Kubelets::keep_lines(SimNode& node, Instant now) {
  std::erase_if(node.refused_until, [&](const auto& refused) { return refused.second <= now; });
  node.decision = node.lines.step(now, node.policy, look_at(node));
  const bool may_burst = view_.policy_enabled() && node.policy.colocation && node.decision.may_grow;
  node.machine.set_knobs({.be_cpu_limit = node.decision.be_cpu_limit,
                          .be_memory_limit = node.decision.be_memory_limit,
                          .burst = may_burst ? view_.policy()->qos_guarantee.cpu_burst_ratio : Permille{1000}});
  for (const core::Victim& victim : node.decision.evictions) evict(node, victim, now);
}

core::NodeObservation Kubelets::look_at(const SimNode& node) const {
  core::NodeObservation seen{.allocatable = node.allocatable(), .use = node.machine.use(), .offline = {}, .jobs = {}, .distress = {}};
  seen.distress.run_queue = node.machine.online_short();
  for (const world::Handle handle : node.pods) {
    const Entry& entry = pods_.at(handle);
    if (!entry.resolved.offline || entry.life.terminal()) continue;
    const model::Pod& pod = entry.life.spec().pod;
    const model::Resources& asked = entry.requests;
    const bool oversold = asked.scalar(model::kBatchCpu) > 0 || asked.scalar(model::kBatchMemory) > 0;
    if (!node.policy.colocation && !oversold) continue;   // what it has is its own, and stays
    seen.offline.push_back(
        {.key = pod.key,
         .uid = pod.uid,
         .requests = {MilliCpu{asked.cpu.v + asked.scalar(model::kBatchCpu)}, Bytes{asked.memory.v + asked.scalar(model::kBatchMemory)}},
         .use = node.machine.use_of(handle).value_or(model::Use{}),
         .priority = pod.priority.value_or(0),
         .band = static_cast<std::int32_t>(entry.resolved.band),
         .job = entry.job,
         .terminating = entry.terminating,
         .eviction_refused = node.refused_until.contains(pod.uid)});
    if (entry.job.empty() || seen.jobs.contains(entry.job)) continue;
    if (const auto budget = view_.budget(entry.job)) seen.jobs.emplace(entry.job, *budget);
  }
  return seen;
}

// Through the Eviction API, so that disruption budgets hold and the pod has its grace.
void Kubelets::evict(SimNode& node, const core::Victim& victim, Instant now) {
  const auto known = by_key_.find(victim.key);
  Entry* entry = known == by_key_.end() ? nullptr : find(known->second);
  if (entry == nullptr) return;
  // Other nodes may have evicted pods of the same Job in this very tick.
  if (!entry->job.empty()) {
    const auto budget = view_.budget(entry->job);
    if (!budget || budget->left() <= 0) return;
  }
  Request request;
  request.method = "POST";
  request.path = fmt::format("/api/v1/namespaces/{}/pods/{}/eviction", victim.key.ns, victim.key.name);
  request.content_type = "application/json";
  request.user_agent = "kubelet/" + std::string(kKubeletVersion);
  request.user = caller_.user;
  request.body = eviction_body(victim, node.policy.eviction.grace_period);
  const auto answer = api_->handle(request, now);
  const auto* response = std::get_if<Response>(&answer);
  if (response == nullptr || response->status >= 300) {
    node.refused_until[victim.uid] = now + kRefusalHolds;
    return;
  }
  if (!std::exchange(entry->terminating, true)) view_.count_terminating(entry->job, 1);
  ++evictions_[std::string(core::to_string(victim.reason))];
  const bool off = victim.reason == core::EvictionReason::label;
  const std::string_view line = victim.reason == core::EvictionReason::pressure ? "pressure" : "water";
  const std::string above =
      fmt::format("The node's {} use is above the {} line of its colocation policy", core::to_string(victim.resource), line);
  events_.about_pod(*api_, entry->life.spec().pod, node.name,
                    {.warning = true, .reason = "Evicted", .message = off ? "Colocation is switched off for the node" : above}, now);
}

void Kubelets::report(SimNode& node, Instant now) {
  model::NodeReport report = node.short_report(now);
  if (!node.pace.due(now, report, node.allocatable())) return;
  report.numa = node.machine.numa();
  boost::system::error_code error;
  json::value object = json::parse(kube::encode_node_report(report), error);
  if (error || !object.is_object()) return;
  Result<json::object> written = fail(Errc::not_found, "");
  if (node.report_exists) {
    written = api_->patch(kReports, {"", node.name}, PatchType::merge, object, "", caller_, now);
  }
  if (!written && written.error().code == Errc::not_found) {
    written = api_->create(kReports, object.as_object(), caller_, now);
    if (!written && written.error().code == Errc::exists) {
      written = api_->patch(kReports, {"", node.name}, PatchType::merge, object, "", caller_, now);
    }
  }
  node.report_exists = written.has_value();
  if (written) {
    node.pace.written(now, report);
  } else {
    node.pace.failed(now);   // the resource may not be defined yet
  }
}

MetricsSource Kubelets::metrics_source() {
  MetricsSource source;
  source.snapshot = [this] { return UsageSnapshot{.time = now_, .window = std::max(options_.tick, seconds(1))}; };
  source.nodes = [this] {
    std::vector<NodeUsage> all;
    for (const SimNode& node : nodes_) {
      if (!node.present) continue;
      const model::Use use = node.machine.use().all();
      all.push_back({node.name, node.node.labels, model::to_quantity_text(use.cpu), model::to_quantity_text(use.memory)});
    }
    return all;
  };
  source.pods = [this] {
    std::vector<PodUsage> all;
    for (const auto& [handle, entry] : pods_) {
      const auto use = nodes_[entry.node].machine.use_of(handle);
      if (!use) continue;
      const model::Pod& pod = entry.life.spec().pod;
      PodUsage usage{pod.key.ns, pod.key.name, pod.labels, {}};
      // The first container is the one that works; the others are there.
      for (const ContainerSpec& c : entry.life.spec().containers) {
        const bool works = usage.containers.empty();
        usage.containers.push_back(
            {c.name, works ? model::to_quantity_text(use->cpu) : "0", works ? model::to_quantity_text(use->memory) : "0"});
      }
      all.push_back(std::move(usage));
    }
    return all;
  };
  return source;
}

SandboxMeasurements Kubelets::measurements() const {
  SandboxMeasurements all;
  all.time = nodes_.empty() ? now_ : nodes_.front().machine.now();
  for (const SimNode& node : nodes_) {
    NodeMeasurement one{.name = model::NodeName(node.name),
                        .allocatable = node.allocatable(),
                        .use = node.machine.use(),
                        .running_pods = 0,
                        .offline_pods = 0,
                        .be_cpu_limit = node.decision.be_cpu_limit.value_or(MilliCpu{0}),
                        .cpu_pressure = node.decision.cpu_pressure,
                        .memory_pressure = node.decision.memory_pressure};
    for (const world::Handle handle : node.pods) {
      const Entry& entry = pods_.at(handle);
      if (entry.life.phase() != "Running" || entry.terminating) continue;
      ++one.running_pods;
      one.offline_pods += entry.resolved.offline;
      ++all.running_by_owner[entry.owner];
    }
    all.allocatable += one.allocatable;
    all.used.cpu += node.machine.used().cpu;
    all.used.memory += node.machine.used().memory;
    all.violations = all.violations + node.machine.violations();
    all.offline_cpu += node.machine.offline_cpu();
    all.nodes.push_back(std::move(one));
  }
  all.evictions_by_reason = evictions_;
  for (const auto& [reason, count] : evictions_) all.evictions += count;
  return all;
}

}   // namespace ebb::sandbox
