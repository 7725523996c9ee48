#pragma once

// Runs one workload through core/placement: events in, decisions out, every action answered at once as an
// API server would that never refuses.

#include "bench/workload.h"

#include <cstdint>

namespace ebb::bench {

struct Measurement {   // plain memory: it is handed from one process to another
  std::int64_t nodes = 0;
  std::int64_t pods = 0;
  std::int64_t placed = 0;
  std::int64_t wall_nanos = 0;
  std::int64_t cpu_nanos = 0;
  std::int64_t p50_nanos = 0;   // of the time that one pod's decision took
  std::int64_t p99_nanos = 0;
  std::int64_t instructions = -1;   // -1: cannot be counted here
  std::int64_t peak_rss_bytes = 0;
  std::uint64_t digest = 0;
};

Measurement run(const Workload& workload, const Templates& templates);
// In a process of its own, so that its peak of memory is its own. Errors: io.
Result<Measurement> run_apart(const Workload& workload, const Templates& templates);

}   // namespace ebb::bench
