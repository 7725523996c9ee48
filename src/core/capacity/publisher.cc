#include "core/capacity/publisher.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace ebb::core {
namespace {

constexpr Duration kRecompute = seconds(60);
// How long a write may take to come back as a change of the node before it is done again.
constexpr Duration kWriteSettles = seconds(10);
constexpr std::int64_t kWorthOneIn = 10;   // a change of one part in ten

template <class Unit>
std::optional<Unit> published(const model::Resources& allocatable, std::string_view name) {
  if (!allocatable.has_scalar(name)) return std::nullopt;
  return Unit{allocatable.scalar(name)};
}

// A change of at least 10 % of what stands there, or any change from or to nothing.
template <class Unit>
bool worth_publishing(const std::optional<Unit>& from, const std::optional<Unit>& to) {
  if (from.has_value() != to.has_value()) return true;
  if (!from || *from == *to) return false;
  if (from->v == 0 || to->v == 0) return true;
  const Unit change = *from < *to ? *to - *from : *from - *to;
  return change * kWorthOneIn >= *from;
}

// Keeps `below_since` and says whether the grace period of a fall below what is placed runs.
template <class Unit>
bool in_grace(const OversoldTerms<Unit>& terms, Duration grace, Instant now, std::optional<Instant>& below_since) {
  if (terms.result >= terms.allocated) {
    below_since.reset();
    return false;
  }
  if (!below_since) below_since = now;
  return now - *below_since < grace;
}

// What is to be published of one resource; none: nothing. While the grace period runs, what pods
// hold of the published amount stays.
template <class Unit>
std::optional<Unit> wanted(const OversoldTerms<Unit>& terms, bool colocation, bool grace, const std::optional<Unit>& from) {
  if (grace && from) return std::max(terms.result, std::min(terms.allocated, *from));
  if (!colocation) return std::nullopt;
  return terms.result;
}

}   // namespace

// What somebody else published is replaced where colocation is on, and else none of our business.
OversoldPublisher::Published OversoldPublisher::baseline(NodeState& state, const model::Node& node, bool colocation, Instant now) {
  Published seen;
  if (colocation || node.oversold_by_ebb()) {
    seen = {published<MilliCpu>(node.allocatable, model::kBatchCpu), published<Bytes>(node.allocatable, model::kBatchMemory),
            node.oversold_by_ebb()};
  }
  if (state.sent && (*state.sent == seen || now - state.sent_at >= kWriteSettles)) state.sent.reset();
  return state.sent.value_or(seen);
}

std::optional<model::PublishOversold> OversoldPublisher::step(Instant now, const OversoldInput& input) {
  NodeState& state = nodes_[input.node.name];
  state.last = compute_oversold(input, now);
  state.computed = now;
  state.grace = input.policy.eviction.grace_period;

  const Published from = baseline(state, input.node, state.last.colocation, now);
  const bool cpu_grace = in_grace(state.last.cpu, state.grace, now, state.cpu_below_since);
  const bool memory_grace = in_grace(state.last.memory, state.grace, now, state.memory_below_since);
  Published to{wanted(state.last.cpu, state.last.colocation, cpu_grace, from.cpu),
               wanted(state.last.memory, state.last.colocation, memory_grace, from.memory)};
  to.ours = to.cpu || to.memory;
  const bool taken_over = to.ours && !from.ours;
  if (!taken_over && !worth_publishing(from.cpu, to.cpu) && !worth_publishing(from.memory, to.memory)) return std::nullopt;
  state.sent = to;
  state.sent_at = now;
  return model::PublishOversold{input.node.name, to.cpu, to.memory};
}

std::optional<Instant> OversoldPublisher::next_step(const model::NodeName& node) const {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return std::nullopt;
  const NodeState& state = found->second;
  Instant next = state.computed + kRecompute;
  for (const auto& below_since : {state.cpu_below_since, state.memory_below_since}) {
    if (below_since && *below_since + state.grace > state.computed) next = std::min(next, *below_since + state.grace);
  }
  if (state.sent) next = std::min(next, std::max(state.sent_at + kWriteSettles, state.computed));
  return next;
}

const Oversold* OversoldPublisher::last(const model::NodeName& node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nullptr : &found->second.last;
}

void OversoldPublisher::forget(const model::NodeName& node) { nodes_.erase(node); }

}   // namespace ebb::core
