#pragma once

// The demo's figures: how large its services are on a number of machines, and how its time runs.
//
// The sandbox's clock runs kTimeScale times as fast as the demo's, so that a policy's 30 seconds of
// grace and a report's 60 seconds of interval pass in half a second and a second, while the files
// stay as they are. A demo second is a real one at speed 1.

#include "base/time.h"
#include "base/units.h"
#include "world/workload.h"

#include <cstdint>
#include <vector>

namespace ebb::cli {

inline constexpr std::int64_t kTimeScale = 60;

struct DemoPlan {
  std::int32_t nodes = 3;
  std::int64_t speed = 1;   // of the whole demo

  MilliCpu node_cpu = cpus(16);
  Bytes node_memory = gibibytes(64);
  std::int32_t online_replicas = 5;    // of the sample, 2 CPUs each
  Duration day = seconds(60);          // demo time
  Duration trough = seconds(8);        // first one, after the sandbox started
  std::int64_t work_cpu_seconds = 3;   // of an offline pod, demo time
  Duration patience = seconds(240);    // for one run, real time at speed 1

  // So many LS pods of one CPU that with the sample's pods all CPUs are requested but a twelfth, at most 5.
  std::int32_t checkout_replicas() const;
  // From demo time to the sandbox's clock.
  Duration on_sandbox_clock(Duration demo) const { return demo * kTimeScale; }
  std::int64_t clock_speed() const { return kTimeScale * speed; }
  Instant first_trough(Instant start) const { return start + on_sandbox_clock(trough); }
  // What the simulated containers do. `start` is the sandbox's time at its start.
  std::vector<world::WorkloadRule> workloads(Instant start) const;
};

}   // namespace ebb::cli
