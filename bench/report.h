#pragma once

// What was measured, as a table for people and as JSON for build/bench.json.

#include "bench/run.h"
#include "bench/workload.h"

#include <string>
#include <vector>

namespace ebb::bench {

struct Row {
  std::string name;
  Published published;
  Measurement measured;
};

std::string table_head();
std::string table_row(const Row& row);
// A list of objects with name, nodes, pods, podsPerSecond, cpuMicrosPerPod, p50Micros, p99Micros, peakRssBytes,
// instructionsPerPod where they could be counted, and the published threshold where there is one.
std::string to_json(const std::vector<Row>& rows);

}   // namespace ebb::bench
