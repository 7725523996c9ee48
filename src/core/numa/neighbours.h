#pragma once

// Which pods belong together closely enough to be kept on one host, and there on one NUMA node: those that name the same
// neighbourhood, or else those of one controller.

#include "model/pod.h"

#include <string>
#include <string_view>

namespace ebb::core::numa {

// Joins pods of different owners; the value is any name, of the namespace. "none": the pod has no neighbours.
inline constexpr std::string_view kNeighbourhood = "scheduling.openfuyao.io/neighbourhood";

// Two pods are neighbours where this is equal and not empty.
std::string neighbourhood_of(const model::Pod& pod);

}   // namespace ebb::core::numa
