#pragma once

// A requirement as the index keeps it: what it says, in a form that can be compared, and the counters
// in which its answers are found.

#include "core/affinity/counter.h"
#include "core/affinity/intern_table.h"
#include "core/affinity/requirement_spec.h"
#include "core/affinity/term.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ebb::core::affinity {

struct KeyedTerm {
  Term term;
  std::string key;
  std::int32_t weight = 0;   // of preferred ones; below zero for anti-affinity

  friend bool operator==(const KeyedTerm&, const KeyedTerm&) = default;
};

std::vector<KeyedTerm> keyed_terms(const std::vector<model::PodAffinityTerm>& terms, const std::string& ns);
// Affinity and anti-affinity together.
std::vector<KeyedTerm> keyed_terms(const std::vector<model::WeightedPodAffinityTerm>& affinity,
                                   const std::vector<model::WeightedPodAffinityTerm>& anti_affinity, const std::string& ns);
std::size_t hash_of(const std::vector<KeyedTerm>& terms);

struct SpreadRule {
  std::string key;
  Term term;                   // an empty selector counts no pod
  bool matches_self = false;   // and yet matches the pod itself
  std::int32_t max_skew = 1;
  std::int32_t min_domains = 1;
  bool honor_node_affinity = true;
  bool honor_node_taints = false;

  friend bool operator==(const SpreadRule&, const SpreadRule&) = default;
};

struct RequirementContent {
  std::string ns;
  model::Labels labels;
  std::vector<KeyedTerm> affinity;
  std::vector<KeyedTerm> anti_affinity;
  std::vector<KeyedTerm> preferred;
  std::int32_t hard_weight = 0;
  bool looks_at_existing_preferences = true;
  std::vector<SpreadRule> required_spread;
  std::vector<SpreadRule> preferred_spread;
  bool scores_every_node = false;   // preferred spreading does not need all the labels
  std::string node_affinity;        // texts of the predicates that some rule honours
  std::string node_taints;

  friend bool operator==(const RequirementContent&, const RequirementContent&) = default;
};

RequirementContent content_of(const RequirementSpec& spec);
std::size_t hash_of(const RequirementContent& content);

struct Requirement {
  struct RequiredSpread {
    CounterId counter = 0;
    std::int32_t max_skew = 1;
    std::int32_t min_domains = 1;
    std::int32_t self = 0;
  };
  struct PreferredSpread {
    CounterId counter = 0;   // per node for the host name, which needs no domain's sum
    KeyId label = 0;
    bool per_node = false;
    std::int32_t max_skew = 1;
  };
  struct Weighted {
    CounterId counter = 0;
    std::int32_t weight = 0;
  };

  std::vector<RequiredSpread> required_spread;
  std::vector<PreferredSpread> preferred_spread;
  std::vector<CounterId> affinity;   // one per key, of the pods that match all terms
  bool affine_to_itself = false;
  std::vector<CounterId> anti_affinity;
  std::vector<Weighted> preferred;
  // Counters of pods whose terms match this one, ordered by key.
  std::vector<CounterId> existing_anti_affinity;
  std::vector<Weighted> existing_preferred;
  std::vector<KeyId> held_keys;   // beside those that the counters hold
  std::uint64_t base_generation = 1;
};

using Requirements = InternTable<RequirementContent, Requirement>;

}   // namespace ebb::core::affinity
