#pragma once

// The limits that an offline pod's containers run under: those its author wrote, which admission
// kept in an annotation when it moved them to the oversold resources. An oversold amount is what the
// scheduler counts, and not a limit: its request and its limit are one number.

#include "model/pod.h"
#include "model/resources.h"

#include <optional>

namespace ebb::sandbox {

// Native limits of the whole pod, zero where a container has none. None: the pod carries no such
// annotation, or one that cannot be read.
std::optional<model::Resources> original_limits(const model::Pod& pod, const model::Annotations& annotations);

// How much of its requested memory the pod may use at most. Requires: the limits of original_limits.
std::optional<Permille> memory_share_max(const model::Resources& requests, const model::Resources& limits);

}   // namespace ebb::sandbox
