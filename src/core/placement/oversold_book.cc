#include "core/placement/oversold_book.h"

#include "base/check.h"
#include "core/colocation/three_lines.h"

#include <algorithm>
#include <utility>

namespace ebb::core::placement {
namespace {

// What may be given out of what is published. An aggressive policy admits nothing above the water line:
// what lies between the two lines is published (the lines move without a publication) but not given
// out, and nothing at all is while the node is above the water line already.
template <class Unit>
Unit admissible(const OversoldTerms<Unit>& terms, Permille admission, std::optional<Unit> use) {
  const Unit admission_line = share_of(terms.allocatable, admission);
  if (use && *use > admission_line) return {};
  // The overcommit cap bounds what is left under the lower line; it is not lowered with it.
  const Unit under_line = admission_line - terms.reserve - terms.system_excess - terms.hls_requests - terms.predicted_peak;
  return std::max(std::min(terms.result, under_line), Unit{});
}

std::optional<model::Use> use_of_everything(const OversoldInput& input, MetricsSource source) {
  switch (source) {
    case MetricsSource::none: return std::nullopt;
    case MetricsSource::report: return input.report->use.all();
    case MetricsSource::metrics_api: return input.node_use->use;
  }
  EBB_UNREACHABLE();
}

model::Use admissible(const Oversold& oversold, const OversoldInput& input) {
  if (!input.policy.eviction.aggressive) return {oversold.cpu.result, oversold.memory.result};
  const auto use = use_of_everything(input, oversold.source);
  return {admissible(oversold.cpu, cpu_admission_line(input.policy), use ? std::optional(use->cpu) : std::nullopt),
          admissible(oversold.memory, memory_admission_line(input.policy), use ? std::optional(use->memory) : std::nullopt)};
}

constexpr Duration kSweep = minutes(3);

const std::optional<UseSample> kNoUse;

// What somebody else published is not ours to withdraw.
bool shows_our_oversold(const model::Node& node) {
  return node.oversold_by_ebb() && (node.allocatable.has_scalar(model::kBatchCpu) || node.allocatable.has_scalar(model::kBatchMemory));
}

}   // namespace

void OversoldBook::report_seen(NodeTable& nodes, model::NodeReport report) {
  // In order of arrival: by its own time a single report of a clock that is wrong would outlast all others.
  const model::NodeName node = report.node;
  measured_[node].report = std::move(report);
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
  sweep(now, nodes);
  for (auto due = due_.begin(); due != due_.end() && due->first <= now; ++due) changed_.insert(due->second);
  const std::set<Slot> changed = std::exchange(changed_, {});
  for (const Slot slot : changed) refresh_slot(now, policy_in_force, nodes, pods, slot, publish);
}

std::optional<Instant> OversoldBook::next_refresh() const { return due_.empty() ? std::nullopt : std::optional(due_.begin()->first); }

// A measurement may come before its node does, but not for ever.
void OversoldBook::sweep(Instant now, const NodeTable& nodes) {
  if (swept_ && now - *swept_ < kSweep) return;
  swept_ = now;
  std::erase_if(measured_, [&](const auto& entry) {
    const auto slot = nodes.find(entry.first);
    if (slot && nodes[*slot].present) return false;
    const auto& [report, use] = entry.second;
    return !(report && model::is_fresh(report->time, now)) && !(use && model::is_fresh(use->time, now));
  });
}

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
  if (!node.policy.colocation && !shows_our_oversold(node.node) && publisher_.last(node.name) == nullptr) {
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
  // Numbers that have just become stale, or fresh, must not wait for the next regular step.
  const auto stale = [&](Instant time) {
    for (const Instant at : {time - model::kClockSkew, time + model::kNodeReportStale + nanoseconds(1)}) {
      if (at > now && (!due || at < *due)) due = at;
    }
  };
  if (input.report != nullptr) stale(input.report->time);
  if (input.node_use) stale(input.node_use->time);
  set_due(slot, due);

  const bool limits = policy_in_force && node.policy.colocation;
  nodes.set_oversold(slot, limits ? std::optional(admissible(*publisher_.last(node.name), input)) : std::nullopt);
}

}   // namespace ebb::core::placement
