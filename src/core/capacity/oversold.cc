#include "core/capacity/oversold.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::core {
namespace {

using model::Use;

// What the pods of the node add up to, whatever the resource.
struct Sums {
  Use hls_requests;
  Use online_requests;   // HLS included
  Use online_use;        // HLS not included
  Use sampled_use;       // of every pod with a fresh sample of its own
  Use allocated;
  std::int32_t at_request = 0;
};

MetricsSource source_of(const OversoldInput& input, Instant now) {
  if (input.report != nullptr && model::is_fresh(input.report->time, now)) return MetricsSource::report;
  if (input.node_use && model::is_fresh(input.node_use->time, now)) return MetricsSource::metrics_api;
  return MetricsSource::none;
}

// The report holds the pod's use: it was running here when the report was written.
bool in_report(const PodLoad& pod, const model::NodeReport& report) { return pod.running && pod.running_since <= report.time; }

Sums sum_up(const OversoldInput& input, MetricsSource source, Instant now) {
  Sums sums;
  if (source == MetricsSource::report) sums.online_use = input.report->use.ls;
  for (const PodLoad& pod : input.pods) {
    const bool sampled = pod.sample && model::is_fresh(pod.sample->time, now);
    if (sampled) sums.sampled_use += pod.sample->use;
    if (pod.offline) {
      sums.allocated += pod.oversold;
      continue;
    }
    sums.online_requests += pod.requests;
    if (pod.qos == model::QosClass::hls) {
      sums.hls_requests += pod.requests;
    } else if (source == MetricsSource::report && in_report(pod, *input.report)) {
      continue;
    } else if (source == MetricsSource::metrics_api && sampled) {
      sums.online_use += pod.sample->use;
    } else {
      sums.online_use += pod.requests;
      ++sums.at_request;
    }
  }
  return sums;
}

Use system_use(const OversoldInput& input, MetricsSource source, const Sums& sums) {
  if (source == MetricsSource::report) return input.report->use.system;
  if (source == MetricsSource::none) return {};
  const Use all = input.node_use->use;
  return {std::max(all.cpu - sums.sampled_use.cpu, MilliCpu{}), std::max(all.memory - sums.sampled_use.memory, Bytes{})};
}

// Everything that the formula needs of one resource.
template <class Unit>
struct Amounts {
  Unit capacity, allocatable, reserve, system_use, hls_requests, online_requests, online_use, allocated;
  Permille threshold;
  std::optional<Permille> overcommit_ratio;
};

template <class Unit>
OversoldTerms<Unit> terms(const Amounts<Unit>& in, bool may_oversell) {
  OversoldTerms<Unit> out;
  out.allocatable = in.allocatable;
  out.threshold = in.threshold;
  out.line = share_of(in.allocatable, in.threshold);
  out.reserve = in.reserve;
  out.system_use = in.system_use;
  out.system_reserve = std::max(in.capacity - in.allocatable, Unit{});
  out.system_excess = std::max(in.system_use - out.system_reserve, Unit{});
  out.hls_requests = in.hls_requests;
  out.predicted_peak = in.online_use;
  out.allocated = in.allocated;
  Unit amount = out.line - out.reserve - out.system_excess - out.hls_requests - out.predicted_peak;
  if (in.overcommit_ratio) {
    out.overcommit_cap = share_of(in.allocatable, *in.overcommit_ratio) - in.online_requests;
    amount = std::min(amount, *out.overcommit_cap);
  }
  out.result = may_oversell ? std::max(amount, Unit{}) : Unit{};
  return out;
}

}   // namespace

std::string_view to_string(MetricsSource source) {
  switch (source) {
    case MetricsSource::none: return "no fresh metrics";
    case MetricsSource::report: return "node report";
    case MetricsSource::metrics_api: return "metrics.k8s.io";
  }
  EBB_UNREACHABLE();
}

Use oversold_requests(const model::Pod& pod, const Resolved& resolved) {
  if (!resolved.offline) return {};
  const model::Resources requests = model::effective_requests(pod);
  const std::int64_t cpu = requests.scalar(model::kBatchCpu);
  const std::int64_t memory = requests.scalar(model::kBatchMemory);
  return {cpu > 0 ? MilliCpu{cpu} : requests.cpu, memory > 0 ? Bytes{memory} : requests.memory};
}

PodLoad pod_load(const model::Pod& pod, const Resolved& resolved) {
  const model::Resources requests = model::effective_requests(pod);
  PodLoad load;
  load.qos = resolved.qos;
  load.offline = resolved.offline;
  load.running = pod.phase == model::PodPhase::running;
  load.requests = {requests.cpu, requests.memory};
  load.oversold = oversold_requests(pod, resolved);
  return load;
}

Oversold compute_oversold(const OversoldInput& input, Instant now) {
  Oversold out;
  out.colocation = input.policy.colocation;
  out.source = source_of(input, now);
  const bool may_oversell = out.colocation && out.source != MetricsSource::none;
  const Sums sums = sum_up(input, out.source, now);
  out.pods_at_request = sums.at_request;
  const Use system = system_use(input, out.source, sums);
  const model::ResourceSharing& sharing = input.policy.resource_sharing;

  out.cpu = terms<MilliCpu>({.capacity = input.node.capacity.cpu,
                             .allocatable = input.node.allocatable.cpu,
                             .reserve = input.policy.reserve_cpu,
                             .system_use = system.cpu,
                             .hls_requests = sums.hls_requests.cpu,
                             .online_requests = sums.online_requests.cpu,
                             .online_use = sums.online_use.cpu,
                             .allocated = sums.allocated.cpu,
                             .threshold = sharing.cpu_threshold,
                             .overcommit_ratio = sharing.cpu_overcommit_ratio},
                            may_oversell);
  out.memory = terms<Bytes>({.capacity = input.node.capacity.memory,
                             .allocatable = input.node.allocatable.memory,
                             .reserve = input.policy.reserve_memory,
                             .system_use = system.memory,
                             .hls_requests = sums.hls_requests.memory,
                             .online_requests = sums.online_requests.memory,
                             .online_use = sums.online_use.memory,
                             .allocated = sums.allocated.memory,
                             .threshold = sharing.memory_threshold,
                             .overcommit_ratio = sharing.memory_overcommit_ratio},
                            may_oversell);
  return out;
}

}   // namespace ebb::core
