#include "core/affinity/counter.h"

#include <functional>

namespace ebb::core::affinity {

std::size_t hash_of(const EligibilityContent& content) {
  std::size_t hash = mixed(std::hash<std::string>()(content.affinity), std::hash<std::string>()(content.taints));
  for (const KeyId key : content.keys) hash = mixed(hash, key);
  return hash;
}

std::size_t hash_of(const CounterContent& content) {
  std::size_t hash = mixed(static_cast<std::size_t>(content.counts), content.key);
  hash = mixed(hash, content.eligibility);
  hash = mixed(hash, (content.with_terminating ? 1u : 0u) | (content.knows_lowest ? 2u : 0u));
  for (const Term& term : content.terms) hash = mixed(hash, hash_of(term));
  return hash;
}

}   // namespace ebb::core::affinity
