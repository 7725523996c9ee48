#pragma once

// The accelerators of one node, and what a pod asks of them, as values. A device is counted in
// thousandths (gpu-milli), so one pod may have half of it and another the rest. A request names how
// many devices it wants, which share of each, and which models will do. Devices of one request are
// distinct. `group` says which devices are close to each other (one PCIe switch, one NVLink island).

#include "base/units.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::accelerators {

struct GpuMilli : Amount<GpuMilli> {};   // 1000 = one device
inline constexpr GpuMilli kWholeDevice{1000};
inline constexpr std::size_t kMaxDevices = 64;   // of one node

struct Device {
  GpuMilli free = kWholeDevice;
  Bytes memory;             // zero where nobody said
  std::int32_t group = 0;   // equal numbers: close to each other
};

struct AcceleratorNode {
  std::string model;   // of every device here
  MilliCpu cpu_free;
  std::vector<Device> devices;   // at most kMaxDevices
};

struct AcceleratorRequest {
  MilliCpu cpu;
  std::int32_t count = 0;            // devices; zero for a pod that wants none
  GpuMilli share;                    // of each device, 1..1000; zero where count is
  std::vector<std::string> models;   // that will do; empty: any

  friend auto operator<=>(const AcceleratorRequest&, const AcceleratorRequest&) = default;

  GpuMilli total() const { return share * count; }
  bool shares_a_device() const { return count == 1 && share < kWholeDevice; }
  bool allows(std::string_view model) const;
};

// The free thousandths of a node's devices, cheap to copy: what hypothetical placements are tried on.
class FreeDevices {
 public:
  FreeDevices() = default;
  explicit FreeDevices(std::span<const Device> devices);
  // Thousandths free of each, 0..1000. Requires: at most kMaxDevices.
  explicit FreeDevices(std::span<const std::int32_t> free);

  std::span<const std::int32_t> values() const { return {free_.data(), count_}; }
  void take(std::size_t device, GpuMilli amount) { free_[device] -= static_cast<std::int32_t>(amount.v); }
  std::int64_t total() const;
  // What best_fitting() would choose. Requires: there are enough such devices.
  void take_best_fitting(const AcceleratorRequest& request);

 private:
  std::array<std::int32_t, kMaxDevices> free_{};
  std::size_t count_ = 0;
};

// Indices into AcceleratorNode::devices, ascending.
using DeviceSet = std::vector<std::size_t>;

GpuMilli free_total(const AcceleratorNode& node);

// Enough CPU, an allowed model and enough devices with the share.
bool fits(const AcceleratorNode& node, const AcceleratorRequest& request);

// The devices that a request fits on.
std::int32_t roomy(const FreeDevices& free, const AcceleratorRequest& request);

// The devices with the least room that still have the share, the first of equals: for whole devices the first free ones.
// None where there are not enough.
std::optional<DeviceSet> best_fitting(const AcceleratorNode& node, const AcceleratorRequest& request);
std::optional<DeviceSet> best_fitting(const FreeDevices& free, const AcceleratorRequest& request);

// Takes what `request` asks from these devices and the node's CPU. Requires: it is there.
void assign(AcceleratorNode& node, const AcceleratorRequest& request, const DeviceSet& devices);

// The reverse. Requires: it was assigned.
void release(AcceleratorNode& node, const AcceleratorRequest& request, const DeviceSet& devices);

}   // namespace ebb::core::accelerators
