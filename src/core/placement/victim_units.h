#pragma once

// Who goes together. A pod goes alone; so does a member of a gang that has more than must run together, the
// least important first; the others of a gang go all of them or none: to take one of them would waste the rest.

#include "core/gangs/gang_book.h"
#include "core/placement/cluster_state.h"
#include "core/placement/pod_table.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace ebb::core::placement {

struct VictimUnit {
  std::vector<PodIndex> pods;        // the most important first
  std::optional<gangs::GangId> of;   // whose members they are
  bool core = false;                 // without them the gang is not worth anything: those beyond the minimum go with them
  std::int32_t priority = 0;         // the highest
  std::int64_t started = 0;          // of the first of them
};

// Of all pods that run, are not on their way out and may go. What costs most first: priority, cores before others, the number of pods,
// who started first, the name.
std::vector<VictimUnit> victim_units(const ClusterState& state, const PodTable& pods, const gangs::GangBook& gangs,
                                     const std::function<bool(PodIndex)>& may_go);

}   // namespace ebb::core::placement
