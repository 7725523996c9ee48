#include "core/affinity/pod_class.h"

#include <functional>

namespace ebb::core::affinity {

PodClassContent class_of(const model::Pod& pod) {
  return {.ns = pod.key.ns,
          .labels = pod.labels,
          .required_affinity = keyed_terms(pod.required_affinity, pod.key.ns),
          .required_anti_affinity = keyed_terms(pod.required_anti_affinity, pod.key.ns),
          .preferred = keyed_terms(pod.preferred_affinity, pod.preferred_anti_affinity, pod.key.ns)};
}

std::size_t hash_of(const PodClassContent& content) {
  std::size_t hash = mixed(std::hash<std::string>()(content.ns), hash_of(content.labels));
  hash = mixed(mixed(hash, hash_of(content.required_affinity)), hash_of(content.required_anti_affinity));
  return mixed(hash, hash_of(content.preferred));
}

}   // namespace ebb::core::affinity
