#pragma once

// A small cluster for tests: nodes in the order they are added, pods by what they say of their company,
// and answers that can be read at a glance.

#include "core/affinity/company_index.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ebb::core::affinity::testing {

inline constexpr const char* kHost = "kubernetes.io/hostname";

inline model::LabelSelector selecting(const std::string& text) { return model::parse_label_selector(text).value(); }

inline model::PodAffinityTerm term(const std::string& selector, const std::string& key) {
  model::PodAffinityTerm made;
  made.selector = selecting(selector);
  made.topology_key = key;
  return made;
}
inline model::PodAffinityTerm in_namespaces(model::PodAffinityTerm term, std::vector<std::string> names) {
  term.namespaces = std::move(names);
  return term;
}
inline model::PodAffinityTerm in_namespaces_with(model::PodAffinityTerm term, const std::string& selector) {
  term.namespace_selector = selecting(selector);
  return term;
}

inline model::Pod a_pod(model::Labels labels = {}, const std::string& ns = "default") {
  model::Pod pod;
  pod.key = {ns, "pod"};
  pod.labels = std::move(labels);
  return pod;
}

inline model::TopologySpreadConstraint required(std::int32_t max_skew, const std::string& key, const std::string& selector) {
  model::TopologySpreadConstraint constraint;
  constraint.max_skew = max_skew;
  constraint.topology_key = key;
  constraint.selector = selecting(selector);
  return constraint;
}
inline model::TopologySpreadConstraint preferred(std::int32_t max_skew, const std::string& key, const std::string& selector) {
  model::TopologySpreadConstraint constraint = required(max_skew, key, selector);
  constraint.required = false;
  return constraint;
}

class Cluster {
 public:
  CompanyIndex index;

  Slot node(const model::Labels& labels) {
    const Slot slot = nodes_++;
    relabel(slot, labels);
    return slot;
  }
  // With its own name as the host's.
  Slot host(const std::string& name, model::Labels labels = {}) {
    labels[kHost] = name;
    return node(labels);
  }
  void relabel(Slot slot, const model::Labels& labels) {
    model::Node made;
    made.labels = labels;
    index.node_seen(slot, made);
  }
  void place(Slot slot, const model::Pod& pod, int times = 1) {
    for (int i = 0; i < times; ++i) index.add_pod(slot, index.acquire_class(pod), false);
  }
  void place_terminating(Slot slot, const model::Pod& pod) { index.add_pod(slot, index.acquire_class(pod), true); }

  // A letter for each node: '.' it fits, 'l' a label is missing and 's' the skew would be too large (spreading),
  // 'A' affinity, 'a' anti-affinity, 'x' the anti-affinity of a pod that is there.
  std::string refusals(const RequirementSpec& spec) {
    const RequirementId id = index.acquire(spec);
    std::vector<std::uint8_t> fits(nodes_, 1);
    index.refuse(id, fits);
    std::string letters;
    bool any = false;
    for (Slot slot = 0; slot < nodes_; ++slot) {
      const CompanyRefusal refusal = index.refusal(id, slot);
      letters += ".lsAax"[static_cast<std::size_t>(refusal)];
      EXPECT_EQ(fits[slot] != 0, refusal == CompanyRefusal::none) << "node " << slot;
      any = any || refusal != CompanyRefusal::none;
    }
    EXPECT_TRUE(index.constrains(id) || !any);
    index.release(id);
    return letters;
  }
  std::string refusals(const model::Pod& pod) { return refusals(requirement_of(pod)); }

  using Scores = std::vector<std::int64_t>;
  Scores inter_pod(const RequirementSpec& spec, std::vector<Slot> feasible = {}) { return scores(spec, std::move(feasible)).first; }
  Scores inter_pod(const model::Pod& pod) { return inter_pod(requirement_of(pod)); }
  Scores spread(const RequirementSpec& spec, std::vector<Slot> feasible = {}) { return scores(spec, std::move(feasible)).second; }
  Scores spread(const model::Pod& pod, std::vector<Slot> feasible = {}) { return spread(requirement_of(pod), std::move(feasible)); }

 private:
  // Of all nodes, where none are named.
  std::pair<Scores, Scores> scores(const RequirementSpec& spec, std::vector<Slot> feasible) {
    if (feasible.empty()) {
      for (Slot slot = 0; slot < nodes_; ++slot) feasible.push_back(slot);
    }
    const RequirementId id = index.acquire(spec);
    std::pair<Scores, Scores> made{Scores(feasible.size()), Scores(feasible.size())};
    index.score(id, feasible, made.first, made.second);
    index.release(id);
    return made;
  }

  Slot nodes_ = 0;
};

}   // namespace ebb::core::affinity::testing
