#pragma once

// What the pods of one shape ask of the company they would have on a node: affinity, anti-affinity
// and spreading, with what the scheduler's configuration adds to it.

#include "model/label_selector.h"
#include "model/names.h"
#include "model/pod.h"
#include "model/pod_affinity.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ebb::core::affinity {

// The dense number under which the scheduler keeps a node.
using Slot = std::uint32_t;

// Which nodes a spread constraint looks at. The same text always means the same predicate: of those
// that share one, only the first is kept, so it must capture by value or outlive the index. It is
// asked again for a slot when the node in it is seen, and never about a slot without a node.
struct NodePredicate {
  std::string text;   // empty: every node
  std::function<bool(Slot)> holds;
};

struct RequirementSpec {
  std::string ns;
  model::Labels labels;

  std::vector<model::PodAffinityTerm> required_affinity;
  std::vector<model::PodAffinityTerm> required_anti_affinity;
  std::vector<model::WeightedPodAffinityTerm> preferred_affinity;
  std::vector<model::WeightedPodAffinityTerm> preferred_anti_affinity;
  std::int32_t hard_pod_affinity_weight = 1;   // what existing pods' required affinity is worth to this pod
  bool ignore_preferred_terms_of_existing_pods = false;

  std::vector<model::TopologySpreadConstraint> spread_constraints;

  // For a pod without spread constraints: those of the configuration, counting the pods that all of these
  // selectors match (of its services and its controller). Without any requirement in them nothing is spread.
  std::vector<model::TopologySpreadConstraint> default_constraints;
  std::vector<model::LabelSelector> default_selectors;
  bool system_defaulted = false;   // default_constraints are kube-scheduler's own: nodes need not have every label

  NodePredicate matches_node_affinity;   // node selector and required node affinity of the pod
  NodePredicate tolerates_node;          // no taint of NoSchedule or NoExecute that the pod does not tolerate
};

// Everything that stands in the pod itself; the rest is the caller's.
RequirementSpec requirement_of(const model::Pod& pod);

// kube-scheduler's defaultingType System: loosely over hosts, and over zones.
std::vector<model::TopologySpreadConstraint> system_default_constraints();

}   // namespace ebb::core::affinity
