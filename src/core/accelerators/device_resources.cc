#include "core/accelerators/device_resources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace ebb::core::accelerators {
namespace {

constexpr auto kDeviceResources = std::to_array<DeviceResource>({
    {"nvidia.com/gpu", true},
    {"amd.com/gpu", true},
    {"gpu.intel.com/i915", true},
    {"gpu.intel.com/xe", true},
    {"hygon.com/dcu", true},
    {"alibabacloud.com/gpu-count", true},
    {"huawei.com/Ascend910", false},
    {"huawei.com/Ascend310P", false},
    {"huawei.com/Ascend310", false},
    {"cambricon.com/mlu", false},
    {"habana.ai/gaudi", false},
    {"google.com/tpu", false},
    {"aws.amazon.com/neuron", false},
});

constexpr auto kShareResources = std::to_array<std::string_view>(
    {kGpuMilliResource, "koordinator.sh/gpu", "koordinator.sh/gpu-core", "koordinator.sh/gpu-memory-ratio"});

// What an administrator says about the node himself comes first.
constexpr auto kModelLabels = std::to_array<std::string_view>({
    "scheduling.openfuyao.io/gpu-model",
    "nvidia.com/gpu.product",
    "alibabacloud.com/gpu-card-model",
    "amd.com/gpu.product-name",
    "node.koordinator.sh/gpu-model",
});

}   // namespace

std::span<const DeviceResource> device_resources() { return kDeviceResources; }

std::span<const std::string_view> share_resources() { return kShareResources; }

bool is_share_resource(std::string_view name) { return std::ranges::find(kShareResources, name) != kShareResources.end(); }

bool is_about_devices(std::string_view resource) {
  return is_share_resource(resource) || std::ranges::find(kDeviceResources, resource, &DeviceResource::name) != kDeviceResources.end();
}

NodeDevices devices_of(const model::Node& node) {
  NodeDevices devices;
  if (node.allocatable.scalars.empty()) return devices;
  for (std::size_t kind = 0; kind < kDeviceResources.size(); ++kind) {
    const std::int64_t count = node.allocatable.scalar(kDeviceResources[kind].name);
    if (count <= 0) continue;
    // Devices that pose as many are not told apart.
    if (count > static_cast<std::int64_t>(kMaxDevices)) return devices;
    devices.count = static_cast<std::size_t>(count);
    devices.kind = static_cast<DeviceKind>(kind);
    break;
  }
  if (devices.count == 0) return devices;
  for (const std::string_view label : kModelLabels) {
    const auto found = node.labels.find(label);
    if (found == node.labels.end()) continue;
    devices.model = found->second;
    break;
  }
  return devices;
}

DeviceSet stated_devices(const model::Annotations& annotations) {
  const auto found = annotations.find(kGpuIndexAnnotation);
  if (found == annotations.end()) return {};
  DeviceSet devices;
  const std::string_view text = found->second;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at != end) {
    std::size_t device = 0;
    const auto [next, error] = std::from_chars(at, end, device);
    if (error != std::errc{} || (next != end && *next != ',')) return {};
    devices.push_back(device);
    at = next == end ? end : next + 1;
  }
  std::ranges::sort(devices);
  const auto repeated = std::ranges::unique(devices);
  devices.erase(repeated.begin(), repeated.end());
  return devices;
}

std::string to_text(const DeviceSet& devices) { return fmt::format("{}", fmt::join(devices, ",")); }

}   // namespace ebb::core::accelerators
