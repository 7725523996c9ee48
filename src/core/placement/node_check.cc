#include "core/placement/node_check.h"

#include "base/check.h"
#include "core/colocation/pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ebb::core::placement {
namespace {

constexpr std::int64_t kMostPoints = 1000;

const model::Taint kUnschedulable{"node.kubernetes.io/unschedulable", "", model::TaintEffect::no_schedule};

bool tolerated(const std::vector<model::Toleration>& tolerations, const model::Taint& taint) {
  return std::ranges::any_of(tolerations, [&](const model::Toleration& toleration) { return model::tolerates(toleration, taint); });
}

bool term_matches(const model::NodeSelectorTerm& term, const NodeSlot& node) {
  // A term that says nothing selects nothing.
  if (term.match_labels.empty() && term.match_fields.empty()) return false;
  if (!term.match_labels.matches(node.node.labels)) return false;
  return term.match_fields.empty() || term.match_fields.matches({{"metadata.name", node.name.v}});
}

bool affinity_matches(const Shape& shape, const NodeSlot& node) {
  for (const auto& [key, value] : shape.node_selector) {
    const auto found = node.node.labels.find(key);
    if (found == node.node.labels.end() || found->second != value) return false;
  }
  if (!shape.has_required_affinity) return true;
  return std::ranges::any_of(shape.required_terms, [&](const model::NodeSelectorTerm& term) { return term_matches(term, node); });
}

bool ports_free(const Shape& shape, const NodeSlot& node) {
  return std::ranges::none_of(shape.charge.ports, [&](const model::HostPort& port) {
    for (auto held = node.ports.lower_bound({.port = port.port, .protocol = "", .ip = ""});
         held != node.ports.end() && held->first.port == port.port; ++held) {
      if (held->first.clashes(port)) return true;
    }
    return false;
  });
}

// A list of resource amounts may ask for what the node has never heard of; its column reads zero.
bool resources_fit(const Shape& shape, const NodeTable& nodes, Slot slot) {
  return std::ranges::all_of(shape.charge.requests,
                             [&](const ResourceAmount& request) { return request.amount <= nodes.free(request.id, slot); });
}

bool under_admission_line(const Shape& shape, const NodeSlot& node) {
  if (!shape.charge.offline || !node.oversold) return true;
  return node.line_requested.cpu + shape.charge.line.cpu <= node.oversold->cpu &&
         node.line_requested.memory + shape.charge.line.memory <= node.oversold->memory;
}

std::vector<std::string> resource_reasons(const Shape& shape, const NodeTable& nodes, Slot slot) {
  std::vector<std::string> list;
  for (const auto& [id, amount] : shape.charge.requests) {
    if (amount <= nodes.free(id, slot)) continue;
    list.push_back(id == kPods ? std::string("Too many pods") : fmt::format("Insufficient {}", nodes.ids().name(id)));
  }
  return list;
}

std::vector<std::string> admission_reasons(const Shape& shape, const NodeSlot& node) {
  std::vector<std::string> list;
  const model::Use wanted = node.line_requested + shape.charge.line;
  if (wanted.cpu > node.oversold->cpu) list.emplace_back("node(s) would pass the admission line for cpu");
  if (wanted.memory > node.oversold->memory) list.emplace_back("node(s) would pass the admission line for memory");
  return list;
}

std::string pool_reason(PoolRefusal refusal) {
  switch (refusal) {
    case PoolRefusal::colocation_off: return "node(s) where colocation is off";
    case PoolRefusal::offline_node: return "node(s) outside the online pool";
    case PoolRefusal::online_node: return "node(s) outside the offline pool";
  }
  EBB_UNREACHABLE();
}

// part of whole that is left, in points; nothing is left of nothing.
std::int64_t room(std::int64_t whole, std::int64_t left) {
  return whole <= 0 ? 0 : std::clamp<std::int64_t>(left * kMostPoints / whole, 0, kMostPoints);
}

struct Native {
  std::int64_t cpu, memory;   // points that are left, the pod included
};

Native native_room(const Shape& shape, const NodeTable& nodes, Slot slot) {
  const std::int64_t cpu = nodes.allocatable(kCpu, slot);
  const std::int64_t memory = nodes.allocatable(kMemory, slot);
  const NodeSlot& node = nodes[slot];
  return {room(cpu, cpu - node.scored.cpu.v - shape.charge.scored.cpu.v),
          room(memory, memory - node.scored.memory.v - shape.charge.scored.memory.v)};
}

std::int64_t line_room(const Shape& shape, const NodeTable& nodes, Slot slot) {
  const NodeSlot& node = nodes[slot];
  const model::Use wanted = node.line_requested + shape.charge.line;
  return (room(nodes.allocatable(kCpu, slot), (node.oversold->cpu - wanted.cpu).v) +
          room(nodes.allocatable(kMemory, slot), (node.oversold->memory - wanted.memory).v)) /
         2;
}

std::int64_t preferred_points(const Shape& shape, const NodeSlot& node) {
  std::int64_t all = 0;
  std::int64_t matched = 0;
  for (const model::PreferredNodeTerm& preferred : shape.preferred_terms) {
    all += preferred.weight;
    if (term_matches(preferred.term, node)) matched += preferred.weight;
  }
  return all == 0 ? 0 : matched * kMostPoints / all;
}

std::int64_t taint_points(const Shape& shape, const NodeSlot& node) {
  std::int64_t disliked = 0;
  for (const model::Taint& taint : node.taints) {
    if (taint.effect == model::TaintEffect::prefer_no_schedule && !tolerated(shape.tolerations, taint)) ++disliked;
  }
  return kMostPoints / (1 + disliked);
}

struct Terms {
  std::array<ScoreTerm, 4> terms;
  std::size_t count = 0;

