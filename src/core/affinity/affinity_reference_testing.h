#pragma once

// The same answers by looking at every pod on every node each time: what the counters are compared
// with. Nothing of the index is used here, only the model.

#include "core/affinity/company_index.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ebb::core::affinity::testing {

struct StandingPod {
  Slot slot = 0;
  model::Pod pod;
  bool terminating = false;
};

class Reference {
 public:
  std::map<Slot, model::Labels> nodes;
  std::map<std::string, model::Labels> namespaces;
  std::vector<StandingPod> pods;

  CompanyRefusal refusal(const RequirementSpec& spec, Slot slot) const {
    const model::Labels& labels = nodes.at(slot);
    if (const CompanyRefusal spread = spread_refusal(spec, labels); spread != CompanyRefusal::none) return spread;
    if (!has_required_company(spec, labels)) return CompanyRefusal::affinity;
    for (const model::PodAffinityTerm& term : spec.required_anti_affinity) {
      const std::string* domain = find(labels, term.topology_key);
      if (domain == nullptr) continue;
      for (const auto& [at, labels_there] : standing()) {
        if (is_in(labels_there, term.topology_key, *domain) && wants(term, spec.ns, at->pod)) return CompanyRefusal::anti_affinity;
      }
    }
    for (const auto& [at, labels_there] : standing()) {
      for (const model::PodAffinityTerm& term : at->pod.required_anti_affinity) {
        const std::string* domain = find(labels, term.topology_key);
        if (domain == nullptr || !is_in(labels_there, term.topology_key, *domain)) continue;
        if (is_wanted(term, at->pod.key.ns, spec)) return CompanyRefusal::existing_anti_affinity;
      }
    }
    return CompanyRefusal::none;
  }

