#pragma once

// Resources by small numbers, so that a node's amounts are entries of columns and a pod's request is
// a short list of pairs. The old names of the oversold resources are folded into the new ones here.

#include "model/resources.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::placement {

using ResourceId = std::uint32_t;

inline constexpr ResourceId kCpu = 0;
inline constexpr ResourceId kMemory = 1;
inline constexpr ResourceId kEphemeralStorage = 2;
inline constexpr ResourceId kPods = 3;
inline constexpr ResourceId kOversoldCpu = 4;
inline constexpr ResourceId kOversoldMemory = 5;

struct ResourceAmount {
  ResourceId id = kCpu;
  std::int64_t amount = 0;

  friend bool operator==(const ResourceAmount&, const ResourceAmount&) = default;
};

class ResourceIds {
 public:
  ResourceIds();

  std::size_t size() const { return names_.size(); }
  const std::string& name(ResourceId id) const { return names_[id]; }

  // A new name gets the next number.
  ResourceId intern(std::string_view name);
  // What is not zero, ordered by id.
  std::vector<ResourceAmount> amounts(const model::Resources& resources);

 private:
  std::vector<std::string> names_;
  std::map<std::string, ResourceId, std::less<>> ids_;
};

// The amount of one resource in such a list; 0 where it is not named.
std::int64_t amount_of(const std::vector<ResourceAmount>& amounts, ResourceId id);

}   // namespace ebb::core::placement
