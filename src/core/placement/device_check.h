#pragma once

// Whether a node's accelerators have room for a pod, how good the place is, and which devices it gets there.

#include "core/placement/cluster_state.h"
#include "core/placement/shape.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ebb::core::placement {

bool refused_by_devices(const ClusterState& state, const Shape& shape, Slot slot);
// In words; empty: nothing is refused.
std::string devices_refusal(const ClusterState& state, const Shape& shape, Slot slot);
// Whether the node would take the pod if nobody else had any of its devices.
bool devices_suffice(const ClusterState& state, const Shape& shape, Slot slot);
std::string devices_advice(const ClusterState& state, const Shape& shape, Slot slot);

// Points as other scores have them, and what of a point remains: a device is counted in millionths here.
struct DevicePoints {
  std::int64_t points = 0;
  std::int32_t fraction = 0;   // of 10,000
};
// 100 where nobody loses anything by the placement, and 100 less for every device that is expected to go unused because of
// it; with FGD its own 0..100. None: nobody looks at it, or no node of the cluster has devices.
std::optional<DevicePoints> device_points(const ClusterState& state, const Shape& shape, Slot slot);

// The term above stands in for those that spread pods over nodes.
bool packed_by_devices(const ClusterState& state, const Shape& shape);

// Which devices of the slot the pod gets; empty: it has no room there, or wants none.
accelerators::DeviceSet chosen_devices(const ClusterState& state, const accelerators::PodDevices& wanted, model::AcceleratorScoring scoring,
                                       Slot slot);

}   // namespace ebb::core::placement
