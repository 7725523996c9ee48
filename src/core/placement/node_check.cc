#include "core/placement/node_check.h"

#include "base/check.h"
#include "core/colocation/pool.h"
#include "core/placement/device_check.h"
#include "core/placement/numa_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::core::placement {
namespace {

const model::Taint kUnschedulable{"node.kubernetes.io/unschedulable", "", model::TaintEffect::no_schedule};

bool tolerated(const std::vector<model::Toleration>& tolerations, const model::Taint& taint) {
  return std::ranges::any_of(tolerations, [&](const model::Toleration& toleration) { return model::tolerates(toleration, taint); });
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
bool is_short(const ClusterState& state, const Rules& rules, const ResourceAmount& request, Slot slot) {
  return request.amount > state.nodes.free(request.id, slot) && !is_ignored(rules, state.ids, request.id);
}

bool under_admission_line(const Shape& shape, const NodeSlot& node) {
  if (!shape.charge.offline || !node.oversold) return true;
  return node.line_requested.cpu + shape.charge.line.cpu <= node.oversold->cpu &&
         node.line_requested.memory + shape.charge.line.memory <= node.oversold->memory;
}

std::vector<std::string> resource_reasons(const ClusterState& state, const Shape& shape, Slot slot) {
  std::vector<std::string> list;
  for (const ResourceAmount& request : shape.charge.requests) {
    if (!is_short(state, state.rules[shape.rules], request, slot)) continue;
    list.push_back(request.id == kPods ? std::string("Too many pods") : fmt::format("Insufficient {}", state.ids.name(request.id)));
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

affinity::CompanyRefusal company_refusal(const ClusterState& state, const Ask& ask, Slot slot) {
  return ask.company ? state.company.refusal(*ask.company, slot) : affinity::CompanyRefusal::none;
}

bool is_spread(affinity::CompanyRefusal refusal) {
  return refusal == affinity::CompanyRefusal::spread_label_missing || refusal == affinity::CompanyRefusal::spread_skew;
}

bool refuses(const ClusterState& state, const Shape& shape, Slot slot, Filter filter) {
  const NodeSlot& node = state.nodes[slot];
  const Rules& rules = state.rules[shape.rules];
  switch (filter) {
    case Filter::node_unschedulable: return node.node.unschedulable && !tolerated(shape.tolerations, kUnschedulable);
    case Filter::taints: return !node.taints.empty() && model::untolerated_taint(node.taints, shape.tolerations) != nullptr;
    case Filter::node_affinity: return !node_affinity_matches(shape, rules, node);
    case Filter::node_ports: return !ports_free(shape, node);
    case Filter::pool: return pool_refusal(shape.resolved, state.policy_in_force, node.node.labels, node.policy).has_value();
    case Filter::resources:
      return std::ranges::any_of(shape.charge.requests, [&](const ResourceAmount& one) { return is_short(state, rules, one, slot); });
    case Filter::offline_count:
      return state.policy_in_force && shape.charge.offline && node.policy.max_offline_pods &&
             node.offline_pods >= *node.policy.max_offline_pods;
    case Filter::admission_line: return !under_admission_line(shape, node);
    case Filter::recent_eviction: return std::ranges::binary_search(shape.avoided, node.name);
    case Filter::numa: return refused_by_numa(state, shape, slot);
    case Filter::accelerators: return shape.accelerators && refused_by_devices(state, shape, slot);
    case Filter::volumes:
    case Filter::topology_spread:
    case Filter::inter_pod_affinity: break;
  }
  EBB_UNREACHABLE();
}

bool is_own(Filter filter) {
  return filter != Filter::volumes && filter != Filter::topology_spread && filter != Filter::inter_pod_affinity;
}

}   // namespace

bool term_matches(const model::NodeSelectorTerm& term, const NodeSlot& node) {
  if (term.match_labels.empty() && term.match_fields.empty()) return false;
  if (!term.match_labels.matches(node.node.labels)) return false;
  return term.match_fields.empty() || term.match_fields.matches({{"metadata.name", node.name.v}});
}

bool node_affinity_matches(const Shape& shape, const Rules& rules, const NodeSlot& node) {
  const auto matches = [&](const model::NodeSelectorTerm& term) { return term_matches(term, node); };
  const model::NodeAffinityArgs& added = rules.profile.node_affinity;
  if (added.has_required && std::ranges::none_of(added.required, matches)) return false;
  for (const auto& [key, value] : shape.node_selector) {
    const auto found = node.node.labels.find(key);
    if (found == node.node.labels.end() || found->second != value) return false;
  }
  return !shape.has_required_affinity || std::ranges::any_of(shape.required_terms, matches);
}

std::optional<Filter> own_refusal(const ClusterState& state, const Shape& shape, Slot slot) {
  EBB_DCHECK(state.nodes[slot].present);
  for (const Filter filter : state.rules[shape.rules].filters) {
    if (is_own(filter) && refuses(state, shape, slot, filter)) return filter;
  }
  return std::nullopt;
}

std::optional<Filter> first_refusal(const ClusterState& state, const Shape& shape, const Ask& ask, Slot slot) {
  EBB_DCHECK(state.nodes[slot].present);
  const affinity::CompanyRefusal company = company_refusal(state, ask, slot);
  for (const Filter filter : state.rules[shape.rules].filters) {
    switch (filter) {
      case Filter::volumes:
        if (ask.volumes && (state.volumes.pod_refusal(*ask.volumes) != nullptr ||
                            state.volumes.refusal(*ask.volumes, slot, state.nodes[slot].node).has_value())) {
          return filter;
        }
        break;
      case Filter::topology_spread:
        if (is_spread(company)) return filter;
        break;
      case Filter::inter_pod_affinity:
        if (company != affinity::CompanyRefusal::none && !is_spread(company)) return filter;
        break;
      default:
        if (refuses(state, shape, slot, filter)) return filter;
    }
  }
  return std::nullopt;
}

std::vector<std::string> reasons(const ClusterState& state, const Shape& shape, const Ask& ask, Slot slot, Filter refused_by) {
  const NodeSlot& node = state.nodes[slot];
  switch (refused_by) {
    case Filter::node_unschedulable: return {"node(s) were unschedulable"};
    case Filter::taints: {
      const model::Taint* taint = model::untolerated_taint(node.taints, shape.tolerations);
      EBB_CHECK(taint != nullptr);
      return {fmt::format("node(s) had untolerated taint {{{}: {}}}", taint->key, taint->value)};
    }
    case Filter::node_affinity: return {"node(s) didn't match Pod's node affinity/selector"};
    case Filter::node_ports: return {"node(s) didn't have free ports for the requested pod ports"};
    case Filter::resources: return resource_reasons(state, shape, slot);
    case Filter::pool: {
      const auto refusal = pool_refusal(shape.resolved, state.policy_in_force, node.node.labels, node.policy);
      EBB_CHECK(refusal.has_value());
      return {pool_reason(*refusal)};
    }
    case Filter::volumes: {
      if (const auto* whole = state.volumes.pod_refusal(*ask.volumes)) return {whole->text};
      const auto refusal = state.volumes.refusal(*ask.volumes, slot, node.node);
      EBB_CHECK(refusal.has_value());
      return volumes::texts(*refusal);
    }
    case Filter::topology_spread:
    case Filter::inter_pod_affinity: return {std::string(affinity::text(company_refusal(state, ask, slot)))};
    case Filter::offline_count: return {"node(s) already run maxOfflinePods offline pods"};
    case Filter::admission_line: return admission_reasons(shape, node);
    case Filter::recent_eviction: return {"node(s) have just evicted a pod of this workload"};
    case Filter::numa: return {numa_refusal(state, shape, slot)};
    case Filter::accelerators: return {devices_refusal(state, shape, slot)};
  }
  EBB_UNREACHABLE();
}

bool lifted_by_leaving(const ClusterState& state, const Shape& shape, const Ask& ask, Slot slot, Filter refused_by) {
  switch (refused_by) {
    case Filter::node_ports:
    case Filter::offline_count: return true;
    case Filter::resources:
      // Nothing that leaves makes a node larger than it is.
      return std::ranges::all_of(shape.charge.requests, [&](const ResourceAmount& one) {
        return one.amount <= state.nodes.allocatable(one.id, slot) || is_ignored(state.rules[shape.rules], state.ids, one.id);
      });
    case Filter::volumes: {
      if (state.volumes.pod_refusal(*ask.volumes) != nullptr) return false;
      const auto refusal = state.volumes.refusal(*ask.volumes, slot, state.nodes[slot].node);
      return refusal && refusal->resolvable();
    }
    case Filter::topology_spread:
    case Filter::inter_pod_affinity: return affinity::resolvable_by_preemption(company_refusal(state, ask, slot));
    case Filter::admission_line: return true;
    case Filter::numa: return true;
    case Filter::accelerators: return devices_suffice(state, shape, slot);
    case Filter::node_unschedulable:
    case Filter::taints:
    case Filter::node_affinity:
    case Filter::pool:
    case Filter::recent_eviction: return false;
  }
  EBB_UNREACHABLE();
}

Refusals count_refusals(const ClusterState& state, const Shape& shape, const Ask& ask) {
  Refusals refusals;
  refusals.nodes = static_cast<std::int32_t>(state.nodes.present());
  for (const auto& [name, slot] : state.nodes.by_name()) {
    if (!state.nodes[slot].present) continue;
    const auto refused_by = first_refusal(state, shape, ask, slot);
    if (!refused_by) {
      ++refusals.fitting;
      continue;
    }
    for (std::string& reason : reasons(state, shape, ask, slot, *refused_by)) {
      refusals.count(*refused_by, std::move(reason), name);
    }
  }
  return refusals;
}

}   // namespace ebb::core::placement
