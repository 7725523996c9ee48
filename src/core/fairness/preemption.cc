#include "core/fairness/preemption.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::core::fairness {

Status may_preempt(const QueueTree& tree, const Preemptor& preemptor, const Candidate& victim) {
  if (victim.queue != preemptor.queue) {
    return fail(Errc::denied, "{} is in queue \"{}\": only reclaim reaches other queues", victim.id, tree.spec(victim.queue).name);
  }
  if (victim.priority >= preemptor.priority) {
    return fail(Errc::denied, "{} has priority {}, which is not below {}", victim.id, victim.priority, preemptor.priority);
  }
  if (!victim.critical || preemptor.critical) return {};
  for (const QueueId at : tree.path(victim.queue)) {
    for (std::size_t i = 0; i < std::min(tree.resources(), victim.amounts.size()); ++i) {
      const auto r = static_cast<ResourceId>(i);
      if (victim.amounts[r] == 0) continue;
      if (tree.critical(at, r) - victim.amounts[r] < tree.spec(at).floor[r]) {
        return fail(Errc::denied, "{} is critical and within the floor of queue \"{}\"", victim.id, tree.spec(at).name);
      }
    }
  }
  return {};
}

}   // namespace ebb::core::fairness
