#include "core/accelerators/devices.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace ebb::core::accelerators {

bool AcceleratorRequest::allows(std::string_view model) const {
  if (models.empty()) return true;
  return std::find(models.begin(), models.end(), model) != models.end();
}

FreeDevices::FreeDevices(std::span<const Device> devices) : count_(devices.size()) {
  EBB_CHECK(devices.size() <= kMaxDevices);
  for (std::size_t i = 0; i < devices.size(); ++i) free_[i] = static_cast<std::int32_t>(devices[i].free.v);
}

FreeDevices::FreeDevices(std::span<const std::int32_t> free) : count_(free.size()) {
  EBB_CHECK(free.size() <= kMaxDevices);
  std::ranges::copy(free, free_.begin());
}

std::int64_t FreeDevices::total() const {
  std::int64_t sum = 0;
  for (const std::int32_t free : values()) sum += free;
  return sum;
}

void FreeDevices::take_best_fitting(const AcceleratorRequest& request) {
  std::uint64_t taken = 0;
  for (std::int32_t wanted = request.count; wanted > 0; --wanted) {
    std::size_t best = kMaxDevices;
    for (std::size_t i = 0; i < count_; ++i) {
      if (free_[i] < request.share.v || (taken >> i & 1) != 0) continue;
      if (best == kMaxDevices || free_[i] < free_[best]) best = i;
      if (free_[best] == request.share.v) break;   // none fits better, and it is the first of its kind
    }
    EBB_CHECK(best < kMaxDevices);
    take(best, request.share);
    taken |= std::uint64_t{1} << best;
  }
}

GpuMilli free_total(const AcceleratorNode& node) {
  GpuMilli sum;
  for (const Device& device : node.devices) sum += device.free;
  return sum;
}

bool fits(const AcceleratorNode& node, const AcceleratorRequest& request) {
  if (node.cpu_free < request.cpu) return false;
  if (request.count == 0) return true;
  if (!request.allows(node.model)) return false;
  std::int32_t found = 0;
  for (const Device& device : node.devices) found += device.free >= request.share ? 1 : 0;
  return found >= request.count;
}

std::int32_t roomy(const FreeDevices& free, const AcceleratorRequest& request) {
  return static_cast<std::int32_t>(std::ranges::count_if(free.values(), [&](std::int32_t left) { return left >= request.share.v; }));
}

std::optional<DeviceSet> best_fitting(const AcceleratorNode& node, const AcceleratorRequest& request) {
  return best_fitting(FreeDevices(node.devices), request);
}

std::optional<DeviceSet> best_fitting(const FreeDevices& free, const AcceleratorRequest& request) {
  const std::span<const std::int32_t> left = free.values();
  DeviceSet candidates;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] >= request.share.v) candidates.push_back(i);
  }
  const auto wanted = static_cast<std::size_t>(request.count);
  if (candidates.size() < wanted) return std::nullopt;
  std::ranges::sort(candidates, {}, [&](std::size_t i) { return std::pair(left[i], i); });
  candidates.resize(wanted);
  std::ranges::sort(candidates);
  return candidates;
}

void assign(AcceleratorNode& node, const AcceleratorRequest& request, const DeviceSet& devices) {
  EBB_CHECK(devices.size() == static_cast<std::size_t>(request.count));
  EBB_CHECK(node.cpu_free >= request.cpu);
  node.cpu_free -= request.cpu;
  for (const std::size_t device : devices) {
    EBB_CHECK(node.devices[device].free >= request.share);
    node.devices[device].free -= request.share;
  }
}

void release(AcceleratorNode& node, const AcceleratorRequest& request, const DeviceSet& devices) {
  EBB_CHECK(devices.size() == static_cast<std::size_t>(request.count));
  node.cpu_free += request.cpu;
  for (const std::size_t device : devices) {
    node.devices[device].free += request.share;
    EBB_CHECK(node.devices[device].free <= kWholeDevice);
  }
}

}   // namespace ebb::core::accelerators
