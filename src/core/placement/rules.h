#pragma once

// A profile made ready for asking: its filters in order, its scores' weights, and the resources that
// its scores look at as numbers.

#include "core/placement/filter.h"
#include "core/placement/resource_ids.h"
#include "model/profile/profile.h"

#include <cstdint>
#include <vector>

namespace ebb::core::placement {

struct ScoredResource {
  ResourceId id = kCpu;
  std::int64_t weight = 1;
  bool extended = false;   // looked at only for pods that ask for it
};

struct Rules {
  model::SchedulerProfile profile;
  std::vector<Filter> filters;
  std::vector<ScoredResource> fit;
  std::vector<ScoredResource> balanced;
  // By the resources filter. Groups and shares of devices are looked up by name: a resource that nobody asks for has no number.
  std::vector<ResourceId> ignored;

  std::int32_t weight(model::Plugin plugin) const { return profile.score_weight(plugin); }
};

Rules rules_of(model::SchedulerProfile profile, ResourceIds& ids);

// Whether the filter looks at that resource at all.
bool is_ignored(const Rules& rules, const ResourceIds& ids, ResourceId id);

}   // namespace ebb::core::placement
