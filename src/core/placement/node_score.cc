#include "core/placement/node_score.h"

#include "core/placement/device_check.h"
#include "core/placement/node_check.h"
#include "core/placement/numa_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace ebb::core::placement {
namespace {

using model::Plugin;

// part of whole that is left, in points; nothing is left of nothing.
std::int64_t room(std::int64_t whole, std::int64_t left) {
  return whole <= 0 ? 0 : std::clamp<std::int64_t>(left * kMostPoints / whole, 0, kMostPoints);
}

std::int64_t line_room(const ClusterState& state, const Shape& shape, Slot slot) {
  const NodeSlot& node = state.nodes[slot];
  const model::Use wanted = node.line_requested + shape.charge.line;
  return (room(state.nodes.allocatable(kCpu, slot), (node.oversold->cpu - wanted.cpu).v) +
          room(state.nodes.allocatable(kMemory, slot), (node.oversold->memory - wanted.memory).v)) /
         2;
}

// A value on the piecewise linear curve, with the integer steps of kube-scheduler's helper.
std::int64_t on_curve(const std::vector<model::ShapePoint>& curve, std::int64_t utilization) {
  if (curve.empty()) return 0;
  const auto scaled = [](std::int32_t score) { return std::int64_t{score} * (kMostPoints / 10); };
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (utilization > curve[i].utilization) continue;
    if (i == 0) return scaled(curve[0].score);
    const std::int64_t rise = scaled(curve[i].score) - scaled(curve[i - 1].score);
    const std::int64_t run = curve[i].utilization - curve[i - 1].utilization;
    return scaled(curve[i - 1].score) + rise * (utilization - curve[i - 1].utilization) / run;
  }
  return scaled(curve.back().score);
}

std::int64_t used_points(const model::NodeResourcesFitArgs& args, std::int64_t requested, std::int64_t whole) {
  switch (args.strategy) {
    case model::ScoringStrategy::least_allocated: return requested > whole ? 0 : (whole - requested) * kMostPoints / whole;
    case model::ScoringStrategy::most_allocated: return std::min(requested, whole) * kMostPoints / whole;
    case model::ScoringStrategy::requested_to_capacity_ratio:
      return on_curve(args.shape, requested > whole ? 100 : requested * 100 / whole);
  }
  return 0;
}

// What a score sees of a resource on a node: cpu and memory as if a pod that asks nothing used something.
std::int64_t seen_request(const ClusterState& state, ResourceId id, Slot slot) {
  if (id == kCpu) return state.nodes[slot].scored.cpu.v;
  if (id == kMemory) return state.nodes[slot].scored.memory.v;
  return state.nodes.requested(id, slot);
}
std::int64_t seen_request(const Shape& shape, ResourceId id) {
  if (id == kCpu) return shape.charge.scored.cpu.v;
  if (id == kMemory) return shape.charge.scored.memory.v;
  return amount_of(shape.charge.requests, id);
}

std::int64_t fit_points(const ClusterState& state, const Shape& shape, const Rules& rules, Slot slot) {
  const bool ratio = rules.profile.node_resources_fit.strategy == model::ScoringStrategy::requested_to_capacity_ratio;
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const ScoredResource& resource : rules.fit) {
    const std::int64_t wanted = seen_request(shape, resource.id);
    const std::int64_t whole = state.nodes.allocatable(resource.id, slot);
    if (whole == 0 || (resource.extended && wanted == 0)) continue;
    const std::int64_t points = used_points(rules.profile.node_resources_fit, seen_request(state, resource.id, slot) + wanted, whole);
    // The curve's scorer leaves out what scores nothing.
    if (ratio && points <= 0) continue;
    sum += points * resource.weight;
    weights += resource.weight;
  }
  if (weights == 0) return 0;
  return ratio ? static_cast<std::int64_t>(std::round(static_cast<double>(sum) / static_cast<double>(weights))) : sum / weights;
}

// How unequal the used shares are. Doubles in the order of kube-scheduler's own, so that equal nodes are equal there and here.
std::int64_t balance(const std::array<double, 16>& shares, std::size_t count) {
  double deviation = 0;
  if (count == 2) {
    deviation = std::fabs((shares[0] - shares[1]) / 2);
  } else if (count > 2) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += shares[i];
    const double mean = sum / static_cast<double>(count);
    double squares = 0;
    for (std::size_t i = 0; i < count; ++i) squares = squares + (shares[i] - mean) * (shares[i] - mean);
    deviation = std::sqrt(squares / static_cast<double>(count));
  }
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kMostPoints));
}

std::int64_t balanced_points(const ClusterState& state, const Shape& shape, const Rules& rules, Slot slot) {
  std::array<double, 16> before{};
  std::array<double, 16> after{};
  std::size_t count = 0;
  bool asks = false;
  for (const ScoredResource& resource : rules.balanced) {
    const std::int64_t wanted = amount_of(shape.charge.requests, resource.id);
    asks = asks || wanted != 0;
    const std::int64_t whole = state.nodes.allocatable(resource.id, slot);
    if (whole == 0 || (resource.extended && wanted == 0) || count == before.size()) continue;
    const std::int64_t requested = state.nodes.requested(resource.id, slot);
    before[count] = std::min(static_cast<double>(requested) / static_cast<double>(whole), 1.0);
    after[count] = std::min(static_cast<double>(requested + wanted) / static_cast<double>(whole), 1.0);
    ++count;
  }
  if (!asks) return 0;
  return kMostPoints / 2 + (kMostPoints / 2 + balance(after, count) - balance(before, count)) / 2;
}

