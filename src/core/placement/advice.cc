#include "core/placement/advice.h"

#include "base/check.h"
#include "core/placement/device_check.h"
#include "core/placement/node_check.h"
#include "model/quantity.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace ebb::core::placement {
namespace {

std::string amount_text(ResourceId id, std::int64_t amount) {
  if (id == kCpu || id == kOversoldCpu) return model::to_quantity_text(MilliCpu{amount});
  if (id == kMemory || id == kOversoldMemory || id == kEphemeralStorage) return model::to_quantity_text(Bytes{amount});
  return fmt::format("{}", amount);
}

// How much is missing there, in thousandths of what the pod asks: resources compare only so.
std::int64_t shortfall(const Shape& shape, const NodeTable& nodes, Slot slot) {
  std::int64_t sum = 0;
  for (const auto& [id, amount] : shape.charge.requests) {
    const std::int64_t missing = amount - nodes.free(id, slot);
    if (missing > 0) sum += static_cast<std::int64_t>(static_cast<double>(missing) * 1000.0 / static_cast<double>(amount));
  }
  return sum;
}

std::string resources_advice(const Shape& shape, const NodeTable& nodes, Slot slot) {
  std::vector<std::string> parts;
  for (const auto& [id, amount] : shape.charge.requests) {
    const std::int64_t free = nodes.free(id, slot);
    if (amount <= free) continue;
    parts.push_back(fmt::format("{} more {} (it asks {}, {} of {} is free)", amount_text(id, amount - free), nodes.ids().name(id),
                                amount_text(id, amount), amount_text(id, free), amount_text(id, nodes.allocatable(id, slot))));
  }
  return fmt::format("{} on node {}", fmt::join(parts, " and "), nodes[slot].name.v);
}

std::string line_advice(const Shape& shape, const NodeSlot& node) {
  const model::Use wanted = node.line_requested + shape.charge.line;
  std::vector<std::string> parts;
  if (wanted.cpu > node.oversold->cpu) {
    parts.push_back(fmt::format("{} less cpu in use by online work or asked by offline pods (offline pods would ask {}, {} may be given)",
                                model::to_quantity_text(wanted.cpu - node.oversold->cpu), model::to_quantity_text(wanted.cpu),
                                model::to_quantity_text(node.oversold->cpu)));
  }
  if (wanted.memory > node.oversold->memory) {
    parts.push_back(
        fmt::format("{} less memory in use by online work or asked by offline pods (offline pods would ask {}, {} may be given)",
                    model::to_quantity_text(wanted.memory - node.oversold->memory), model::to_quantity_text(wanted.memory),
                    model::to_quantity_text(node.oversold->memory)));
  }
  return fmt::format("{} on node {}", fmt::join(parts, " and "), node.name.v);
}

std::string_view volumes_wanted(const ClusterState& state, const Ask& ask, Slot slot) {
  const std::string_view plugin = volume_plugin(state, ask, slot);
  if (plugin == "VolumeRestrictions") return "the pod gone that uses its volume on";
  if (plugin == "NodeVolumeLimits") return "fewer volumes, or a driver that attaches more, on";
  if (plugin == "VolumeZone") return "a volume in the zone of";
  return "volumes that can be reached, or made, from";
}

std::string advice(const ClusterState& state, const Shape& shape, const Ask& ask, Slot slot, Filter refused_by) {
  const NodeTable& nodes = state.nodes;
  const NodeSlot& node = nodes[slot];
  switch (refused_by) {
    case Filter::node_unschedulable: return fmt::format("node {} uncordoned", node.name.v);
    case Filter::taints: {
      const model::Taint* taint = model::untolerated_taint(node.taints, shape.tolerations);
      return fmt::format("a toleration of taint {}={}, or node {} without it", taint->key, taint->value, node.name.v);
    }
    case Filter::node_affinity:
      return fmt::format("labels on a node (e.g. {}) that the pod's node selector and affinity ask for", node.name.v);
    case Filter::node_ports: return fmt::format("the host ports of the pod free on node {}", node.name.v);
    case Filter::resources: return resources_advice(shape, nodes, slot);
    case Filter::pool:
      return fmt::format(
          "a node of the {} pool: colocation switched on for node {} in node-colocation-config, or its label workload.type changed",
          model::to_string(shape.resolved.pool), node.name.v);
    case Filter::offline_count:
      return fmt::format("an offline pod leaving node {}, or maxOfflinePods there above {}", node.name.v, *node.policy.max_offline_pods);
    case Filter::admission_line: return line_advice(shape, node);
    case Filter::volumes:
      if (const auto* whole = state.volumes.pod_refusal(*ask.volumes))
        return fmt::format("what its claims lack on any node: {}", whole->text);
      return fmt::format("{} node {}: {}", volumes_wanted(state, ask, slot), node.name.v,
                         fmt::join(reasons(state, shape, ask, slot, refused_by), ", "));
    case Filter::topology_spread:
      return fmt::format("fewer of the pods that it is spread from in the domain of node {}, or more of them elsewhere", node.name.v);
    case Filter::inter_pod_affinity:
      return fmt::format("other pods beside it: {}", fmt::join(reasons(state, shape, ask, slot, refused_by), ", "));
    case Filter::numa: return fmt::format("cores and memory free in fewer NUMA nodes of node {}", node.name.v);
    case Filter::accelerators: return devices_advice(state, shape, slot);
    case Filter::recent_eviction:
      return fmt::format("time: node {} has just evicted a pod of this workload and is offered to it again in a few minutes", node.name.v);
  }
  return "";
}

}   // namespace

std::string_view volume_plugin(const ClusterState& state, const Ask& ask, Slot slot) {
  if (const auto* whole = state.volumes.pod_refusal(*ask.volumes)) return volumes::to_string(whole->plugin);
  const auto refusal = state.volumes.refusal(*ask.volumes, slot, state.nodes[slot].node);
  EBB_CHECK(refusal.has_value());
  return volumes::to_string(refusal->plugin);
}

std::vector<std::string> what_would_help(const ClusterState& state, const Shape& shape, const Ask& ask) {
  const NodeTable& nodes = state.nodes;
  std::array<std::optional<Slot>, kFilterCount> nearest;
  for (const auto& [name, slot] : nodes.by_name()) {
    if (!nodes[slot].present) continue;
    const auto refused_by = first_refusal(state, shape, ask, slot);
    if (!refused_by) continue;
    auto& best = nearest[static_cast<std::size_t>(*refused_by)];
    const bool nearer = !best || (*refused_by == Filter::resources && shortfall(shape, nodes, slot) < shortfall(shape, nodes, *best));
    if (nearer) best = slot;
  }
  std::vector<std::string> list;
  if (nodes.present() == 0) list.emplace_back("a node: there is none");
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    if (nearest[i]) list.push_back(advice(state, shape, ask, *nearest[i], static_cast<Filter>(i)));
  }
  return list;
}

}   // namespace ebb::core::placement
