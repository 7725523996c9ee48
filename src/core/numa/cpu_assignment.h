#pragma once

// Which CPUs a request gets out of a free set: packed (whole sockets, NUMA nodes, caches, cores, then threads), or
// spread evenly over as few NUMA nodes as can hold it.

#include "core/numa/machine.h"

#include <expected>
#include <string>

namespace ebb::core::numa {

struct CpuOptions {
  bool full_pcpus_only = false;
  bool distribute_across_numa = false;
  bool align_by_socket = false;
  bool distribute_across_cores = false;
  bool strict_reservation = false;
  bool prefer_uncore_cache = false;

  friend bool operator==(const CpuOptions&, const CpuOptions&) = default;
};

// What the kubelet's own text would be, where CPUs cannot be taken.
using Taken = std::expected<model::CpuSet, std::string>;

std::string not_enough(int requested, int available);

Taken take_by_topology(const CpuTopology& topology, const model::CpuSet& free, int count, const CpuOptions& options);

// The two ways, each for itself. `group` CPUs are handed out together in the second.
Taken take_packed(const CpuTopology& topology, const model::CpuSet& free, int count, bool spread_over_cores, bool prefer_uncore_cache);
Taken take_distributed(const CpuTopology& topology, const model::CpuSet& free, int count, int group, const CpuOptions& options);

}   // namespace ebb::core::numa
