// What Placement knows about one pod, for a person.

#include "core/placement/placement.h"

#include "core/placement/advice.h"
#include "core/placement/node_check.h"
#include "core/placement/queue_explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

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
    case PodState::held: return "all that must start together";
    case PodState::active: return "its turn";
    case PodState::backing_off: return fmt::format("a new attempt, after {} binds that failed", entry.failed_binds);
    case PodState::waiting: return "a node that takes it";
    case PodState::assumed: return entry.binding_volumes ? "its volumes to be bound" : "the API server's answer to its binding";
    case PodState::bound:
    case PodState::ended: return "";
  }
  return "";
}

std::optional<DeadlineExplanation> explain_deadline(const PodEntry& entry, const std::vector<const model::Owner*>& owners, Instant now) {
  std::optional<StatedDeadline> stated = stated_deadline(entry.pod, owners);
  if (!stated) return std::nullopt;
  DeadlineExplanation out{.written = std::move(stated->written), .at = stated->at, .slack = {}, .latest_start = {}};
  if (!out.at) return out;
  out.slack = *out.at - now;
  if (entry.latest_start < *out.at) out.latest_start = entry.latest_start;
  return out;
}

std::string gang_advice(const gangs::GangExplanation& gang) {
  if (gang.phase == gangs::GangPhase::no_group)
    return fmt::format("PodGroup {} ({}) created", model::to_string(gang.group.key), gangs::to_string(gang.group.dialect));
  if (gang.phase != gangs::GangPhase::waiting_for_members || gang.present >= gang.min) return "";
  const std::int32_t missing = gang.min - gang.present;
  return fmt::format("{} more {} of {}, or minMember down to {}", missing, missing == 1 ? "member" : "members",
                     model::to_string(gang.group.key), gang.present);
}

// All that the members which must start together still ask for.
QueueRequest request_of(const gangs::Attempt& attempt, const PodTable& pods, fairness::QueueId queue) {
  QueueRequest request{.queue = queue, .amounts = {}};
  std::int32_t needed = attempt.needed();
  for (const gangs::AttemptMember& member : attempt.members()) {
    const auto& standing = pods[member.pod.index].standing;
    if (!standing || needed-- <= 0) continue;
    for (std::size_t i = 0; i < standing->amounts.size(); ++i) {
      const auto id = static_cast<fairness::ResourceId>(i);
      request.amounts.set(id, request.amounts[id] + standing->amounts[id]);
    }
  }
  return request;
}

// Refusals of every node but the one where room is kept for the pod itself, with the plugins' own names.
void count_filters(const ClusterState& state, const Shape& shape, const Ask& ask, std::optional<Slot> kept, Explanation& out) {
  Refusals refusals;
  std::map<std::string, std::string_view> of_volumes;   // by reason, of which each is one plugin's
  for (const auto& [name, slot] : state.nodes.by_name()) {
    if (!state.nodes[slot].present || slot == kept) continue;
    const auto refused_by = first_refusal(state, shape, ask, slot);
    if (!refused_by) continue;
    for (std::string& reason : reasons(state, shape, ask, slot, *refused_by)) {
      if (*refused_by == Filter::volumes) of_volumes.emplace(reason, volume_plugin(state, ask, slot));
      refusals.count(*refused_by, std::move(reason), name);
    }
  }
  out.filters = std::move(refusals.list);
  for (const Refusal& refusal : out.filters) {
    out.filter_names.push_back(refusal.filter == Filter::volumes ? of_volumes.at(refusal.reason) : to_string(refusal.filter));
  }
}

}   // namespace

