// How a requirement gets its counters.

#include "core/affinity/company_state.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::core::affinity {

RequirementId CompanyState::acquire(const RequirementSpec& spec) {
  RequirementContent content = content_of(spec);
  const std::size_t hash = hash_of(content);
  const auto [id, fresh] = requirements_.acquire(std::move(content), hash);
  if (!fresh) return id;
  build(id);
  build_spread(id, spec);
  requirement_index_.add(id, {requirements_[id].content.ns, requirements_[id].content.labels});
  meet_existing(id);
  return id;
}

void CompanyState::build(RequirementId id) {
  const RequirementContent& content = requirements_[id].content;
  Requirement& body = requirements_[id].body;
  std::vector<Term> all;
  for (const KeyedTerm& keyed : content.affinity) all.push_back(keyed.term);
  std::vector<std::string> keys;
  for (const KeyedTerm& keyed : content.affinity) {
    if (std::ranges::find(keys, keyed.key) != keys.end()) continue;
    keys.push_back(keyed.key);
    body.affinity.push_back(acquire_counter(Counts::matching, all, keyed.key));
  }
  body.affine_to_itself = is_affine_to_itself(content);
  for (const KeyedTerm& keyed : content.anti_affinity) {
    body.anti_affinity.push_back(acquire_counter(Counts::matching, {keyed.term}, keyed.key));
  }
  for (const KeyedTerm& keyed : content.preferred) {
    body.preferred.push_back({acquire_counter(Counts::matching, {keyed.term}, keyed.key), keyed.weight});
  }
  // One pass answers for all counters of a key.
  const auto key_of = [&](CounterId counter) { return counters_[counter].content.key; };
  std::ranges::sort(body.anti_affinity, {}, key_of);
  std::ranges::sort(body.preferred, {}, [&](const Requirement::Weighted& one) { return key_of(one.counter); });
}

// A pod that would be the first of its kind may still be the company it asks for.
bool CompanyState::is_affine_to_itself(const RequirementContent& content) const {
  return !content.affinity.empty() && std::ranges::all_of(content.affinity, [&](const KeyedTerm& keyed) {
    return matches(keyed.term, {content.ns, content.labels}, namespaces_, UnknownNamespace::is_not_selected);
  });
}

// Without a predicate, a node that has all the labels of a rule's own key only is the same as one in a domain.
EligibilityId CompanyState::eligibility_of(const SpreadRule& rule, const std::vector<KeyId>& all_labels, const RequirementSpec& spec) {
  EligibilityContent content;
  if (rule.honor_node_affinity) content.affinity = spec.matches_node_affinity.text;
  if (rule.honor_node_taints) content.taints = spec.tolerates_node.text;
  if (all_labels.size() > 1) content.keys = all_labels;
  if (content == EligibilityContent{}) return kEveryNode;
  for (const KeyId key : content.keys) topology_.hold(key);
  return acquire_eligibility(std::move(content), spec);
}

