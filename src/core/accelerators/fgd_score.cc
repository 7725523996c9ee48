#include "core/accelerators/fgd_score.h"

#include <cmath>

namespace ebb::core::accelerators {
namespace {

// A drop of 1000 thousandths, one device, is one unit of the sigmoid's argument.
std::int64_t pressed(std::int64_t drop, std::int64_t weight_total) {
  const double devices = static_cast<double>(drop) / static_cast<double>(weight_total) / 1000.0;
  return static_cast<std::int64_t>(1.0 / (1.0 + std::exp(-devices)) * 100.0);
}

}   // namespace

NodeScore fgd_score(const ModelDemand& demand, const AcceleratorNode& node, const AcceleratorRequest& request) {
  return fgd_score(demand, node.cpu_free, FreeDevices(node.devices), request);
}

NodeScore fgd_score(const ModelDemand& demand, MilliCpu cpu_free, const FreeDevices& free, const AcceleratorRequest& request) {
  if (demand.weight_total() == 0) return {};
  const std::int64_t before = demand.fragmentation(cpu_free, free);
  const MilliCpu cpu_after = cpu_free - request.cpu;
  if (request.shares_a_device()) {
    NodeScore best;
    for (std::size_t i = 0; i < free.values().size(); ++i) {
      if (free.values()[i] < request.share.v) continue;
      FreeDevices after = free;
      after.take(i, request.share);
      const std::int64_t score = pressed(before - demand.fragmentation(cpu_after, after), demand.weight_total());
      if (best.device < 0 || score > best.score) best = {score, static_cast<std::int32_t>(i)};
    }
    return best;
  }
  FreeDevices after = free;
  after.take_best_fitting(request);
  return {.score = pressed(before - demand.fragmentation(cpu_after, after), demand.weight_total()), .device = -1};
}

}   // namespace ebb::core::accelerators
