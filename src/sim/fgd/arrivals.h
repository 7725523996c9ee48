#pragma once

// In which order the pods of a trace arrive in one published experiment: sorted by name, shuffled by
// the seed, then pods drawn at random from the trace are appended until all of them want `tune` times
// the cluster's accelerators (or random ones are taken away until they want no more than that).

#include "sim/fgd/go_random.h"
#include "sim/fgd/trace.h"

#include <cstddef>
#include <vector>

namespace ebb::sim::fgd {

struct Arrivals {
  std::vector<std::size_t> pods;          // indices into the trace, in order of arrival
  std::vector<std::int32_t> node_ranks;   // of equally good nodes the one with the smallest rank is taken
};

// Continues `random`, which the Random policy goes on with.
Arrivals draw_arrivals(const std::vector<TraceNode>& nodes, const std::vector<TracePod>& pods, double tune, GoRandom& random);

}   // namespace ebb::sim::fgd