  std::vector<std::int64_t> inter_pod(const RequirementSpec& spec, const std::vector<Slot>& feasible) const {
    std::vector<std::int64_t> scores(feasible.size(), 0);
    const bool prefers = !spec.preferred_affinity.empty() || !spec.preferred_anti_affinity.empty();
    if (spec.ignore_preferred_terms_of_existing_pods && !prefers) return scores;
    std::map<std::pair<std::string, std::string>, std::int64_t> worth;   // by topology key and value
    const auto add = [&](const model::Labels& there, const std::string& key, std::int64_t weight) {
      if (const std::string* domain = find(there, key)) worth[{key, *domain}] += weight;
    };
    for (const auto& [at, there] : standing()) {
      for (const auto& [weight, term] : spec.preferred_affinity) {
        if (wants(term, spec.ns, at->pod)) add(there, term.topology_key, weight);
      }
      for (const auto& [weight, term] : spec.preferred_anti_affinity) {
        if (wants(term, spec.ns, at->pod)) add(there, term.topology_key, -weight);
      }
      for (const model::PodAffinityTerm& term : at->pod.required_affinity) {
        if (is_wanted(term, at->pod.key.ns, spec)) add(there, term.topology_key, spec.hard_pod_affinity_weight);
      }
      for (const auto& [weight, term] : at->pod.preferred_affinity) {
        if (is_wanted(term, at->pod.key.ns, spec)) add(there, term.topology_key, weight);
      }
      for (const auto& [weight, term] : at->pod.preferred_anti_affinity) {
        if (is_wanted(term, at->pod.key.ns, spec)) add(there, term.topology_key, -weight);
      }
    }
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      for (const auto& [place, weight] : worth) {
        if (is_in(nodes.at(feasible[i]), place.first, place.second)) scores[i] += weight;
      }
      least = std::min(least, scores[i]);
      most = std::max(most, scores[i]);
    }
    for (std::int64_t& score : scores) {
      score =
          most == least ? 0 : static_cast<std::int64_t>(100.0 * (static_cast<double>(score - least) / static_cast<double>(most - least)));
    }
    return scores;
  }

  std::vector<std::int64_t> spread(const RequirementSpec& spec, const std::vector<Slot>& feasible) const {
    const Rules rules = rules_of(spec, false);
    const bool all_labels = !spec.spread_constraints.empty() || !spec.system_defaulted;
    std::vector<std::int64_t> scores(feasible.size(), 0);
    if (rules.empty()) return scores;
    std::vector<bool> ignored(feasible.size(), false);
    std::size_t left = 0;
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      ignored[i] = all_labels && !has_all(nodes.at(feasible[i]), rules);
      if (!ignored[i]) ++left;
    }
    std::vector<double> sums(feasible.size(), 0);
    for (const auto& [rule, selector] : rules) {
      std::map<std::string, std::int64_t> by_domain;
      for (std::size_t i = 0; i < feasible.size(); ++i) {
        if (!ignored[i]) by_domain[value_or_empty(nodes.at(feasible[i]), rule.topology_key)] = 0;
      }
      for (const auto& [slot, labels] : nodes) {
        if ((all_labels && !has_all(labels, rules)) || !looks_at(spec, rule, slot)) continue;
        const auto domain = by_domain.find(value_or_empty(labels, rule.topology_key));
        if (domain != by_domain.end()) domain->second += spread_pods(slot, spec.ns, selector);
      }
      const bool hosts = rule.topology_key == "kubernetes.io/hostname";
      const double weight = std::log(static_cast<double>((hosts ? left : by_domain.size()) + 2));
      for (std::size_t i = 0; i < feasible.size(); ++i) {
        const std::string* domain = find(nodes.at(feasible[i]), rule.topology_key);
        if (ignored[i] || domain == nullptr) continue;
        const std::int64_t count = hosts ? spread_pods(feasible[i], spec.ns, selector) : by_domain.at(*domain);
        sums[i] += static_cast<double>(count) * weight + static_cast<double>(rule.max_skew - 1);
      }
    }
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = 0;
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (ignored[i]) continue;
      scores[i] = static_cast<std::int64_t>(std::round(sums[i]));
      least = std::min(least, scores[i]);
      most = std::max(most, scores[i]);
    }
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (!ignored[i]) scores[i] = most == 0 ? 100 : 100 * (most + least - scores[i]) / most;
    }
    return scores;
  }

 private:
  using Rules = std::vector<std::pair<model::TopologySpreadConstraint, std::optional<model::LabelSelector>>>;

  static const std::string* find(const model::Labels& labels, const std::string& key) {
    const auto label = labels.find(key);
    return label == labels.end() ? nullptr : &label->second;
  }
  static std::string value_or_empty(const model::Labels& labels, const std::string& key) {
    const std::string* value = find(labels, key);
    return value == nullptr ? "" : *value;
  }
  static bool is_in(const model::Labels& labels, const std::string& key, const std::string& domain) {
    const std::string* value = find(labels, key);
    return value != nullptr && *value == domain;
  }

  // Pods whose node is there, with its labels.
  std::vector<std::pair<const StandingPod*, model::Labels>> standing() const {
    std::vector<std::pair<const StandingPod*, model::Labels>> all;
    for (const StandingPod& pod : pods) {
      if (const auto node = nodes.find(pod.slot); node != nodes.end()) all.emplace_back(&pod, node->second);
    }
    return all;
  }

  static bool names_namespace(const model::PodAffinityTerm& term, const std::string& own, const std::string& ns) {
    if (term.namespaces.empty() && !term.namespace_selector) return own == ns;
    return std::ranges::find(term.namespaces, ns) != term.namespaces.end();
  }
  // A term of the pod to be placed, and a pod that is there.
  bool wants(const model::PodAffinityTerm& term, const std::string& own, std::pair<std::string, model::Labels> pod) const {
    bool in_scope = names_namespace(term, own, pod.first);
    if (term.namespace_selector && term.namespace_selector->empty()) in_scope = true;
    if (const auto known = namespaces.find(pod.first); term.namespace_selector && known != namespaces.end()) {
      in_scope = in_scope || term.namespace_selector->matches(known->second);
    }
    return in_scope && term.selector && term.selector->matches(pod.second);
  }
  bool wants(const model::PodAffinityTerm& term, const std::string& own, const model::Pod& pod) const {
    return wants(term, own, std::pair(pod.key.ns, pod.labels));
  }
  // A term of a pod that is there, and the pod to be placed.
  bool is_wanted(const model::PodAffinityTerm& term, const std::string& own, const RequirementSpec& spec) const {
    bool in_scope = names_namespace(term, own, spec.ns);
    const auto known = namespaces.find(spec.ns);
    const model::Labels labels = known == namespaces.end() ? model::Labels{} : known->second;
    if (term.namespace_selector && term.namespace_selector->matches(labels)) in_scope = true;
    return in_scope && term.selector && term.selector->matches(spec.labels);
  }

  bool has_required_company(const RequirementSpec& spec, const model::Labels& labels) const {
    if (spec.required_affinity.empty()) return true;
    for (const model::PodAffinityTerm& term : spec.required_affinity) {
      if (find(labels, term.topology_key) == nullptr) return false;
    }
    std::set<std::pair<std::string, std::string>> places;
    for (const auto& [at, there] : standing()) {
      bool all = true;
      for (const model::PodAffinityTerm& term : spec.required_affinity) all = all && wants(term, spec.ns, at->pod);
      if (!all) continue;
      for (const model::PodAffinityTerm& term : spec.required_affinity) {
        if (const std::string* domain = find(there, term.topology_key)) places.emplace(term.topology_key, *domain);
      }
    }
    bool everywhere = true;
    bool self = true;
    for (const model::PodAffinityTerm& term : spec.required_affinity) {
      everywhere = everywhere && places.contains({term.topology_key, *find(labels, term.topology_key)});
      self = self && wants(term, spec.ns, std::pair(spec.ns, spec.labels));
    }
    return everywhere || (places.empty() && self);
  }

  Rules rules_of(const RequirementSpec& spec, bool required) const {
    Rules rules;
    for (const model::TopologySpreadConstraint& rule : spec.spread_constraints) {
      if (rule.required != required) continue;
      std::optional<model::LabelSelector> selector = rule.selector;
      for (const std::string& key : rule.match_label_keys) {
        const std::string* value = find(spec.labels, key);
        if (selector && value != nullptr) selector->requirements.push_back({key, model::SelectorOperator::in, {*value}});
      }
      rules.emplace_back(rule, std::move(selector));
    }
    if (!spec.spread_constraints.empty()) return rules;
    model::LabelSelector all;
    for (const model::LabelSelector& one : spec.default_selectors) {
      for (const model::SelectorRequirement& requirement : one.requirements) all.requirements.push_back(requirement);
    }
    for (const model::TopologySpreadConstraint& rule : spec.default_constraints) {
      if (rule.required == required && !all.empty()) rules.emplace_back(rule, all);
    }
    return rules;
  }

  static bool has_all(const model::Labels& labels, const Rules& rules) {
    for (const auto& [rule, selector] : rules) {
      if (find(labels, rule.topology_key) == nullptr) return false;
    }
    return true;
  }
  static bool looks_at(const RequirementSpec& spec, const model::TopologySpreadConstraint& rule, Slot slot) {
    const auto holds = [&](const NodePredicate& predicate) { return predicate.text.empty() || predicate.holds(slot); };
    return (!rule.honor_node_affinity || holds(spec.matches_node_affinity)) && (!rule.honor_node_taints || holds(spec.tolerates_node));
  }
  std::int64_t spread_pods(Slot slot, const std::string& ns, const std::optional<model::LabelSelector>& selector) const {
    if (!selector || selector->empty()) return 0;
    std::int64_t count = 0;
    for (const StandingPod& pod : pods) {
      if (pod.slot == slot && !pod.terminating && pod.pod.key.ns == ns && selector->matches(pod.pod.labels)) ++count;
    }
    return count;
  }

  CompanyRefusal spread_refusal(const RequirementSpec& spec, const model::Labels& labels) const {
    const Rules rules = rules_of(spec, true);
    for (const auto& [rule, selector] : rules) {
      const std::string* domain = find(labels, rule.topology_key);
      if (domain == nullptr) return CompanyRefusal::spread_label_missing;
      std::map<std::string, std::int64_t> by_domain;
      for (const auto& [slot, there] : nodes) {
        if (has_all(there, rules) && looks_at(spec, rule, slot))
          by_domain[*find(there, rule.topology_key)] += spread_pods(slot, spec.ns, selector);
      }
      std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
      for (const auto& [name, count] : by_domain) lowest = std::min(lowest, count);
      if (static_cast<std::int64_t>(by_domain.size()) < rule.min_domains.value_or(1)) lowest = 0;
      const std::int64_t self = selector && selector->matches(spec.labels) ? 1 : 0;
      const auto there = by_domain.find(*domain);
      if ((there == by_domain.end() ? 0 : there->second) + self - lowest > rule.max_skew) return CompanyRefusal::spread_skew;
    }
    return CompanyRefusal::none;
  }
};

}   // namespace ebb::core::affinity::testing
