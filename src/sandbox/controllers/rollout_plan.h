#pragma once

// The arithmetic of a rollout: how many pods each ReplicaSet of a Deployment should ask for now.
// Pure numbers, so that every rounding can be tested; the Deployment controller feeds and obeys it.

#include "base/time.h"
#include "sandbox/json/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ebb::sandbox::control {

// maxSurge rounded up and maxUnavailable rounded down. Both zero would never move: then one pod may
// be unavailable. Recreate surges by nothing and tolerates nothing.
struct RolloutBounds {
  std::int64_t surge = 0;
  std::int64_t unavailable = 0;

  friend bool operator==(const RolloutBounds&, const RolloutBounds&) = default;
};
RolloutBounds rollout_bounds(const json::object& deployment);

struct SetSize {
  std::string name;
  Instant created;
  std::int64_t replicas = 0;       // asked for
  std::int64_t available = 0;      // ready long enough
  std::int64_t max_replicas = 0;   // desired + surge when it was last scaled; 0: not known
};

// What the new set may ask for, given what all sets (it included) ask for.
std::int64_t new_set_size(std::int64_t desired, const RolloutBounds& bounds, std::int64_t all_replicas, std::int64_t new_replicas);

// What the old sets, oldest first, should ask for: unavailable pods go first, then available ones
// down to the minimum. Equal to the input where nothing may go.
std::vector<std::int64_t> old_set_sizes(const std::vector<SetSize>& old_sets, const SetSize& new_set, std::int64_t desired,
                                        const RolloutBounds& bounds);

// Sizes after `desired` changed in the middle of a rollout: every active set gets its share of the
// change, the largest what rounding leaves over. In the order given. `last_replicas` is the
// Deployment's status.replicas, used for sets that do not know their maximum.
std::vector<std::int64_t> proportional_sizes(const std::vector<SetSize>& active_sets, std::int64_t desired, const RolloutBounds& bounds,
                                             std::int64_t last_replicas);

}   // namespace ebb::sandbox::control