Explanation Placement::explain(const model::ObjectKey& pod) const {
  Explanation out;
  out.pod = pod;
  const auto index = pods_.find(pod);
  if (!index) return out;
  const PodEntry& entry = pods_[*index];
  out.found = true;
  out.profile = entry.pod.scheduler_name;
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
  if (entry.nominated) {
    out.nominated = nodes_[*entry.slot].name;
    for (const PodIndex other : nodes_[*entry.slot].pods) {
      if (pods_[other].leaving && pods_[other].priority < entry.priority) out.leaving.push_back(pods_[other].pod.key);
    }
    std::ranges::sort(out.leaving);
  }
  if (entry.state == PodState::active) out.queue_position = queue_.ahead_of(entry.queue_key);
  if (entry.state == PodState::backing_off) out.backoff_until = entry.retry_at;
  out.volumes_until = entry.binding_volumes;
  out.deadline = explain_deadline(entry, owners_.chain(entry.pod), now_);
  if (entry.ask) out.avoided = shape_of_ask(*entry.ask).avoided;
  if (!out.avoided.empty()) out.avoided_until = evictions_.next_end(entry.pod, now_);
  const auto gang = gangs_.gang_of(*index);
  if (gang) out.gang = gangs_.explain(*gang);
  explain_standing(*index, out);
  if (entry.ask && out.gang) {
    if (std::string help = gang_advice(*out.gang); !help.empty()) out.would_help.push_back(std::move(help));
  }
  out.needed = out.would_help.size();
  if (entry.ask) explain_pending(entry, out);
  return out;
}

// How the pod stands in its queue, where it has one.
void Placement::explain_standing(PodIndex pod, Explanation& out) const {
  const PodEntry& entry = pods_[pod];
  const std::string name = queue_name(entry);
  if (name.empty()) return;
  std::optional<QueueRequest> request;
  if (entry.standing && !entry.standing->allocated) {
    request = gangs_.held(pod) ? request_of(gangs_.attempt(*gangs_.gang_of(pod)), pods_, entry.standing->queue)
                               : QueueRequest{entry.standing->queue, entry.standing->amounts, entry.standing->critical};
  }
  out.queue = explain_queue(queues_, state_.ids, name, request);
  if (!out.queue->exists) {
    out.would_help.push_back(fmt::format("queue {} created", name));
  } else if (request) {
    out.queue->position = 0;
    for (const PodIndex other : pods_.all()) {
      const PodEntry& beside = pods_[other];
      if (beside.ask && beside.queue_key.lane == entry.queue_key.lane && beside.queue_key < entry.queue_key) ++*out.queue->position;
    }
    if (!out.queue->refused.empty()) out.would_help.push_back(queue_advice(queues_, state_.ids, *request));
  }
  if (entry.ask && !out.queue->refused.empty() && entry.state != PodState::held) out.waiting_for = out.queue->refused;
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
  const Shape& shape = shape_of_ask(ask);
  const Rules& rules = state_.rules[shape.rules];
  const std::optional<Slot> kept = entry.nominated ? entry.slot : std::nullopt;
  count_filters(state_, shape, ask, kept, out);
  const Selection::Table table = Selection().all(state_, shape, ask);
  for (const Selection::Scored& scored : table.nodes) {
    if (out.best.size() == kBestShown) break;
    if (scored.slot == kept) continue;
    NodeScore node{nodes_[scored.slot].name, scored.total,
                   score_terms(state_, shape, scored.slot, table.maxima, scored.inter_pod, scored.spread)};
    if (const std::int32_t weight = ask.volumes ? rules.weight(model::Plugin::volume_binding) : 0; weight != 0) {
      node.terms.push_back({"VolumeBinding", weight,
                            state_.volumes.score(*ask.volumes, scored.slot, nodes_[scored.slot].node, rules.profile.volume_binding.shape)});
    }
    out.best.push_back(std::move(node));
  }
  if (!out.best.empty() || kept) return;
  if (entry.state == PodState::active && out.needed == 0) out.waiting_for = "a node that takes it";
  std::vector<std::string> help = what_would_help(state_, shape, ask);
  out.would_help.insert(out.would_help.end(), help.begin(), help.end());
  if (entry.pod.preemption_never || !rules.profile.preempts()) return;
  out.could_make_room = 0;
  for (const auto& [name, slot] : nodes_.by_name()) {
    if (!nodes_[slot].present) continue;
    const auto refused_by = first_refusal(state_, shape, ask, slot);
    const bool lower = std::ranges::any_of(nodes_[slot].pods, [&](PodIndex other) { return pods_[other].priority < entry.priority; });
    if (lower && refused_by && lifted_by_leaving(state_, shape, ask, slot, *refused_by)) ++*out.could_make_room;
  }
}

}   // namespace ebb::core::placement
