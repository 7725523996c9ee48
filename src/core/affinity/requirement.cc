#include "core/affinity/requirement.h"

#include <functional>

namespace ebb::core::affinity {
namespace {

std::size_t hash_of(const std::string& text) { return std::hash<std::string>()(text); }

// The values that the pod itself has under matchLabelKeys come first; a selector of nothing stays one.
std::optional<model::LabelSelector> merged_selector(const model::TopologySpreadConstraint& constraint, const model::Labels& labels) {
  if (!constraint.selector) return std::nullopt;
  model::LabelSelector merged;
  for (const std::string& key : constraint.match_label_keys) {
    const auto label = labels.find(key);
    if (label != labels.end()) merged.requirements.push_back({key, model::SelectorOperator::in, {label->second}});
  }
  const auto& own = constraint.selector->requirements;
  merged.requirements.insert(merged.requirements.end(), own.begin(), own.end());
  return merged;
}

void add_rule(RequirementContent& content, const model::TopologySpreadConstraint& constraint,
              std::optional<model::LabelSelector> selector) {
  SpreadRule rule;
  rule.key = constraint.topology_key;
  rule.term.namespaces = {content.ns};
  rule.matches_self = selector && selector->matches(content.labels);
  if (selector && !selector->empty()) rule.term.selector = std::move(selector);
  rule.max_skew = constraint.max_skew;
  rule.honor_node_affinity = constraint.honor_node_affinity;
  rule.honor_node_taints = constraint.honor_node_taints;
  if (constraint.required) {
    rule.min_domains = constraint.min_domains.value_or(1);
    content.required_spread.push_back(std::move(rule));
  } else {
    content.preferred_spread.push_back(std::move(rule));
  }
}

void add_rules(RequirementContent& content, const RequirementSpec& spec) {
  if (!spec.spread_constraints.empty()) {
    for (const auto& constraint : spec.spread_constraints) add_rule(content, constraint, merged_selector(constraint, spec.labels));
    return;
  }
  model::LabelSelector together;
  for (const model::LabelSelector& selector : spec.default_selectors) {
    together.requirements.insert(together.requirements.end(), selector.requirements.begin(), selector.requirements.end());
  }
  if (together.empty()) return;
  for (const auto& constraint : spec.default_constraints) add_rule(content, constraint, together);
  content.scores_every_node = spec.system_defaulted;
}

std::size_t hash_of(const std::vector<SpreadRule>& rules) {
  std::size_t hash = rules.size();
  for (const SpreadRule& rule : rules) {
    hash = mixed(mixed(hash, hash_of(rule.key)), hash_of(rule.term));
    hash = mixed(hash, static_cast<std::size_t>(rule.max_skew));
  }
  return hash;
}

}   // namespace

std::vector<KeyedTerm> keyed_terms(const std::vector<model::PodAffinityTerm>& terms, const std::string& ns) {
  std::vector<KeyedTerm> made;
  made.reserve(terms.size());
  for (const model::PodAffinityTerm& term : terms) made.push_back({make_term(term, ns), term.topology_key, 0});
  return made;
}

std::vector<KeyedTerm> keyed_terms(const std::vector<model::WeightedPodAffinityTerm>& affinity,
                                   const std::vector<model::WeightedPodAffinityTerm>& anti_affinity, const std::string& ns) {
  std::vector<KeyedTerm> made;
  made.reserve(affinity.size() + anti_affinity.size());
  for (const auto& [weight, term] : affinity) made.push_back({make_term(term, ns), term.topology_key, weight});
  for (const auto& [weight, term] : anti_affinity) made.push_back({make_term(term, ns), term.topology_key, -weight});
  return made;
}

std::size_t hash_of(const std::vector<KeyedTerm>& terms) {
  std::size_t hash = terms.size();
  for (const KeyedTerm& keyed : terms) {
    hash = mixed(mixed(hash, hash_of(keyed.term)), hash_of(keyed.key));
    hash = mixed(hash, static_cast<std::size_t>(keyed.weight));
  }
  return hash;
}

RequirementContent content_of(const RequirementSpec& spec) {
  RequirementContent content;
  content.ns = spec.ns;
  content.labels = spec.labels;
  content.affinity = keyed_terms(spec.required_affinity, spec.ns);
  content.anti_affinity = keyed_terms(spec.required_anti_affinity, spec.ns);
  content.preferred = keyed_terms(spec.preferred_affinity, spec.preferred_anti_affinity, spec.ns);
  // A pod with preferences of its own looks at those of others in any case.
  content.looks_at_existing_preferences = !spec.ignore_preferred_terms_of_existing_pods || !content.preferred.empty();
  content.hard_weight = content.looks_at_existing_preferences ? spec.hard_pod_affinity_weight : 0;
  add_rules(content, spec);
  for (const auto* rules : {&content.required_spread, &content.preferred_spread}) {
    for (const SpreadRule& rule : *rules) {
      if (rule.honor_node_affinity) content.node_affinity = spec.matches_node_affinity.text;
      if (rule.honor_node_taints) content.node_taints = spec.tolerates_node.text;
    }
  }
  return content;
}

std::size_t hash_of(const RequirementContent& content) {
  std::size_t hash = mixed(hash_of(content.ns), hash_of(content.labels));
  hash = mixed(mixed(hash, hash_of(content.affinity)), hash_of(content.anti_affinity));
  hash = mixed(mixed(hash, hash_of(content.preferred)), static_cast<std::size_t>(content.hard_weight));
  hash = mixed(mixed(hash, hash_of(content.required_spread)), hash_of(content.preferred_spread));
  return mixed(mixed(hash, hash_of(content.node_affinity)), hash_of(content.node_taints));
}

}   // namespace ebb::core::affinity