void CompanyState::build_spread(RequirementId id, const RequirementSpec& spec) {
  const RequirementContent& content = requirements_[id].content;
  Requirement& body = requirements_[id].body;

  const auto distinct_labels = [&](const std::vector<SpreadRule>& rules) {
    std::vector<KeyId> keys;
    for (const SpreadRule& rule : rules) {
      const KeyId key = topology_.acquire({KeyContent::Kind::label, rule.key});
      body.held_keys.push_back(key);
      keys.push_back(key);
    }
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
  };

  const std::vector<KeyId> required_labels = distinct_labels(content.required_spread);
  for (const SpreadRule& rule : content.required_spread) {
    CounterContent made{.terms = {rule.term}, .with_terminating = false, .knows_lowest = true};
    made.key = topology_.acquire({KeyContent::Kind::label, rule.key});
    made.eligibility = eligibility_of(rule, required_labels, spec);
    body.required_spread.push_back({.counter = acquire_counter(std::move(made)),
                                    .max_skew = rule.max_skew,
                                    .min_domains = rule.min_domains,
                                    .self = rule.matches_self ? 1 : 0});
  }

  const std::vector<KeyId> preferred_labels = distinct_labels(content.preferred_spread);
  const std::vector<KeyId> needed = content.scores_every_node ? std::vector<KeyId>{} : preferred_labels;
  for (const SpreadRule& rule : content.preferred_spread) {
    CounterContent made{.terms = {rule.term}, .with_terminating = false};
    const bool per_node = rule.key == kHostnameLabel;
    if (per_node) {
      made.key = topology_.acquire({KeyContent::Kind::node, ""});
    } else {
      made.key = topology_.acquire({content.scores_every_node ? KeyContent::Kind::label_or_empty : KeyContent::Kind::label, rule.key});
      made.eligibility = eligibility_of(rule, needed, spec);
    }
    const KeyId label = topology_.acquire({KeyContent::Kind::label, rule.key});
    body.held_keys.push_back(label);
    body.preferred_spread.push_back(
        {.counter = acquire_counter(std::move(made)), .label = label, .per_node = per_node, .max_skew = rule.max_skew});
  }
}

void CompanyState::release(RequirementId id) {
  if (!requirements_.release(id)) return;
  const auto& [content, body, hash, holders] = requirements_[id];
  requirement_index_.remove(id, {content.ns, content.labels});
  for (const auto& one : body.required_spread) release_counter(one.counter);
  for (const auto& one : body.preferred_spread) release_counter(one.counter);
  for (const CounterId counter : body.affinity) release_counter(counter);
  for (const CounterId counter : body.anti_affinity) release_counter(counter);
  for (const auto& one : body.preferred) release_counter(one.counter);
  for (const KeyId key : body.held_keys) topology_.release(key);
  requirements_.erase(id);
}

// Pods that exist and carry terms that match this one.

void CompanyState::meet_existing(RequirementId id) {
  const RequirementContent& content = requirements_[id].content;
  for (const CounterId counter : carried_index_.candidates({content.ns, content.labels})) meet(id, counter);
}

void CompanyState::leave_existing(RequirementId id) {
  const RequirementContent& content = requirements_[id].content;
  for (const CounterId counter : carried_index_.candidates({content.ns, content.labels})) leave(id, counter);
}

void CompanyState::meet(RequirementId id, CounterId counter) {
  const RequirementContent& content = requirements_[id].content;
  const CounterContent& carried = counters_[counter].content;
  std::int32_t weight = 1;
  if (carried.counts == Counts::required_affinity) weight = content.hard_weight;
  if (carried.counts != Counts::required_anti && (!content.looks_at_existing_preferences || weight == 0)) return;
  if (!matches(carried.terms.front(), {content.ns, content.labels}, namespaces_, UnknownNamespace::has_no_labels)) return;
  Requirement& body = requirements_[id].body;
  ++body.base_generation;
  const auto key_of = [&](CounterId one) { return counters_[one].content.key; };
  if (carried.counts == Counts::required_anti) {
    auto& list = body.existing_anti_affinity;
    list.insert(std::ranges::upper_bound(list, carried.key, {}, key_of), counter);
  } else {
    auto& list = body.existing_preferred;
    const auto weighted_key = [&](const Requirement::Weighted& one) { return key_of(one.counter); };
    list.insert(std::ranges::upper_bound(list, carried.key, {}, weighted_key), {counter, weight});
  }
}

void CompanyState::leave(RequirementId id, CounterId counter) {
  Requirement& body = requirements_[id].body;
  const std::size_t gone = std::erase(body.existing_anti_affinity, counter) +
                           std::erase_if(body.existing_preferred, [&](const Requirement::Weighted& one) { return one.counter == counter; });
  // What the counter contributed to the generation stays in it.
  if (gone > 0) body.base_generation += generation(counter) + 1;
}

}   // namespace ebb::core::affinity
