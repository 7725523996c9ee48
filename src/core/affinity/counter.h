#pragma once

// One number per topology domain: how many of certain pods are in it. What is counted is either the
// pods that match something, or the pods that carry a term which may match others.

#include "core/affinity/intern_table.h"
#include "core/affinity/lowest_count.h"
#include "core/affinity/tally.h"
#include "core/affinity/term.h"
#include "core/affinity/topology.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ebb::core::affinity {

using CounterId = std::uint32_t;
using EligibilityId = std::uint32_t;

constexpr EligibilityId kEveryNode = UINT32_MAX;

// The nodes that a spread constraint looks at.
struct EligibilityContent {
  std::string affinity;   // texts of the predicates; empty: none
  std::string taints;
  std::vector<KeyId> keys;   // the node has all these labels; sorted, each once

  friend bool operator==(const EligibilityContent&, const EligibilityContent&) = default;
};

struct Eligibility {
  std::function<bool(Slot)> affinity;
  std::function<bool(Slot)> taints;
  std::vector<std::uint8_t> nodes;   // by slot
  bool changes = false;              // for the node that is just being updated
};

struct CounterContent {
  enum class Counts : std::uint8_t {
    matching,            // pods that match all the terms
    required_anti,       // pods that carry the one term: as required anti-affinity,
    required_affinity,   // as required affinity,
    preferred,           // or as preferred, with the sum of the weights
  };
  Counts counts = Counts::matching;
  std::vector<Term> terms;
  KeyId key = 0;
  EligibilityId eligibility = kEveryNode;
  bool with_terminating = true;
  bool knows_lowest = false;   // over the domains of eligible nodes

  friend bool operator==(const CounterContent&, const CounterContent&) = default;
};

std::size_t hash_of(const EligibilityContent& content);
std::size_t hash_of(const CounterContent& content);

struct Counter {
  Tally counts;                          // by domain
  std::vector<std::uint32_t> eligible;   // nodes by domain, with knows_lowest
  LowestCount lowest;
  std::uint64_t generation = 0;
};

using Counters = InternTable<CounterContent, Counter>;
using Eligibilities = InternTable<EligibilityContent, Eligibility>;

}   // namespace ebb::core::affinity
