#pragma once

// Fragmentation gradient descent as published: a placement is as good as the fragmentation it takes
// away, pressed into 0..100 by a sigmoid; a pod that shares a device tries every device.

#include "core/accelerators/fragmentation.h"

#include <cstdint>

namespace ebb::core::accelerators {

// What a score thinks of one request on one node.
struct NodeScore {
  std::int64_t score = 0;     // the higher, the better
  std::int32_t device = -1;   // the best one for a shared request; -1: best_fitting() decides
};

// Requires: fits(node, request).
NodeScore fgd_score(const ModelDemand& demand, const AcceleratorNode& node, const AcceleratorRequest& request);
NodeScore fgd_score(const ModelDemand& demand, MilliCpu cpu_free, const FreeDevices& free, const AcceleratorRequest& request);

}   // namespace ebb::core::accelerators
