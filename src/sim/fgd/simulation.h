#pragma once

// One published experiment: the pods of a trace arrive one after the other and stay; each goes to the
// node its policy likes best, or nowhere. After each arrival it is noted how much of all accelerators
// is allocated, and how much of them a typical pod of the trace could not use.

#include "base/result.h"
#include "sim/fgd/trace.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ebb::sim::fgd {

enum class Policy { random, dot_product, gpu_clustering, gpu_packing, best_fit, fgd, ebb };

inline constexpr std::array kPolicies{Policy::random, Policy::dot_product, Policy::gpu_clustering, Policy::gpu_packing, Policy::best_fit,
                                      Policy::fgd,    Policy::ebb};

std::string_view to_string(Policy policy);   // Random, DotProd, GpuClustering, GpuPacking, BestFit, FGD, Ebb
Result<Policy> parse_policy(std::string_view name);

struct Experiment {
  Policy policy = Policy::fgd;
  std::int64_t seed = 42;
  double tune = 1.3;
};

struct Outcome {
  std::int64_t gpus = 0;
  std::size_t arrived = 0;   // pods
  std::size_t placed = 0;
  // One value per percent of the cluster's accelerators that have been asked for, from 0 on.
  std::vector<double> allocated_percent;
  std::vector<double> fragmented_percent;   // of all accelerators, not of the free ones
};

Result<Outcome> simulate(const std::vector<TraceNode>& nodes, const std::vector<TracePod>& pods, const Experiment& experiment);

}   // namespace ebb::sim::fgd
