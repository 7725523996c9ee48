#include "cli/demo/utilization_meter.h"

namespace ebb::cli {
namespace {

// A report that nobody renews any more says nothing, unless there is nothing else.
std::optional<model::Use> use_of(const ClusterSnapshot& snapshot, const model::NodeName& node, Instant now) {
  const auto report = snapshot.reports.find(node);
  const auto metrics = snapshot.usage.find(node);
  const bool measured = metrics != snapshot.usage.end();
  if (report == snapshot.reports.end()) return measured ? std::optional(metrics->second) : std::nullopt;
  const bool stale = now - report->second.time > model::kNodeReportStale;
  return stale && measured ? metrics->second : report->second.use.all();
}

}   // namespace

void UtilizationMeter::look(const ClusterSnapshot& snapshot, Instant now) {
  if (last_ && now > *last_) {
    const Int128 time = (now - *last_).v;
    cpu_used_ += time * used_.cpu.v;
    cpu_whole_ += time * allocatable_.cpu.v;
    memory_used_ += time * used_.memory.v;
    memory_whole_ += time * allocatable_.memory.v;
  }
  last_ = now;
  used_ = {};
  allocatable_ = {};
  for (const auto& [name, node] : snapshot.nodes) {
    const auto use = use_of(snapshot, name, now);
    if (!use) continue;
    used_ += *use;
    allocatable_ += {node.allocatable.cpu, node.allocatable.memory};
  }
}

std::optional<Permille> UtilizationMeter::mean(Int128 used, Int128 whole) {
  if (whole <= 0) return std::nullopt;
  return Permille{static_cast<std::int64_t>(used * 1000 / whole)};
}

}   // namespace ebb::cli
