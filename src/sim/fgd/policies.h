#pragma once

// The published policies that FGD is compared with, each as a score of one request on one node. What
// they have in common: the highest score wins, of equal ones the first node; they choose a device of a
// shared request by best fit. Random is no score and lives in simulation.cc.

#include "sim/fgd/cluster.h"

namespace ebb::sim::fgd {

using core::accelerators::AcceleratorRequest;
using core::accelerators::NodeScore;

// Requires, for each: the request fits.
NodeScore dot_product_score(const SimNode& node, const AcceleratorRequest& request);
NodeScore gpu_clustering_score(const SimNode& node, const AcceleratorRequest& request);
NodeScore gpu_packing_score(const SimNode& node, const AcceleratorRequest& request);
NodeScore best_fit_score(const SimNode& node, const AcceleratorRequest& request);

// Requires: request.count > 0.
DeviceKind kind_of(const AcceleratorRequest& request);

}   // namespace ebb::sim::fgd
