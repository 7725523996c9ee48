#pragma once

// What a pod asks of other pods and of storage, made of the pod and its profile.

#include "core/placement/cluster_state.h"
#include "core/placement/shape.h"

#include <optional>

namespace ebb::core::placement {

// `shape` is the pod's own. The result refers to `state.nodes`.
affinity::RequirementSpec requirement_of(const model::Pod& pod, const Shape& shape,
                                         const std::optional<model::LabelSelector>& default_selector, const ClusterState& state);

volumes::VolumePlugins volume_plugins(const model::SchedulerProfile& profile);

}   // namespace ebb::core::placement
