#include "core/placement/selection.h"

#include "core/placement/node_check.h"

#include <algorithm>
#include <functional>

namespace ebb::core::placement {
namespace {

bool constrains(const ClusterState& state, const Ask& ask) { return ask.company && state.company.constrains(*ask.company); }
bool scores(const ClusterState& state, const Ask& ask) { return ask.company && state.company.scores(*ask.company); }

}   // namespace

std::optional<Slot> Selection::best(const ClusterState& state, ShapeTable& shapes, const Ask& ask) {
  const Shape& shape = shapes[ask.shape].shape;
  if (ask.volumes && state.volumes.pod_refusal(*ask.volumes) != nullptr) return std::nullopt;
  if (shape.pinned) return best_pinned(state, shape, ask);
  Ranking& ranking = shapes.ranking(ask.shape, state.nodes);
  ranking.catch_up(state.nodes, [&](Slot slot) -> std::optional<NodeValue> {
    if (!state.nodes[slot].present || own_refusal(state, shape, slot)) return std::nullopt;
    return value_of(state, shape, slot);
  });
  const bool constrained = constrains(state, ask);
  if (!constrained && !ask.volumes && ranking.uniform() && !scores(state, ask)) return ranking.best(state.nodes);

  const std::span<const NodeValue> values = ranking.values();
  fits_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) fits_[i] = values[i].own != Ranking::kRefused ? 1 : 0;
  if (constrained) state.company.refuse(*ask.company, fits_);
  feasible_.clear();
  values_.clear();
  for (Slot slot = 0; slot < values.size(); ++slot) {
    if (fits_[slot] == 0) continue;
    if (ask.volumes && state.volumes.refusal(*ask.volumes, slot, state.nodes[slot].node)) continue;
    feasible_.push_back(slot);
    values_.push_back(values[slot]);
  }
  if (feasible_.empty()) return std::nullopt;
  score_feasible(state, state.rules[shape.rules], ask);
  std::size_t winner = 0;
  for (std::size_t i = 1; i < feasible_.size(); ++i) {
    if (totals_[i] < totals_[winner]) continue;
    const bool tie = totals_[i] == totals_[winner] && values_[i].fraction == values_[winner].fraction;
    const bool better = totals_[i] > totals_[winner] || values_[i].fraction > values_[winner].fraction;
    if (tie ? state.nodes[feasible_[i]].name < state.nodes[feasible_[winner]].name : better) winner = i;
  }
  return feasible_[winner];
}

// A pod that names its nodes is not worth a ranking: a DaemonSet has one such pod for each node.
std::optional<Slot> Selection::best_pinned(const ClusterState& state, const Shape& shape, const Ask& ask) {
  if (shape.pinned->size() == 1) {
    const auto slot = state.nodes.find(shape.pinned->front());
    return slot && state.nodes[*slot].present && !first_refusal(state, shape, ask, *slot) ? slot : std::nullopt;
  }
  const Table table = all(state, shape, ask);
  return table.nodes.empty() ? std::nullopt : std::optional(table.nodes.front().slot);
}

Selection::Table Selection::all(const ClusterState& state, const Shape& shape, const Ask& ask) {
  feasible_.clear();
  values_.clear();
  for (const auto& [name, slot] : state.nodes.by_name()) {
    if (!state.nodes[slot].present || first_refusal(state, shape, ask, slot)) continue;
    feasible_.push_back(slot);
    values_.push_back(value_of(state, shape, slot));
  }
  score_feasible(state, state.rules[shape.rules], ask);
  Table table{.nodes = {}, .maxima = maxima_};
  for (std::size_t i = 0; i < feasible_.size(); ++i)
    table.nodes.push_back({feasible_[i], totals_[i], inter_pod_[i], spread_[i], values_[i].fraction});
  std::ranges::stable_sort(table.nodes, std::greater<>{}, [](const Scored& node) { return std::pair(node.total, node.fraction); });
  return table;
}

void Selection::score_feasible(const ClusterState& state, const Rules& rules, const Ask& ask) {
  const std::size_t count = feasible_.size();
  maxima_ = {};
  for (const NodeValue& value : values_) {
    maxima_.disliked = std::max(maxima_.disliked, value.disliked);
    maxima_.preferred = std::max(maxima_.preferred, value.preferred);
  }
  inter_pod_.assign(count, 0);
  spread_.assign(count, 0);
  totals_.resize(count);
  if (scores(state, ask)) state.company.score(*ask.company, feasible_, inter_pod_, spread_);
  const std::int64_t volumes_weight = ask.volumes ? rules.weight(model::Plugin::volume_binding) : 0;
  const auto volume_points = [&](std::size_t i) -> std::int64_t {
    if (volumes_weight == 0) return 0;
    const Slot slot = feasible_[i];
    return volumes_weight * state.volumes.score(*ask.volumes, slot, state.nodes[slot].node, rules.profile.volume_binding.shape);
  };
  const std::int64_t inter_pod_weight = rules.weight(model::Plugin::inter_pod_affinity);
  const std::int64_t spread_weight = rules.weight(model::Plugin::pod_topology_spread);
  for (std::size_t i = 0; i < count; ++i) {
    totals_[i] = values_[i].own + volume_points(i) + compared(rules, values_[i], maxima_) + inter_pod_weight * inter_pod_[i] +
                 spread_weight * spread_[i];
  }
}

}   // namespace ebb::core::placement
