#pragma once

// Whose pods make room for a queue that is below what it deserves. A reclaim is planned only where
//
//   1. the queue, and every queue above it up to where the two sides meet, would with the request
//      still hold no more than it deserves of anything that is asked for;
//   2. each victim uses something that is missing, of which its queue, and every queue above it up to
//      there, still holds its part without the victims. That part is what it deserves; where the side
//      that gains asks for what is stated as its own, it is what is stated as theirs (guarantee or
//      deserved), for what is lent beyond that has to come back. None falls below its guarantee or its
//      floor, and no critical pod is taken that the floor covers;
//   3. where the two sides meet, the queue that gains would still be served no later than the one that
//      loses: owed something that the other is not, or of higher priority, or with a weighted
//      dominant share that is then no larger.
//
// No ping-pong follows from 1 and 2. The queue that gained holds no more than it deserves of what it
// asked for, so it can be made to give back only what goes beyond its stated part, and only to a queue
// that asks for its own stated part; and the victims' queues hold theirs. Summed over the queues, what
// is held beyond the stated part shrinks with every reclaim of the first kind, what is held beyond
// what they deserve with every one of the second, while what they deserve does not change by it:
// reclaims come to an end.
// No victim can be spared: leaving out any one of them would leave something missing.

#include "base/result.h"
#include "base/time.h"
#include "core/fairness/queue_tree.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ebb::core::fairness {

// A pod that holds something and might have to go.
struct Candidate {
  std::string id;   // breaks the last tie
  QueueId queue;
  Amounts amounts;   // as they were added to the queue
  std::int32_t priority = 0;
  Instant started;
  bool critical = false;
};

struct ReclaimAsk {
  QueueId queue;
  Amounts request;
  // What has to be freed among the candidates themselves, say because their node is full. May be zero:
  // then it is only the request's limits, a cap above or others' guarantees, that want something back.
  Amounts lacking;
  bool critical = false;
};

// Indices of the victims among the candidates, those that go first come first. Deterministic: victims
// are not critical before critical, from the queues furthest above what they deserve, of low
// priority, started late, by id. An error says what stands against it.
Result<std::vector<std::size_t>> plan_reclaim(const QueueTree& tree, const ReclaimAsk& ask, std::span<const Candidate> candidates,
                                              const Describe& describe = describe_by_number);

// Whether rule 1 holds for the queue itself, without which nobody's pods may be taken: to be asked before looking at any. What
// the queues above it may have depends on whose pods they are.
bool within_deserved(const QueueTree& tree, QueueId queue, const Amounts& request);

}   // namespace ebb::core::fairness
