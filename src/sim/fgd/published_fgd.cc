#include "sim/fgd/published_fgd.h"

#include <cmath>

namespace ebb::sim::fgd {
namespace {

using core::accelerators::AcceleratorNode;
using core::accelerators::AcceleratorRequest;
using core::accelerators::FreeDevices;
using core::accelerators::NodeScore;

// Why a typical pod cannot use what is free, in the order in which the sums are added up.
enum Reason : std::size_t { lacks_both, lacks_devices, lacks_cpu, wants_no_device, wants_no_device_lacks_cpu, other_model, kReasons };

std::int64_t pressed(double drop) { return static_cast<std::int64_t>(1.0 / (1.0 + std::exp(-(drop / 1000))) * 100.0); }

}   // namespace

PublishedFgd::PublishedFgd(const core::accelerators::TypicalPods& typical, std::int64_t seen, std::string_view model) {
  const double kept = static_cast<double>(typical.weight_total) / static_cast<double>(seen);
  for (const auto& [request, weight] : typical.pods) {
    pods_.push_back({.cpu = request.cpu.v,
                     .count = request.count,
                     .share = static_cast<std::int32_t>(request.share.v),
                     .allowed = request.allows(model),
                     .part = static_cast<double>(weight) / static_cast<double>(seen) / kept});
  }
}

double PublishedFgd::fragmentation(MilliCpu cpu_free, const FreeDevices& free) const {
  const auto total = static_cast<double>(free.total());
  std::array<double, kReasons> lost{};
  for (const Pod& pod : pods_) {
    const bool has_cpu = cpu_free.v >= pod.cpu;
    if (pod.count == 0) {
      lost[has_cpu ? wants_no_device : wants_no_device_lacks_cpu] += pod.part * total;
      continue;
    }
    if (!pod.allowed) {
      lost[other_model] += pod.part * total;
      continue;
    }
    std::int32_t enough = 0;
    std::int64_t scraps = 0;
    for (const std::int32_t left : free.values()) {
      enough += left >= pod.share ? 1 : 0;
      scraps += left >= pod.share ? 0 : left;
    }
    if (enough < pod.count) {
      lost[has_cpu ? lacks_devices : lacks_both] += pod.part * total;
    } else if (has_cpu) {
      lost[lacks_devices] += pod.part * static_cast<double>(scraps);
    } else {
      lost[lacks_cpu] += pod.part * total;
    }
  }
  double sum = 0;
  for (const double amount : lost) sum += amount;
  return sum;
}

NodeScore PublishedFgd::score(const AcceleratorNode& node, const AcceleratorRequest& request) const {
  const FreeDevices free(node.devices);
  const double before = fragmentation(node.cpu_free, free);
  const MilliCpu cpu_after = node.cpu_free - request.cpu;
  if (!request.shares_a_device()) {
    FreeDevices after = free;
    after.take_best_fitting(request);
    return {.score = pressed(before - fragmentation(cpu_after, after)), .device = -1};
  }
  NodeScore best;
  for (std::size_t i = 0; i < node.devices.size(); ++i) {
    if (node.devices[i].free < request.share) continue;
    FreeDevices after = free;
    after.take(i, request.share);
    const std::int64_t score = pressed(before - fragmentation(cpu_after, after));
    if (best.device < 0 || score > best.score) best = {.score = score, .device = static_cast<std::int32_t>(i)};
  }
  return best;
}

}   // namespace ebb::sim::fgd
