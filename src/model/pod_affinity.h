#pragma once

// What a pod says about the company of other pods: affinity, anti-affinity and spreading over the
// domains that a node label makes.

#include "model/label_selector.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::model {

// Pods of certain namespaces that match a selector, counted per value of the topology key. The API
// server has merged matchLabelKeys and mismatchLabelKeys into the selector.
struct PodAffinityTerm {
  std::optional<LabelSelector> selector;             // none: matches no pod
  std::vector<std::string> namespaces;               // with namespace_selector: either is enough
  std::optional<LabelSelector> namespace_selector;   // neither this nor namespaces: the pod's own namespace; empty: every one
  std::string topology_key;

  friend bool operator==(const PodAffinityTerm&, const PodAffinityTerm&) = default;
};

struct WeightedPodAffinityTerm {
  std::int32_t weight = 1;   // 1..100
  PodAffinityTerm term;

  friend bool operator==(const WeightedPodAffinityTerm&, const WeightedPodAffinityTerm&) = default;
};

struct TopologySpreadConstraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  bool required = true;                    // whenUnsatisfiable: DoNotSchedule
  std::optional<LabelSelector> selector;   // none: matches no pod
  std::vector<std::string> match_label_keys;
  std::optional<std::int32_t> min_domains;   // required ones only
  bool honor_node_affinity = true;           // nodeAffinityPolicy
  bool honor_node_taints = false;            // nodeTaintsPolicy

  friend bool operator==(const TopologySpreadConstraint&, const TopologySpreadConstraint&) = default;
};

}   // namespace ebb::model
