#pragma once

// How devices and the wish for them are written in Kubernetes objects: the extended resources that
// count whole devices, by vendor, the labels that name a node's model, and the annotation that says
// which devices a pod was given. Nodes count devices; shares of them are counted by Ebb alone.

#include "core/accelerators/devices.h"
#include "model/names.h"
#include "model/node.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ebb::core::accelerators {

// Of which device, "0" or "0,2": written with the Binding, read back after a restart.
inline constexpr std::string_view kGpuIndexAnnotation = "scheduling.openfuyao.io/gpu-index";
// A share of one device in thousandths, or whole ones as a multiple of 1000. No node publishes it.
inline constexpr std::string_view kGpuMilliResource = "scheduling.openfuyao.io/gpu-milli";

struct DeviceResource {
  std::string_view name;
  bool gpu = true;   // may be shared by pods that ask for a part of some GPU
};

// In this order: a node that publishes several is counted by its first.
std::span<const DeviceResource> device_resources();
// Resources that say a share: where no node publishes them nothing is missing.
std::span<const std::string_view> share_resources();
bool is_share_resource(std::string_view name);
// It says something about devices, whole or shared.
bool is_about_devices(std::string_view resource);

// Which device resource: an index into device_resources(), or any that is a GPU.
using DeviceKind = std::int32_t;
inline constexpr DeviceKind kAnyGpu = -1;

struct NodeDevices {
  std::size_t count = 0;   // 0: none, or more than are counted one by one
  DeviceKind kind = 0;
  std::string model;   // empty: no label says it

  friend bool operator==(const NodeDevices&, const NodeDevices&) = default;
};

NodeDevices devices_of(const model::Node& node);

// Nothing where there is no such annotation, or nobody can read it. Ascending, each once.
DeviceSet stated_devices(const model::Annotations& annotations);
std::string to_text(const DeviceSet& devices);

}   // namespace ebb::core::accelerators
