#pragma once

// What one run of the demo's workloads measured, and whether two runs kept the promises: with
// colocation on nothing online is disturbed, the whole job completes within its parallelism, and it
// is done at least kSpeedupPromised times as fast as in the capacity nobody requested.

#include "base/time.h"
#include "base/units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::cli {

inline constexpr Permille kSpeedupPromised{1500};

struct DemoRun {
  std::int64_t online_wanted = 0;   // the sample's online pods
  std::int64_t online_running = 0;
  std::int64_t online_restarts = 0;   // container restarts, and pods that had to be made again
  std::int64_t offline_wanted = 0;
  std::int64_t offline_completed = 0;
  std::int64_t offline_parallelism = 0;
  std::int64_t offline_max_running = 0;   // at once, terminating pods not counted
  std::optional<Duration> offline_time;   // from the job's creation to its last completion; none: cut off
  std::int64_t evictions = 0;
  std::optional<std::int64_t> violations;    // windows in which an online pod got under 95 % of the CPU it wanted; none: not observable
  std::optional<Permille> cpu_utilization;   // use / allocatable of all nodes, mean over offline_time
  std::optional<Permille> memory_utilization;
};

struct DemoReport {
  DemoRun colocation;
  DemoRun baseline;
};

// Offline time off / on. None where one of the runs was cut off.
std::optional<Permille> speedup(const DemoReport& report);

// One line for each promise that was broken; empty: all held.
std::vector<std::string> broken_promises(const DemoReport& report);

std::string to_json(const DemoReport& report);
std::string to_text(const DemoReport& report);

}   // namespace ebb::cli
