#pragma once

// Nodes that have just evicted a pod are not offered to its workload again at once: the reason that
// they had is likely still there.

#include "base/time.h"
#include "model/names.h"
#include "model/pod.h"

#include <map>
#include <optional>
#include <vector>

namespace ebb::core::placement {

class RecentEvictions {
 public:
  // A pod of a workload has been evicted from that node. Pods without a controller are nobody's successors.
  void seen(const model::Pod& pod, Instant until);
  // Ordered by name.
  std::vector<model::NodeName> avoided(const model::Pod& pod, Instant now) const;
  // When the first of them is offered again.
  std::optional<Instant> next_end(const model::Pod& pod, Instant now) const;
  void forget_old(Instant now);

 private:
  std::map<model::Uid, std::map<model::NodeName, Instant>> nodes_;   // by controller
};

}   // namespace ebb::core::placement
