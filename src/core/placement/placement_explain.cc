// What Placement knows about one pod, for a person.

#include "core/placement/placement.h"

#include "core/placement/advice.h"
#include "core/placement/node_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace ebb::core::placement {
namespace {

constexpr std::size_t kBestShown = 5;

std::string waiting_sentence(const PodEntry& entry, const Options& options) {
  switch (entry.state) {
    case PodState::ignored:
      if (entry.pod.deletion_requested) return "it is being deleted";
      if (!entry.pod.scheduling_gates.empty()) return fmt::format("scheduling gates: {}", fmt::join(entry.pod.scheduling_gates, ", "));
      return fmt::format("another scheduler: spec.schedulerName is {}, this one places {}", entry.pod.scheduler_name,
                         fmt::join(options.scheduler_names(), ", "));
    case PodState::awaiting_owner: {
      const model::Uid none;
      return fmt::format("its owner (uid {}), whose annotations may tell its class", (entry.owners.empty() ? none : entry.owners.back()).v);
    }
    case PodState::held: return "its gang";
    case PodState::active: return "its turn";
    case PodState::backing_off: return fmt::format("a new attempt, after {} binds that failed", entry.failed_binds);
    case PodState::waiting: return "a node that takes it";
    case PodState::assumed: return "the API server's answer to its binding";
    case PodState::bound:
    case PodState::ended: return "";
  }
  return "";
}

}   // namespace

Explanation Placement::explain(const model::ObjectKey& pod) const {
  Explanation out;
  out.pod = pod;
  const auto index = pods_.find(pod);
  if (!index) return out;
  const PodEntry& entry = pods_[*index];
  out.found = true;
  out.qos = model::to_string(entry.resolved.qos);
  out.qos_reason = entry.resolved.reason;
  out.offline = entry.resolved.offline;
  out.pool = model::to_string(entry.resolved.pool);
  out.band = to_string(entry.resolved.band);
  out.priority = entry.priority;
  out.warnings = class_warnings(entry.resolved);
  out.state = to_string(entry.state);
  out.waiting_for = waiting_sentence(entry, options_);
  out.message = entry.message;
  out.nodes = static_cast<std::int32_t>(nodes_.present());
  if (entry.slot && !entry.nominated) out.node = nodes_[*entry.slot].name;
  if (entry.nominated) out.nominated = nodes_[*entry.slot].name;
  if (entry.state == PodState::active) out.queue_position = queue_.ahead_of(entry.queue_key);
  if (entry.ask) explain_pending(entry, out);
  return out;
}

NodeExplanation Placement::explain(const model::NodeName& node) const {
  NodeExplanation out;
  out.node = node;
  const auto slot = nodes_.find(node);
  if (!slot || !nodes_[*slot].present) return out;
  const NodeSlot& entry = nodes_[*slot];
  out.found = true;
  out.policy_in_force = state_.policy_in_force;
  out.policy = entry.policy;
  out.pods = entry.pods.size();
  out.offline_pods = entry.offline_pods;
  out.requested = {MilliCpu{nodes_.requested(kCpu, *slot)}, Bytes{nodes_.requested(kMemory, *slot)}};
  out.offline_requested = entry.line_requested;
  if (const Oversold* terms = oversold_.terms(node)) out.oversold = *terms;
  out.published = {MilliCpu{nodes_.allocatable(kOversoldCpu, *slot)}, Bytes{nodes_.allocatable(kOversoldMemory, *slot)}};
  out.shows_oversold = entry.node.allocatable.has_scalar(model::kBatchCpu) || entry.node.allocatable.has_scalar(model::kBatchMemory);
  if (entry.oversold) {
    out.room = model::Use{std::max(entry.oversold->cpu - entry.line_requested.cpu, MilliCpu{}),
                          std::max(entry.oversold->memory - entry.line_requested.memory, Bytes{})};
  }
  return out;
}

void Placement::explain_pending(const PodEntry& entry, Explanation& out) const {
  const Ask& ask = *entry.ask;
  const Shape& shape = shapes_[ask.shape].shape;
  out.filters = count_refusals(state_, shape, ask).list;
  const Selection::Table table = Selection().all(state_, shape, ask);
  for (const Selection::Scored& scored : table.nodes) {
    if (out.best.size() == kBestShown) break;
    out.best.push_back(
        {nodes_[scored.slot].name, scored.total, score_terms(state_, shape, scored.slot, table.maxima, scored.inter_pod, scored.spread)});
  }
  if (!out.best.empty()) return;
  if (entry.state == PodState::active) out.waiting_for = "a node that takes it";
  out.would_help = what_would_help(state_, shape, ask);
}

}   // namespace ebb::core::placement
