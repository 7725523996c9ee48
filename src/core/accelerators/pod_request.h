#pragma once

// What a pod asks of accelerators, whichever way it says so:
//
//   nvidia.com/gpu: 2 (and other vendors')             two whole devices
//   scheduling.openfuyao.io/gpu-milli: 500             half of one device; 2000: two whole ones
//     with annotation scheduling.openfuyao.io/gpu-count: "2"   half of each of two devices
//   koordinator.sh/gpu-core, gpu-memory-ratio, gpu: 50 percent of one; 200: two whole ones
//   annotations alibabacloud.com/gpu-milli, gpu-count  thousandths of each of so many
//
// and of which models: annotation scheduling.openfuyao.io/gpu-models, or alibabacloud.com/gpu-card-model.
// What the pod says twice it must say alike.

#include "core/accelerators/device_resources.h"
#include "core/accelerators/devices.h"
#include "model/pod.h"

#include <cstdint>
#include <string>

namespace ebb::core::accelerators {

inline constexpr std::string_view kGpuCountAnnotation = "scheduling.openfuyao.io/gpu-count";
inline constexpr std::string_view kGpuModelsAnnotation = "scheduling.openfuyao.io/gpu-models";

// What the pod takes of its node's devices.
struct DeviceNeed {
  std::int32_t count = 0;   // 0: nothing
  std::int32_t share = 0;   // of each, in thousandths
  DeviceKind kind = kAnyGpu;

  friend bool operator==(const DeviceNeed&, const DeviceNeed&) = default;
};

struct PodDevices {
  AcceleratorRequest request;
  DeviceKind kind = kAnyGpu;
  std::string problem;   // in words, where what the pod says cannot be had anywhere; then it asks for nothing

  bool wanted() const { return request.count > 0 || !problem.empty(); }
  DeviceNeed need() const { return {request.count, static_cast<std::int32_t>(request.share.v), kind}; }
};

PodDevices devices_of(const model::Pod& pod);

}   // namespace ebb::core::accelerators