std::int32_t preferred_weight(const Shape& shape, const Rules& rules, const NodeSlot& node) {
  std::int32_t sum = 0;
  for (const auto* terms : {&shape.preferred_terms, &rules.profile.node_affinity.preferred}) {
    for (const model::PreferredNodeTerm& preferred : *terms) {
      if (term_matches(preferred.term, node)) sum += preferred.weight;
    }
  }
  return sum;
}

std::int32_t disliked_taints(const Shape& shape, const NodeSlot& node) {
  std::int32_t count = 0;
  for (const model::Taint& taint : node.taints) {
    if (taint.effect != model::TaintEffect::prefer_no_schedule) continue;
    const bool tolerated =
        std::ranges::any_of(shape.tolerations, [&](const model::Toleration& toleration) { return model::tolerates(toleration, taint); });
    if (!tolerated) ++count;
  }
  return count;
}

// The node's own terms. Offline work goes where most room is left under the admission line. Gives what
// remains of a point.
template <class Add>
std::int32_t own_terms(const ClusterState& state, const Shape& shape, Slot slot, Add add) {
  const Rules& rules = state.rules[shape.rules];
  const NodeSlot& node = state.nodes[slot];
  if (shape.charge.offline && node.oversold) {
    add("AdmissionRoom", 2, line_room(state, shape, slot));
  } else if (!packed_by_devices(state, shape)) {
    if (const auto weight = rules.weight(Plugin::node_resources_fit))
      add("NodeResourcesFit", weight, fit_points(state, shape, rules, slot));
    if (const auto weight = rules.weight(Plugin::balanced_allocation)) {
      add("NodeResourcesBalancedAllocation", weight, balanced_points(state, shape, rules, slot));
    }
  }
  if (const auto weight = rules.weight(Plugin::image_locality)) {
    add("ImageLocality", weight, state.nodes.images().points(node.images, shape.images, state.nodes.present()));
  }
  if (const auto weight = shape.numa ? rules.weight(Plugin::numa) : 0) {
    if (const auto points = numa_points(state, shape, slot)) add("Numa", weight, *points);
  }
  const auto devices = state.devices.any() ? device_points(state, shape, slot) : std::nullopt;
  if (!devices) return 0;
  add("Accelerators", rules.weight(Plugin::accelerators), devices->points);
  return devices->fraction;
}

std::int64_t disliked_points(const NodeValue& value, const Maxima& maxima) {
  return maxima.disliked == 0 ? kMostPoints : kMostPoints - kMostPoints * value.disliked / maxima.disliked;
}
std::int64_t preferred_points(const NodeValue& value, const Maxima& maxima) {
  return maxima.preferred == 0 ? 0 : kMostPoints * value.preferred / maxima.preferred;
}

}   // namespace

NodeValue value_of(const ClusterState& state, const Shape& shape, Slot slot) {
  NodeValue value;
  std::int64_t own = 0;
  value.fraction =
      own_terms(state, shape, slot, [&](std::string_view, std::int32_t weight, std::int64_t points) { own += weight * points; });
  value.own = static_cast<std::int32_t>(own);
  const NodeSlot& node = state.nodes[slot];
  if (!node.taints.empty()) value.disliked = disliked_taints(shape, node);
  value.preferred = preferred_weight(shape, state.rules[shape.rules], node);
  return value;
}

std::int64_t compared(const Rules& rules, const NodeValue& value, const Maxima& maxima) {
  return rules.weight(Plugin::taint_toleration) * disliked_points(value, maxima) +
         rules.weight(Plugin::node_affinity) * preferred_points(value, maxima);
}

std::vector<ScoreTerm> score_terms(const ClusterState& state, const Shape& shape, Slot slot, const Maxima& maxima, std::int64_t inter_pod,
                                   std::int64_t spread) {
  std::vector<ScoreTerm> terms;
  const auto add = [&](std::string_view name, std::int32_t weight, std::int64_t points) {
    if (weight != 0) terms.push_back({name, weight, points});
  };
  own_terms(state, shape, slot, add);
  const Rules& rules = state.rules[shape.rules];
  const NodeValue value = value_of(state, shape, slot);
  add("TaintToleration", rules.weight(Plugin::taint_toleration), disliked_points(value, maxima));
  add("NodeAffinity", rules.weight(Plugin::node_affinity), preferred_points(value, maxima));
  add("PodTopologySpread", rules.weight(Plugin::pod_topology_spread), spread);
  add("InterPodAffinity", rules.weight(Plugin::inter_pod_affinity), inter_pod);
  return terms;
}

std::int64_t total(std::span<const ScoreTerm> terms) {
  std::int64_t sum = 0;
  for (const ScoreTerm& term : terms) sum += term.weight * term.points;
  return sum;
}

}   // namespace ebb::core::placement
