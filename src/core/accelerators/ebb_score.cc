#include "core/accelerators/ebb_score.h"

namespace ebb::core::accelerators {
namespace {

// What is expected to go unused of a node, counted so that the difference of two is the cost.
std::int64_t expected_loss(const Outlook& outlook, MilliCpu cpu_free, const FreeDevices& free) {
  const std::int64_t fragmentation = outlook.demand.fragmentation(cpu_free, free) * 1000 / outlook.demand.weight_total();
  return fragmentation - outlook.forecast.expected_use(cpu_free, free);
}

}   // namespace

NodeScore ebb_score(const Outlook& outlook, const AcceleratorNode& node, const AcceleratorRequest& request) {
  return ebb_score(outlook, node.cpu_free, FreeDevices(node.devices), request);
}

NodeScore ebb_score(const Outlook& outlook, MilliCpu cpu_free, const FreeDevices& free, const AcceleratorRequest& request) {
  if (outlook.demand.weight_total() == 0) return {};
  // What the pod takes is the same wherever it goes; it makes a cost of zero mean "nobody loses anything".
  const std::int64_t before = expected_loss(outlook, cpu_free, free) + request.total().v * 1000;
  const MilliCpu cpu_after = cpu_free - request.cpu;
  if (!request.shares_a_device()) {
    FreeDevices after = free;
    after.take_best_fitting(request);
    return {.score = before - expected_loss(outlook, cpu_after, after), .device = -1};
  }
  NodeScore best;
  for (std::size_t i = 0; i < free.values().size(); ++i) {
    if (free.values()[i] < request.share.v) continue;
    FreeDevices after = free;
    after.take(i, request.share);
    const std::int64_t score = before - expected_loss(outlook, cpu_after, after);
    if (best.device < 0 || score > best.score) best = {score, static_cast<std::int32_t>(i)};
  }
  return best;
}

}   // namespace ebb::core::accelerators