  void add(std::string_view name, std::int32_t weight, std::int64_t points) { terms[count++] = {name, weight, points}; }
};

// Weights are the default scheduler's, term by term where it has the term.
Terms compute_terms(const Shape& shape, const NodeTable& nodes, Slot slot) {
  Terms out;
  const NodeSlot& node = nodes[slot];
  if (shape.charge.offline && node.oversold) {
    out.add("AdmissionRoom", 2, line_room(shape, nodes, slot));
  } else {
    const Native native = native_room(shape, nodes, slot);
    out.add("LeastAllocated", 1, (native.cpu + native.memory) / 2);
    out.add("BalancedAllocation", 1, kMostPoints - std::max(native.cpu - native.memory, native.memory - native.cpu) / 2);
  }
  out.add("NodeAffinity", 2, preferred_points(shape, node));
  out.add("TaintToleration", 3, taint_points(shape, node));
  return out;
}

}   // namespace

std::optional<Filter> first_refusal(const Shape& shape, const NodeTable& nodes, Slot slot, bool policy_in_force) {
  const NodeSlot& node = nodes[slot];
  EBB_DCHECK(node.present);
  if (node.node.unschedulable && !tolerated(shape.tolerations, kUnschedulable)) return Filter::node_unschedulable;
  if (!node.taints.empty() && model::untolerated_taint(node.taints, shape.tolerations) != nullptr) return Filter::taints;
  if (!affinity_matches(shape, node)) return Filter::node_affinity;
  if (!ports_free(shape, node)) return Filter::node_ports;
  if (pool_refusal(shape.resolved, policy_in_force, node.node.labels, node.policy)) return Filter::pool;
  if (!resources_fit(shape, nodes, slot)) return Filter::resources;
  if (policy_in_force && shape.charge.offline && node.policy.max_offline_pods && node.offline_pods >= *node.policy.max_offline_pods) {
    return Filter::offline_count;
  }
  if (!under_admission_line(shape, node)) return Filter::admission_line;
  return std::nullopt;
}

std::vector<std::string> reasons(const Shape& shape, const NodeTable& nodes, Slot slot, Filter refused_by, bool policy_in_force) {
  const NodeSlot& node = nodes[slot];
  switch (refused_by) {
    case Filter::node_unschedulable: return {"node(s) were unschedulable"};
    case Filter::taints: {
      const model::Taint* taint = model::untolerated_taint(node.taints, shape.tolerations);
      EBB_CHECK(taint != nullptr);
      return {fmt::format("node(s) had untolerated taint {{{}: {}}}", taint->key, taint->value)};
    }
    case Filter::node_affinity: return {"node(s) didn't match Pod's node affinity/selector"};
    case Filter::node_ports: return {"node(s) didn't have free ports for the requested pod ports"};
    case Filter::resources: return resource_reasons(shape, nodes, slot);
    case Filter::pool: {
      const auto refusal = pool_refusal(shape.resolved, policy_in_force, node.node.labels, node.policy);
      EBB_CHECK(refusal.has_value());
      return {pool_reason(*refusal)};
    }
    case Filter::offline_count: return {"node(s) already run maxOfflinePods offline pods"};
    case Filter::admission_line: return admission_reasons(shape, node);
  }
  EBB_UNREACHABLE();
}

Refusals count_refusals(const Shape& shape, const NodeTable& nodes, bool policy_in_force) {
  Refusals refusals;
  refusals.nodes = static_cast<std::int32_t>(nodes.present());
  for (const auto& [name, slot] : nodes.by_name()) {
    if (!nodes[slot].present) continue;
    const auto refused_by = first_refusal(shape, nodes, slot, policy_in_force);
    if (!refused_by) {
      ++refusals.fitting;
      continue;
    }
    for (std::string& reason : reasons(shape, nodes, slot, *refused_by, policy_in_force)) {
      refusals.count(*refused_by, std::move(reason), name);
    }
  }
  return refusals;
}

std::vector<ScoreTerm> score_terms(const Shape& shape, const NodeTable& nodes, Slot slot) {
  const Terms terms = compute_terms(shape, nodes, slot);
  return {terms.terms.begin(), terms.terms.begin() + static_cast<std::ptrdiff_t>(terms.count)};
}

std::int64_t total(const std::vector<ScoreTerm>& terms) {
  std::int64_t sum = 0;
  for (const ScoreTerm& term : terms) sum += term.weight * term.points;
  return sum;
}

std::int64_t score(const Shape& shape, const NodeTable& nodes, Slot slot) {
  const Terms terms = compute_terms(shape, nodes, slot);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < terms.count; ++i) sum += terms.terms[i].weight * terms.terms[i].points;
  return sum;
}

}   // namespace ebb::core::placement
