#pragma once

// Where a queue that is below its part takes back what other queues hold above theirs, for a gang as one unit.
// The rules are fairness/reclaim.h's, asked for one member after the other with those before it in their places and
// their victims gone; nobody goes unless all who must start then have room and the queue deserves all of it.

#include "core/placement/gang_victims.h"

#include <optional>
#include <string>

namespace ebb::core::placement {

// None: `why` says what stands against it. State and queues are as before afterwards. Requires: the claim has a standing.
std::optional<GangVictims> find_gang_reclaim(ClusterState& state, const PodTable& pods, const ShapeTable& shapes,
                                             const gangs::GangBook& gangs, const DisruptionBudgets& budgets, fairness::QueueTree& tree,
                                             const GangClaim& claim, std::string& why);

// What the members that must start would add to what their queue holds.
fairness::Amounts still_asked(const PodTable& pods, const gangs::Attempt& attempt);

}   // namespace ebb::core::placement
