#pragma once

// Pods that look the same to every selector and every node, and the counters that they count in.

#include "core/affinity/counter.h"
#include "core/affinity/intern_table.h"
#include "core/affinity/requirement.h"
#include "core/affinity/tally.h"
#include "model/pod.h"

#include <string>
#include <vector>

namespace ebb::core::affinity {

struct PodClassContent {
  std::string ns;
  model::Labels labels;
  std::vector<KeyedTerm> required_affinity;
  std::vector<KeyedTerm> required_anti_affinity;
  std::vector<KeyedTerm> preferred;

  friend bool operator==(const PodClassContent&, const PodClassContent&) = default;
};

struct PodClass {
  struct Share {
    CounterId counter = 0;
    std::int32_t amount = 1;   // of each pod
  };
  std::vector<Share> shares;   // of its own terms first
  Tally staying;               // pods by slot
  Tally terminating;
};

using PodClasses = InternTable<PodClassContent, PodClass>;

PodClassContent class_of(const model::Pod& pod);
std::size_t hash_of(const PodClassContent& content);

}   // namespace ebb::core::affinity
