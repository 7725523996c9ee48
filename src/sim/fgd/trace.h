#pragma once

// The public GPU trace: a list of nodes and a list of pods, as CSV with a header line. Columns are
// found by name and may stand in any order; what nobody reads here is ignored.
//
//   nodes: sn, cpu_milli, memory_mib, gpu, model
//   pods:  name, cpu_milli, memory_mib, num_gpu, gpu_milli, and perhaps gpu_spec (models joined by |)

#include "base/result.h"
#include "core/accelerators/devices.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::sim::fgd {

struct TraceNode {
  std::string name;
  Bytes memory;
  core::accelerators::AcceleratorNode accelerators;
};

struct TracePod {
  std::string name;
  Bytes memory;
  core::accelerators::AcceleratorRequest request;
};

// Errors name `file` and the line.
Result<std::vector<TraceNode>> parse_nodes(std::string_view text, std::string_view file);
Result<std::vector<TracePod>> parse_pods(std::string_view text, std::string_view file);

}   // namespace ebb::sim::fgd
