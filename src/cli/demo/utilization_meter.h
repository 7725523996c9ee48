#pragma once

// The mean use of a cluster's nodes over a time, from what any client sees of them: the node's own
// report, else metrics.k8s.io. Pure: what was seen at one look is taken to hold until the next.

#include "base/time.h"
#include "base/units.h"
#include "base/wide.h"
#include "cli/cluster/cluster_snapshot.h"

#include <optional>

namespace ebb::cli {

class UtilizationMeter final {
 public:
  // `now` is the cluster's time. The first look begins the measurement, the last one ends it.
  void look(const ClusterSnapshot& snapshot, Instant now);

  // Use / allocatable of all nodes whose use is known; none where nothing is.
  std::optional<Permille> cpu() const { return mean(cpu_used_, cpu_whole_); }
  std::optional<Permille> memory() const { return mean(memory_used_, memory_whole_); }

 private:
  static std::optional<Permille> mean(Int128 used, Int128 whole);

  std::optional<Instant> last_;
  model::Use used_;          // at the last look
  model::Use allocatable_;   // of the nodes counted in it
  // Amounts times nanoseconds.
  Int128 cpu_used_ = 0, cpu_whole_ = 0, memory_used_ = 0, memory_whole_ = 0;
};

}   // namespace ebb::cli
