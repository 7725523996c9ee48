#include "core/placement/node_check.h"
#include "core/placement/placement.h"

#include <map>
#include <utility>

namespace ebb::core::placement {

std::vector<NodeAnswer> Placement::answers(const model::ObjectKey& pod) const {
  std::vector<NodeAnswer> list;
  const auto index = pods_.find(pod);
  if (!index || !pods_[*index].ask) return list;
  const Ask& ask = *pods_[*index].ask;
  const Shape& shape = shape_of_ask(ask);
  std::map<Slot, std::vector<ScoreTerm>> terms;
  const Selection::Table table = Selection().all(state_, shape, ask);
  const std::int32_t volumes_weight = ask.volumes ? state_.rules[shape.rules].weight(model::Plugin::volume_binding) : 0;
  for (const Selection::Scored& scored : table.nodes) {
    std::vector<ScoreTerm>& of_node = terms[scored.slot];
    of_node = score_terms(state_, shape, scored.slot, table.maxima, scored.inter_pod, scored.spread);
    if (volumes_weight == 0) continue;
    const model::Node& node = nodes_[scored.slot].node;
    const auto& curve = state_.rules[shape.rules].profile.volume_binding.shape;
    of_node.push_back({"VolumeBinding", volumes_weight, state_.volumes.score(*ask.volumes, scored.slot, node, curve)});
  }
  for (const auto& [name, slot] : nodes_.by_name()) {
    if (!nodes_[slot].present) continue;
    NodeAnswer& answer = list.emplace_back();
    answer.node = name;
    answer.refused_by = first_refusal(state_, shape, ask, slot);
    if (answer.refused_by) {
      answer.reasons = reasons(state_, shape, ask, slot, *answer.refused_by);
    } else {
      answer.terms = std::move(terms[slot]);
    }
  }
  return list;
}

}   // namespace ebb::core::placement
