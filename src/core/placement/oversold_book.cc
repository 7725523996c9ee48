#include "core/placement/oversold_book.h"

#include "core/colocation/three_lines.h"

#include <algorithm>
#include <utility>

namespace ebb::core::placement {
namespace {

// An aggressive policy admits nothing above the water line: what lies between the two lines is published
// (the lines move without a publication) but not given out.
model::Use admissible(const Oversold& oversold, const model::NodePolicy& policy) {
  const auto above_line = [](auto line, auto allocatable, Permille admission) {
    return std::max(line - share_of(allocatable, admission), decltype(line){});
  };
  const MilliCpu cpu = oversold.cpu.result - above_line(oversold.cpu.line, oversold.cpu.allocatable, cpu_admission_line(policy));
  const Bytes memory =
      oversold.memory.result - above_line(oversold.memory.line, oversold.memory.allocatable, memory_admission_line(policy));
  return {std::max(cpu, MilliCpu{}), std::max(memory, Bytes{})};
}

const std::optional<UseSample> kNoUse;

bool shows_oversold(const model::Node& node) {
  return node.allocatable.has_scalar(model::kBatchCpu) || node.allocatable.has_scalar(model::kBatchMemory);
}

}   // namespace

void OversoldBook::report_seen(NodeTable& nodes, model::NodeReport report) {
  Measured& measured = measured_[report.node];
  if (measured.report && report.time < measured.report->time) return;
  const model::NodeName node = report.node;
  measured.report = std::move(report);
  mark(nodes, node);
}

void OversoldBook::report_gone(NodeTable& nodes, const model::NodeName& node) {
  const auto found = measured_.find(node);
  if (found == measured_.end()) return;
  found->second.report.reset();
  if (!found->second.use) measured_.erase(found);
  mark(nodes, node);
}

void OversoldBook::node_use_seen(NodeTable& nodes, const model::NodeName& node, UseSample sample) {
  Measured& measured = measured_[node];
  if (measured.use && sample.time < measured.use->time) return;
  measured.use = sample;
  // Where a report is there it is what counts, until it is stale.
  if (!measured.report) mark(nodes, node);
}

void OversoldBook::node_gone(Slot slot, const model::NodeName& name) {
  publisher_.forget(name);
  measured_.erase(name);
  changed_.erase(slot);
  set_due(slot, std::nullopt);
}

void OversoldBook::refresh(Instant now, bool policy_in_force, NodeTable& nodes, const PodTable& pods,
                           std::vector<model::PublishOversold>& publish) {
  for (auto due = due_.begin(); due != due_.end() && due->first <= now; ++due) changed_.insert(due->second);
  const std::set<Slot> changed = std::exchange(changed_, {});
  for (const Slot slot : changed) refresh_slot(now, policy_in_force, nodes, pods, slot, publish);
}

std::optional<Instant> OversoldBook::next_refresh() const { return due_.empty() ? std::nullopt : std::optional(due_.begin()->first); }

void OversoldBook::mark(const NodeTable& nodes, const model::NodeName& node) {
  if (const auto slot = nodes.find(node)) changed_.insert(*slot);
}

void OversoldBook::set_due(Slot slot, std::optional<Instant> due) {
  if (const auto found = due_of_.find(slot); found != due_of_.end()) {
    due_.erase({found->second, slot});
    due_of_.erase(found);
  }
  if (!due) return;
  due_of_.emplace(slot, *due);
  due_.emplace(*due, slot);
}

void OversoldBook::refresh_slot(Instant now, bool policy_in_force, NodeTable& nodes, const PodTable& pods, Slot slot,
                                std::vector<model::PublishOversold>& publish) {
  const NodeSlot& node = nodes[slot];
  if (!node.present) return;
  if (!node.policy.colocation && !shows_oversold(node.node) && publisher_.last(node.name) == nullptr) {
    nodes.set_oversold(slot, std::nullopt);
    return;
  }
  std::vector<PodLoad> loads;
  loads.reserve(node.pods.size());
  for (const PodIndex pod : node.pods) {
    const PodEntry& entry = pods[pod];
    PodLoad load = entry.load;
    load.running = entry.running_since.has_value();
    load.running_since = entry.running_since.value_or(now);
    load.sample = entry.sample;
    loads.push_back(load);
  }
  const auto measured = measured_.find(node.name);
  const bool known = measured != measured_.end();
  const OversoldInput input{.node = node.node,
                            .policy = node.policy,
                            .pods = loads,
                            .report = known && measured->second.report ? &*measured->second.report : nullptr,
                            .node_use = known ? measured->second.use : kNoUse};
  if (const auto action = publisher_.step(now, input)) publish.push_back(*action);

  std::optional<Instant> due = publisher_.next_step(node.name);
  // Numbers that have just become stale must not be trusted until the next regular step.
  const auto stale = [&](Instant time) {
    const Instant end = time + model::kNodeReportStale + nanoseconds(1);
    if (end > now && (!due || end < *due)) due = end;
  };
  if (input.report != nullptr) stale(input.report->time);
  if (input.node_use) stale(input.node_use->time);
  set_due(slot, due);

  const bool limits = policy_in_force && node.policy.colocation;
  nodes.set_oversold(slot, limits ? std::optional(admissible(*publisher_.last(node.name), node.policy)) : std::nullopt);
}

}   // namespace ebb::core::placement
