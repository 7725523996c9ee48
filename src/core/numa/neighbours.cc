#include "core/numa/neighbours.h"

namespace ebb::core::numa {

std::string neighbourhood_of(const model::Pod& pod) {
  if (const auto named = pod.annotations.find(kNeighbourhood); named != pod.annotations.end() && !named->second.empty())
    return named->second == "none" ? std::string() : "name/" + pod.key.ns + "/" + named->second;
  const model::OwnerRef* owner = pod.controller();
  return owner == nullptr ? std::string() : "owner/" + owner->uid.v;
}

}   // namespace ebb::core::numa
