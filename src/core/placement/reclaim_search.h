#pragma once

// Where a queue that is below its part takes back what other queues hold above theirs: which node, and
// whose pods there. The rules are fairness/reclaim.h's; here they meet the nodes.

#include "core/placement/preemption.h"
#include "core/placement/queue_book.h"

#include <optional>

namespace ebb::core::placement {

// What the node lacks of what the pod asks; below zero: what is left over.
fairness::Amounts lacking_there(const ClusterState& state, const Shape& shape, Slot slot);

// None: nothing may be taken back that would help. Requires: the pod waits in its queue.
std::optional<Victims> find_reclaim(ClusterState& state, const PodTable& pods, const QueueBook& queues, const Claimant& claimant);

}   // namespace ebb::core::placement
