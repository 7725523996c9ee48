#pragma once

// What the kubelets' managers of CPUs, memory and devices would say of a pod, and how well it would lie on each machine.

#include "core/placement/cluster_state.h"
#include "core/placement/shape.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ebb::core::placement {

// None: the pod asks for nothing that belongs to a NUMA node.
std::optional<NumaNeed> numa_need(const model::Pod& pod, const Resolved& resolved);

// Why the pod should not go there, in words; empty: it may. A node of which nothing is published refuses nothing.
std::string numa_refusal(const ClusterState& state, const Shape& shape, Slot slot);
bool refused_by_numa(const ClusterState& state, const Shape& shape, Slot slot);

// 0..100; 0 where nothing is known. None: the pod has nothing that could lie well or badly, or nobody looks at it.
std::optional<std::int64_t> numa_points(const ClusterState& state, const Shape& shape, Slot slot);

}   // namespace ebb::core::placement
