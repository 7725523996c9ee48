#pragma once

// What is told about policies, until it has arrived: the policy's holder says everything once, so what
// an API server could not take just now is said again, a little later each time and not for ever.

#include "base/time.h"
#include "model/cluster_action.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace ebb::core::placement {

class PolicyTelling {
 public:
  using Numbered = std::pair<std::uint64_t, model::ClusterAction>;

  // Everything that one change of a document makes worth telling; older words of the same kind about
  // the same objects are not repeated any more.
  void told(std::vector<Numbered> actions);
  void done(Instant now, const model::ActionDone& done);

  // What is to be said again now; `again` gives each its new number.
  template <class Again>
  void repeat_due(Instant now, Again&& again) {
    for (Entry& entry : entries_) {
      if (!entry.retry_at || *entry.retry_at > now) continue;
      entry.retry_at.reset();
      entry.id = again(entry.action);
    }
  }
  std::optional<Instant> next_due() const;

 private:
  struct Entry {
    std::uint64_t id = 0;   // of the action under way
    model::ClusterAction action;
    int failures = 0;
    std::optional<Instant> retry_at;   // set: nothing is under way
  };

  std::vector<Entry> entries_;
};

}   // namespace ebb::core::placement
