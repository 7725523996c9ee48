#pragma once

// The arguments of the plugins that take any, each with the defaults of the default scheduler.

#include "base/time.h"
#include "model/pod.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

struct ResourceWeight {
  std::string resource;
  std::int64_t weight = 1;   // 1..100

  friend bool operator==(const ResourceWeight&, const ResourceWeight&) = default;
};

// A point of a piecewise linear function from percent used to a score; flat beyond both ends.
struct ShapePoint {
  std::int32_t utilization = 0;   // 0..100, rising from point to point
  std::int32_t score = 0;         // 0..10

  friend bool operator==(const ShapePoint&, const ShapePoint&) = default;
};

// Holds for every pod of the profile, together with what the pod says itself.
struct NodeAffinityArgs {
  bool has_required = false;                  // true with no terms: matches no node
  std::vector<NodeSelectorTerm> required;     // any one must match
  std::vector<PreferredNodeTerm> preferred;   // without those of weight 0
  friend bool operator==(const NodeAffinityArgs&, const NodeAffinityArgs&) = default;
};

enum class ScoringStrategy { least_allocated, most_allocated, requested_to_capacity_ratio };

struct NodeResourcesFitArgs {
  std::vector<std::string> ignored_resources;         // not looked at by the filter, where they are extended ones
  std::vector<std::string> ignored_resource_groups;   // "example.com" for every "example.com/..."
  ScoringStrategy strategy = ScoringStrategy::least_allocated;
  std::vector<ResourceWeight> resources{{"cpu", 1}, {"memory", 1}};
  std::vector<ShapePoint> shape;   // of requested_to_capacity_ratio

  friend bool operator==(const NodeResourcesFitArgs&, const NodeResourcesFitArgs&) = default;
};

struct BalancedAllocationArgs {
  std::vector<std::string> resources{"cpu", "memory"};
  friend bool operator==(const BalancedAllocationArgs&, const BalancedAllocationArgs&) = default;
};

// What spreads the pods that say nothing about spreading themselves. The selectors are the pod's
// services' and owner's, so none are here.
struct PodTopologySpreadArgs {
  bool system_defaults = true;   // defaultingType System: then a node needs not have every key
  std::vector<TopologySpreadConstraint> default_constraints{{.max_skew = 3,
                                                             .topology_key = "kubernetes.io/hostname",
                                                             .required = false,
                                                             .selector = {},
                                                             .match_label_keys = {},
                                                             .min_domains = {}},
                                                            {.max_skew = 5,
                                                             .topology_key = "topology.kubernetes.io/zone",
                                                             .required = false,
                                                             .selector = {},
                                                             .match_label_keys = {},
                                                             .min_domains = {}}};

  friend bool operator==(const PodTopologySpreadArgs&, const PodTopologySpreadArgs&) = default;
};

struct InterPodAffinityArgs {
  std::int32_t hard_pod_affinity_weight = 1;              // 0..100: what a running pod's required affinity adds to a score
  bool ignore_preferred_terms_of_existing_pods = false;   // unless the pod to be placed has terms itself

  friend bool operator==(const InterPodAffinityArgs&, const InterPodAffinityArgs&) = default;
};

struct VolumeBindingArgs {
  Duration bind_timeout = seconds(600);
  std::vector<ShapePoint> shape{{0, 10}, {100, 0}};   // by the share of a storage capacity that would be used

  friend bool operator==(const VolumeBindingArgs&, const VolumeBindingArgs&) = default;
};

// By what a place on accelerators is judged: Ebb's own score, fragmentation gradient descent, or not at all.
enum class AcceleratorScoring { ebb, fgd, none };
inline constexpr std::array<std::string_view, 3> kAcceleratorScorings{"Ebb", "FGD", "none"};   // in the enum's order

struct AcceleratorsArgs {
  AcceleratorScoring scoring = AcceleratorScoring::ebb;

  friend bool operator==(const AcceleratorsArgs&, const AcceleratorsArgs&) = default;
};

// Kubernetes tries preemption on max(nodes * percentage / 100, absolute) nodes that might do.
struct DefaultPreemptionArgs {
  std::int32_t min_candidate_nodes_percentage = 10;   // 0..100
  std::int32_t min_candidate_nodes_absolute = 100;    // not both 0

  friend bool operator==(const DefaultPreemptionArgs&, const DefaultPreemptionArgs&) = default;
};

}   // namespace ebb::model
