#include "core/numa/cpu_assignment.h"

#include "core/numa/cpu_accumulator.h"

#include <fmt/format.h>

namespace ebb::core::numa {

std::string not_enough(int requested, int available) {
  return fmt::format("not enough cpus available to satisfy request: requested={}, available={}", requested, available);
}

Taken take_packed(const CpuTopology& topology, const model::CpuSet& free, int count, bool spread_over_cores, bool prefer_uncore_cache) {
  CpuAccumulator accumulator(topology, free, count);
  if (accumulator.satisfied()) return accumulator.taken();
  if (accumulator.hopeless()) return std::unexpected(not_enough(count, free.size()));
  accumulator.take_whole_nodes_and_sockets();
  if (!accumulator.satisfied() && prefer_uncore_cache) accumulator.take_uncore_caches();
  if (!accumulator.satisfied() && !spread_over_cores) accumulator.take_whole_cores();
  if (!accumulator.satisfied()) accumulator.take_single_cpus(spread_over_cores);
  if (accumulator.satisfied()) return accumulator.taken();
  return std::unexpected("failed to allocate cpus");
}

Taken take_by_topology(const CpuTopology& topology, const model::CpuSet& free, int count, const CpuOptions& options) {
  if (options.distribute_across_numa)
    return take_distributed(topology, free, count, options.full_pcpus_only ? topology.cpus_per_core() : 1, options);
  return take_packed(topology, free, count, options.distribute_across_cores, options.prefer_uncore_cache);
}

}   // namespace ebb::core::numa
