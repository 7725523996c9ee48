#include "sim/fgd/policies.h"

#include <algorithm>

namespace ebb::sim::fgd {
namespace {

using core::accelerators::Device;
using core::accelerators::FreeDevices;
using core::accelerators::kWholeDevice;

constexpr std::int64_t kBestScore = 100;
constexpr double kLargestCpu = 128000;   // of any node in the published cluster: what scores are normalised by
constexpr double kLargestGpu = 8000;

std::int64_t whole_devices(const SimNode& node) {
  return std::count_if(node.accelerators.devices.begin(), node.accelerators.devices.end(),
                       [](const Device& device) { return device.free == kWholeDevice; });
}

}   // namespace

DeviceKind kind_of(const AcceleratorRequest& request) { return request.shares_a_device() ? 0 : request.count; }

// Tetris: the less the pod's wishes point where the node has much, the better.
NodeScore dot_product_score(const SimNode& node, const AcceleratorRequest& request) {
  const double cpu = static_cast<double>(node.accelerators.cpu_free.v) / kLargestCpu * (static_cast<double>(request.cpu.v) / kLargestCpu);
  const double gpu =
      static_cast<double>(free_total(node.accelerators).v) / kLargestGpu * (static_cast<double>(request.total().v) / kLargestGpu);
  return {.score = static_cast<std::int64_t>(static_cast<double>(kBestScore) * (1 - (cpu + gpu) / 2)), .device = -1};
}

// Pods of one kind together; within that, the node with the least left.
NodeScore gpu_clustering_score(const SimNode& node, const AcceleratorRequest& request) {
  if (request.count == 0) return {};
  const std::int64_t quarter = kBestScore / 4;
  const auto largest = static_cast<std::int64_t>(kLargestGpu);
  const std::int64_t tightness = quarter * (largest - free_total(node.accelerators).v) / largest;
  if (node.kinds.contains(kind_of(request))) return {.score = tightness + quarter * (node.kinds.size() == 1 ? 3 : 2), .device = -1};
  return {.score = tightness + (node.kinds.empty() ? quarter : 0), .device = -1};
}

// Shared devices first, then free devices of used nodes, then free nodes.
NodeScore gpu_packing_score(const SimNode& node, const AcceleratorRequest& request) {
  if (request.count == 0) return {};
  const std::int64_t whole = whole_devices(node);
  if (whole == static_cast<std::int64_t>(node.accelerators.devices.size()))
    return {.score = std::max(kBestScore / 3 - whole, whole), .device = -1};
  const auto devices = best_fitting(node.accelerators, request);
  std::int64_t opened = 0;
  std::int64_t left_percent = 0;
  for (const std::size_t device : *devices) {
    const std::int64_t free = node.accelerators.devices[device].free.v;
    opened += free == kWholeDevice.v ? 1 : 0;
    left_percent += free * 100 / kWholeDevice.v;
  }
  if (opened > 0) return {.score = std::max(kBestScore / 2 - opened, kBestScore / 3), .device = -1};
  return {.score = std::max(kBestScore - left_percent / 10, kBestScore / 2), .device = -1};
}

// The less is left of CPU and devices, each as a part of the largest node's, the better.
NodeScore best_fit_score(const SimNode& node, const AcceleratorRequest& request) {
  double left = 0;
  left += static_cast<double>(node.accelerators.cpu_free.v - request.cpu.v) / kLargestCpu * 0.5;
  left += static_cast<double>(free_total(node.accelerators).v - request.total().v) / kLargestGpu * 0.5;
  return {.score = static_cast<std::int64_t>((1.0 - left) * static_cast<double>(kBestScore)), .device = -1};
}

}   // namespace ebb::sim::fgd
