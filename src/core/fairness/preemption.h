#pragma once

// Inside one queue priority decides: who may make room for whom there.

#include "base/result.h"
#include "core/fairness/reclaim.h"

#include <cstdint>

namespace ebb::core::fairness {

struct Preemptor {
  QueueId queue;
  std::int32_t priority = 0;
  bool critical = false;
};

// Only of strictly lower priority, so that no two pods can take turns; and never a critical pod that
// its queue's floor covers, unless the other is critical too. An error says why not.
Status may_preempt(const QueueTree& tree, const Preemptor& preemptor, const Candidate& victim);

}   // namespace ebb::core::fairness
