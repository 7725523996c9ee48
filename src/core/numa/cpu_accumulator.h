#pragma once

// Takes CPUs out of a free set group by group, the fullest groups first, as the kubelet's static policy does: what a
// request leaves behind stays as whole as it can.

#include "core/numa/machine.h"

#include <vector>

namespace ebb::core::numa {

class CpuAccumulator {
 public:
  CpuAccumulator(const CpuTopology& topology, const model::CpuSet& free, int needed)
      : topology_(topology),
        free_(free & topology.all()),
        needed_(needed),
        nodes_hold_sockets_(topology.socket_count() >= node_count(topology)) {}

  bool satisfied() const { return needed_ < 1; }
  bool hopeless() const { return needed_ > free_.size(); }
  int needed() const { return needed_; }
  const model::CpuSet& taken() const { return taken_; }
  int free_in(Level level, int group) const { return topology_.group(level, group).common(free_); }
  model::CpuSet free_cpus_in(Level level, int group) const { return topology_.group(level, group) & free_; }

  // Groups of the level that have free CPUs, those with the fewest first, level by level from the outside in.
  std::vector<int> sorted_nodes() const;
  std::vector<int> sorted_sockets() const;
  std::vector<int> sorted_cores() const;

  void take(const model::CpuSet& cpus);
  void take_whole_nodes_and_sockets();   // whichever is larger first
  void take_uncore_caches();
  void take_whole_cores();
  void take_single_cpus(bool spread_over_cores);

 private:
  static int node_count(const CpuTopology& topology) { return width(topology.nodes_with_cpus()); }
  std::vector<int> groups_within(Level inner, Level outer, int outer_group) const;
  std::vector<int> all_groups(Level level) const;
  std::vector<int> sorted_uncores() const;
  void sort_by_free(Level level, std::vector<int>& groups) const;
  void take_whole(Level level, const std::vector<int>& in_order);
  void take_part_of_uncore(int uncore);
  bool is_whole(Level level, int group) const;

  const CpuTopology& topology_;
  model::CpuSet free_;
  model::CpuSet taken_;
  int needed_;
  bool nodes_hold_sockets_;   // as many sockets as NUMA nodes or more
};

}   // namespace ebb::core::numa
