#pragma once

// The cluster of one experiment: its nodes in the order in which equally good ones are taken, what is
// left on each, and how much a typical pod could not use of that.

#include "core/accelerators/devices.h"
#include "core/accelerators/fgd_score.h"

#include <cstdint>
#include <map>
#include <vector>

namespace ebb::sim::fgd {

// How many devices a pod wants, as GpuClustering tells pods apart: 0 for a shared one, else the count.
using DeviceKind = std::int32_t;

struct SimNode {
  core::accelerators::AcceleratorNode accelerators;
  Bytes memory_free;
  std::size_t model = 0;                      // number of the model, for per-model tables
  std::map<DeviceKind, std::int32_t> kinds;   // of the pods here that want devices
  std::size_t group = 0;                      // of the nodes that look like it
};

struct SimCluster {
  std::vector<SimNode> nodes;        // by rank
  std::vector<std::string> models;   // names, by number
};

}   // namespace ebb::sim::fgd
