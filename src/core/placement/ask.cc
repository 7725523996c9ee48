#include "core/placement/ask.h"

#include "core/placement/node_check.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace ebb::core::placement {
namespace {

using model::Plugin;

// What of a shape says which nodes a spread constraint looks at, kept for as long as it is asked.
struct Eligible {
  Shape shape;   // selector, affinity and tolerations only
  const ClusterState* state;
};

Shape without_amounts(const Shape& shape) {
  Shape part;
  part.rules = shape.rules;
  part.node_selector = shape.node_selector;
  part.required_terms = shape.required_terms;
  part.has_required_affinity = shape.has_required_affinity;
  return part;
}

affinity::NodePredicate by_node_affinity(const Shape& shape, const ClusterState& state) {
  const bool added = state.rules[shape.rules].profile.node_affinity.has_required;
  if (shape.node_selector.empty() && !shape.has_required_affinity && !added) return {};
  auto eligible = std::make_shared<const Eligible>(Eligible{without_amounts(shape), &state});
  std::string text = key_of(eligible->shape);
  return {std::move(text), [eligible](Slot slot) {
            return node_affinity_matches(eligible->shape, eligible->state->rules[eligible->shape.rules], eligible->state->nodes[slot]);
          }};
}

affinity::NodePredicate by_taints(const Shape& shape, const ClusterState& state) {
  Shape part;
  part.tolerations = shape.tolerations;
  auto eligible = std::make_shared<const Eligible>(Eligible{std::move(part), &state});
  std::string text = key_of(eligible->shape);
  return {std::move(text), [eligible](Slot slot) {
            return model::untolerated_taint(eligible->state->nodes[slot].taints, eligible->shape.tolerations) == nullptr;
          }};
}

bool spreads(const affinity::RequirementSpec& spec) {
  return !spec.spread_constraints.empty() || (!spec.default_constraints.empty() && !spec.default_selectors.empty());
}

}   // namespace

affinity::RequirementSpec requirement_of(const model::Pod& pod, const Shape& shape,
                                         const std::optional<model::LabelSelector>& default_selector, const ClusterState& state) {
  const model::SchedulerProfile& profile = state.rules[shape.rules].profile;
  affinity::RequirementSpec spec = affinity::requirement_of(pod);
  spec.hard_pod_affinity_weight = profile.inter_pod_affinity.hard_pod_affinity_weight;
  spec.ignore_preferred_terms_of_existing_pods = profile.inter_pod_affinity.ignore_preferred_terms_of_existing_pods;
  if (default_selector) {
    spec.default_constraints = profile.pod_topology_spread.default_constraints;
    spec.default_selectors = {*default_selector};
    spec.system_defaulted = profile.pod_topology_spread.system_defaults;
  }
  // What the profile has switched off is not asked.
  if (!profile.filters(Plugin::inter_pod_affinity)) {
    spec.required_affinity.clear();
    spec.required_anti_affinity.clear();
  }
  if (!profile.filters(Plugin::pod_topology_spread)) {
    std::erase_if(spec.spread_constraints, &model::TopologySpreadConstraint::required);
    std::erase_if(spec.default_constraints, &model::TopologySpreadConstraint::required);
  }
  if (spreads(spec)) {
    spec.matches_node_affinity = by_node_affinity(shape, state);
    spec.tolerates_node = by_taints(shape, state);
  }
  return spec;
}

volumes::VolumePlugins volume_plugins(const model::SchedulerProfile& profile) {
  volumes::VolumePlugins plugins = 0;
  const auto add = [&](Plugin plugin, volumes::VolumePlugin which) {
    if (profile.filters(plugin)) plugins = static_cast<volumes::VolumePlugins>(plugins | volumes::bit(which));
  };
  add(Plugin::volume_restrictions, volumes::VolumePlugin::restrictions);
  add(Plugin::node_volume_limits, volumes::VolumePlugin::node_limits);
  add(Plugin::volume_binding, volumes::VolumePlugin::binding);
  add(Plugin::volume_zone, volumes::VolumePlugin::zone);
  return plugins;
}

}   // namespace ebb::core::placement
