#pragma once

// What the simulated machines measured, for a report: read between two runs, on the same thread.

#include "base/time.h"
#include "base/wide.h"
#include "model/names.h"
#include "model/node_report.h"
#include "world/machine.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ebb::sandbox {

struct NodeMeasurement {
  model::NodeName name;
  model::Use allocatable;
  model::UseByClass use;
  std::int32_t running_pods = 0;
  std::int32_t offline_pods = 0;
  MilliCpu be_cpu_limit;   // zero: none
  bool cpu_pressure = false;
  bool memory_pressure = false;
};

// Sums since the start: the difference of two readings, divided by the time between them times the
// allocatable sum, is the mean utilisation.
struct SandboxMeasurements {
  Instant time;   // up to which the machines were simulated
  std::vector<NodeMeasurement> nodes;
  model::Use allocatable;    // of all nodes
  world::UseIntegral used;   // of all nodes
  world::Violations violations;
  world::CpuTime offline_cpu;   // granted to offline work
  std::int64_t evictions = 0;   // that the three lines asked for and the API granted
  std::map<std::string, std::int64_t> evictions_by_reason;
  // Running, not terminating pods, by "Kind namespace/name" of the topmost known owner, or "Pod ns/name".
  std::map<std::string, std::int64_t> running_by_owner;
};

}   // namespace ebb::sandbox
