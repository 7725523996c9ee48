#pragma once

// Whom a gang pushes out so that all of it that must start together has room: nobody unless that is so, and then
// those whose going costs least by the order that single pods have. In steps:
//   1. the lowest priority such that room is there once all victims up to it are gone, those that break a
//      disruption budget last;
//   2. each member to the node where a place costs least, then every victim that is not needed is spared;
//   3. where candidates are few, all sets of them that could cost less are looked at: the result is the best.

#include "core/gangs/gang_book.h"
#include "core/placement/disruption_budgets.h"
#include "core/placement/gang_fit.h"
#include "core/placement/preemption.h"
#include "core/placement/victim_units.h"

#include <cstdint>
#include <vector>

namespace ebb::core::placement {

// A gang that wants room.
struct GangClaim {
  gangs::GangId gang = 0;
  const gangs::Attempt& attempt;                 // as before its first member
  std::int32_t priority = 0;                     // the lowest of those that are to start
  const QueueStanding* standing = nullptr;       // in a queue: of one of them
  const fairness::QueueTree* queues = nullptr;   // with a standing
};

struct GangVictims {
  Places places;                     // of the members
  std::vector<PodIndex> evicted;     // the most important first
  std::vector<PodIndex> displaced;   // pods that room was kept for there
  std::vector<PodIndex> awaited;     // on their way out already, and needed gone as well
  std::int32_t violations = 0;       // of those evicted, that break a disruption budget
};

enum class NoVictims {
  found,
  nobody,       // no pod runs that the gang may push out
  not_enough,   // with all of them gone it would still find no room
  leaving,      // those that are on their way out make room enough
};

struct GangVictimsAnswer {
  GangVictims victims;
  NoVictims why = NoVictims::found;
  std::size_t candidates = 0;   // pods that it may push out
};

struct GangSearchLimits {
  std::size_t looks = 20'000;         // of a placement's search, at nodes
  std::size_t exact_units = 16;       // up to so many candidates are tried in every combination
  std::size_t exact_work = 200'000;   // looks at nodes that may cost, about
};

// The state is as before afterwards.
GangVictimsAnswer find_gang_victims(ClusterState& state, const PodTable& pods, const ShapeTable& shapes, const gangs::GangBook& gangs,
                                    const DisruptionBudgets& budgets, const GangClaim& claim, const GangSearchLimits& limits = {});

// What it costs to evict them; broken disruption budgets are counted for all of them together.
Preemption::Cost cost_of_eviction(const PodTable& pods, const DisruptionBudgets& budgets, std::vector<PodIndex> evicted);

}   // namespace ebb::core::placement
