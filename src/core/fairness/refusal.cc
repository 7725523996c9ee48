#include "core/fairness/refusal.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::core::fairness {

std::string describe_by_number(ResourceId resource, std::int64_t amount) { return fmt::format("{} of resource {}", amount, resource); }

std::string words(const Refusal& refusal, const Describe& describe) {
  const auto say = [&](Sum amount) {
    const Sum shown = std::clamp<Sum>(amount, 0, INT64_MAX);
    return describe(refusal.resource, static_cast<std::int64_t>(shown));
  };
  const std::string kept = refusal.kept > 0 ? fmt::format(", with {} kept free for guarantees", say(refusal.kept)) : "";
  switch (refusal.reason) {
    case Refusal::Reason::closed: return fmt::format("queue \"{}\" is closed", refusal.queue);
    case Refusal::Reason::cap:
      return fmt::format("queue \"{}\" is capped at {}: it holds {}{}, and {} more would be too much", refusal.queue, say(refusal.limit),
                         say(refusal.held), kept, say(refusal.asked));
    case Refusal::Reason::promised:
      return fmt::format("the queues hold {} of {}{}: {} more would take what other queues are guaranteed", say(refusal.held),
                         say(refusal.limit), kept, say(refusal.asked));
    case Refusal::Reason::total:
      return fmt::format("the queues hold {} of {}, and {} more is not there", say(refusal.held), say(refusal.limit), say(refusal.asked));
  }
  return "";
}

}   // namespace ebb::core::fairness
