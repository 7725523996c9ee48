#pragma once

// The scheduler as a service: what a cluster tells goes into core/placement, what that decides goes
// out, and results come back. It keeps no state of its own.

#include "core/placement/placement.h"
#include "ports/cluster.h"

#include <cstddef>
#include <cstdint>

namespace ebb::services {

struct SchedulerOptions {
  core::placement::Options placement;
  std::size_t events_per_turn = 5000;
  std::size_t pods_per_turn = 500;        // so that a long queue does not keep events waiting
  Duration patience = milliseconds(50);   // how long a turn with nothing to do waits for an event
};

struct Turn {
  std::size_t events = 0;
  std::size_t results = 0;
  std::size_t actions = 0;

  bool idle() const { return events == 0 && results == 0 && actions == 0; }
};

class SchedulerService {
 public:
  explicit SchedulerService(ports::Cluster& cluster, SchedulerOptions options = {});

  // Takes in what has happened, decides, and starts what was decided.
  Turn run_once(Instant now);

  const core::placement::Placement& placement() const { return placement_; }

 private:
  Duration patience(Instant now) const;

  ports::Cluster& cluster_;
  SchedulerOptions options_;
  core::placement::Placement placement_;
};

}   // namespace ebb::services
