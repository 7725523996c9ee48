#include "core/affinity/requirement_spec.h"

namespace ebb::core::affinity {

RequirementSpec requirement_of(const model::Pod& pod) {
  RequirementSpec spec;
  spec.ns = pod.key.ns;
  spec.labels = pod.labels;
  spec.required_affinity = pod.required_affinity;
  spec.required_anti_affinity = pod.required_anti_affinity;
  spec.preferred_affinity = pod.preferred_affinity;
  spec.preferred_anti_affinity = pod.preferred_anti_affinity;
  spec.spread_constraints = pod.spread_constraints;
  return spec;
}

std::vector<model::TopologySpreadConstraint> system_default_constraints() {
  const auto loosely = [](std::string key, std::int32_t max_skew) {
    model::TopologySpreadConstraint constraint;
    constraint.topology_key = std::move(key);
    constraint.max_skew = max_skew;
    constraint.required = false;
    return constraint;
  };
  return {loosely("kubernetes.io/hostname", 3), loosely("topology.kubernetes.io/zone", 5)};
}

}   // namespace ebb::core::affinity
