#include "core/numa/hint.h"

#include <algorithm>

namespace ebb::core::numa {
namespace {

// Is candidate better than current, both being equally preferred and told apart by their nodes alone?
bool is_closer(NodeMask candidate, NodeMask current, const MergeRules& rules) {
  if (rules.distances != nullptr && rules.policy != TopologyPolicy::single_numa_node && width(candidate) == width(current)) {
    const double of_candidate = average_distance(*rules.distances, candidate);
    const double of_current = average_distance(*rules.distances, current);
    if (of_candidate != of_current) return of_candidate < of_current;
  }
  return is_narrower(candidate, current);
}

bool has_preferred(const ResourceHints& resource, NodeMask nodes) {
  return resource.no_preference || std::find(resource.hints.begin(), resource.hints.end(), Hint{nodes, true}) != resource.hints.end();
}

bool usable(const Hint& hint, const MergeRules& rules) {
  return rules.policy != TopologyPolicy::single_numa_node || (hint.preferred && width(hint.nodes) == 1);
}

// The best combination in which everybody gets what they prefer, which means the same nodes for all.
std::optional<NodeMask> best_preferred(const std::vector<ResourceHints>& resources, const MergeRules& rules) {
  std::optional<NodeMask> best;
  bool any_preference = false;
  for (const ResourceHints& resource : resources) {
    if (resource.no_preference) continue;
    any_preference = true;
    for (const Hint& hint : resource.hints) {
      const NodeMask nodes = hint.nodes & rules.all_nodes;
      if (!hint.preferred || nodes == 0 || !usable(hint, rules)) continue;
      if (best && !is_closer(nodes, *best, rules)) continue;
      if (std::all_of(resources.begin(), resources.end(), [&](const ResourceHints& other) { return has_preferred(other, hint.nodes); }))
        best = nodes;
    }
    return best;   // whoever has a preference must take part, so the first one's list names every candidate
  }
  if (!any_preference) best = rules.all_nodes;
  return best;
}

// The widest of the narrowest sets: no combination that satisfies all can be expected to be narrower.
int least_width(const std::vector<ResourceHints>& resources) {
  int widest = 0;
  for (const ResourceHints& resource : resources) {
    int narrowest = 0;
    for (const Hint& hint : resource.hints)
      if (narrowest == 0 || width(hint.nodes) < narrowest) narrowest = width(hint.nodes);
    widest = std::max(widest, narrowest);
  }
  return widest;
}

// Among unpreferred combinations: exactly the least width first, then narrower ones from the widest down, then wider ones from
// the narrowest up.
bool is_better_compromise(NodeMask candidate, NodeMask current, int least, const MergeRules& rules) {
  const auto band = [&](NodeMask nodes) { return width(nodes) == least ? 0 : width(nodes) < least ? 1 : 2; };
  if (band(candidate) != band(current)) return band(candidate) < band(current);
  if (band(candidate) == 1 && width(candidate) != width(current)) return width(candidate) > width(current);
  return is_closer(candidate, current, rules);
}

// Every set of nodes that some combination has in common.
std::vector<NodeMask> common_sets(const std::vector<ResourceHints>& resources, const MergeRules& rules) {
  std::vector<NodeMask> reached{rules.all_nodes};
  std::vector<bool> seen;
  for (const ResourceHints& resource : resources) {
    if (resource.no_preference || resource.hints.empty()) continue;   // nothing to cut by
    seen.assign(std::size_t{1} << width(rules.all_nodes), false);
    std::vector<NodeMask> next;
    for (const NodeMask nodes : reached)
      for (const Hint& hint : resource.hints) {
        const NodeMask both = nodes & hint.nodes;
        if (both == 0 || seen[both]) continue;
        seen[both] = true;
        next.push_back(both);
      }
    reached = std::move(next);
  }
  return reached;
}

}   // namespace

double average_distance(const Distances& distances, NodeMask nodes) {
  double sum = 0;
  double count = 0;
  for (NodeMask a = nodes; a != 0; a &= a - 1)
    for (NodeMask b = nodes; b != 0; b &= b - 1) {
      sum += distances[static_cast<std::size_t>(std::countr_zero(a))][static_cast<std::size_t>(std::countr_zero(b))];
      ++count;
    }
  return count == 0 ? 0 : sum / count;
}

Merged merge(const std::vector<ResourceHints>& resources, const MergeRules& rules) {
  if (const auto best = best_preferred(resources, rules)) {
    if (rules.policy == TopologyPolicy::single_numa_node && *best == rules.all_nodes) return {std::nullopt, true, true};
    return {*best, true, true};
  }
  if (rules.policy != TopologyPolicy::best_effort) return {std::nullopt, false, false};

  const int least = least_width(resources);
  std::optional<NodeMask> best;
  for (const NodeMask nodes : common_sets(resources, rules))
    if (!best || is_better_compromise(nodes, *best, least, rules)) best = nodes;
  return {best.value_or(rules.all_nodes), false, true};
}

}   // namespace ebb::core::numa
