#pragma once

// The cluster as a service sees it: events come in, actions go out and their results come back.
// Implemented by kube/ for a real API server and by memory for scenarios. Called from one thread.

#include "base/time.h"
#include "model/cluster_action.h"
#include "model/cluster_event.h"

#include <cstdint>
#include <vector>

namespace ebb::ports {

class Cluster {
 public:
  virtual ~Cluster() = default;

  // Events since the last call, in order per object, at most `max`. Waits up to `patience` for the
  // first one (or for a result), so that a loop neither spins nor lags.
  virtual std::vector<model::ClusterEvent> take_events(std::size_t max, Duration patience) = 0;

  // Starts an action; many run at once. Actions on one object keep their order.
  virtual void submit(std::uint64_t id, model::ClusterAction action) = 0;
  virtual std::vector<model::ActionDone> take_results() = 0;
};

}   // namespace ebb::ports
