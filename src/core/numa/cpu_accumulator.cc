#include "core/numa/cpu_accumulator.h"

#include <algorithm>

namespace ebb::core::numa {
namespace {

void append(std::vector<int>& to, const std::vector<int>& more) { to.insert(to.end(), more.begin(), more.end()); }

}   // namespace

std::vector<int> CpuAccumulator::groups_within(Level inner, Level outer, int outer_group) const {
  std::vector<int> groups;
  free_cpus_in(outer, outer_group).for_each([&](int cpu) { groups.push_back(topology_.group_of(inner, cpu)); });
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  sort_by_free(inner, groups);
  return groups;
}

std::vector<int> CpuAccumulator::all_groups(Level level) const {
  std::vector<int> groups;
  for (int group = 0; group < topology_.count(level); ++group)
    if (free_in(level, group) > 0) groups.push_back(group);
  sort_by_free(level, groups);
  return groups;
}

// A group counts with all of its free CPUs, also where only some of them made it a candidate.
void CpuAccumulator::sort_by_free(Level level, std::vector<int>& groups) const {
  std::vector<std::pair<int, int>> keyed;
  keyed.reserve(groups.size());
  for (const int group : groups) keyed.emplace_back(free_in(level, group), group);
  std::sort(keyed.begin(), keyed.end());
  std::transform(keyed.begin(), keyed.end(), groups.begin(), [](const auto& key) { return key.second; });
}

std::vector<int> CpuAccumulator::sorted_nodes() const {
  if (nodes_hold_sockets_) return all_groups(Level::node);
  std::vector<int> nodes;
  for (const int socket : sorted_sockets()) append(nodes, groups_within(Level::node, Level::socket, socket));
  return nodes;
}

std::vector<int> CpuAccumulator::sorted_sockets() const {
  if (!nodes_hold_sockets_) return all_groups(Level::socket);
  std::vector<int> sockets;
  for (const int node : sorted_nodes()) append(sockets, groups_within(Level::socket, Level::node, node));
  return sockets;
}

std::vector<int> CpuAccumulator::sorted_cores() const {
  std::vector<int> cores;
  const Level outer = nodes_hold_sockets_ ? Level::socket : Level::node;
  for (const int group : nodes_hold_sockets_ ? sorted_sockets() : sorted_nodes()) append(cores, groups_within(Level::core, outer, group));
  return cores;
}

std::vector<int> CpuAccumulator::sorted_uncores() const {
  std::vector<int> uncores;
  for (const int node : sorted_nodes()) append(uncores, groups_within(Level::uncore, Level::node, node));
  return uncores;
}

void CpuAccumulator::take(const model::CpuSet& cpus) {
  taken_ |= cpus;
  free_ -= cpus;
  needed_ -= cpus.size();
}

bool CpuAccumulator::is_whole(Level level, int group) const {
  const int free = free_in(level, group);
  switch (level) {
    case Level::core: return free == topology_.cpus_per_core();   // on average: what an uneven machine has is not looked at
    case Level::socket: return free == topology_.cpus_per_socket();
    case Level::uncore:
    case Level::node: return free == topology_.group(level, group).size();
  }
  EBB_UNREACHABLE();
}

void CpuAccumulator::take_whole(Level level, const std::vector<int>& in_order) {
  std::vector<int> whole;
  for (const int group : in_order)
    if (is_whole(level, group)) whole.push_back(group);
  for (const int group : whole)
    if (needed_ >= topology_.group(level, group).size()) take(topology_.group(level, group));
}

void CpuAccumulator::take_whole_nodes_and_sockets() {
  if (nodes_hold_sockets_) {
    take_whole(Level::node, sorted_nodes());
    if (!satisfied()) take_whole(Level::socket, sorted_sockets());
  } else {
    take_whole(Level::socket, sorted_sockets());
    if (!satisfied()) take_whole(Level::node, sorted_nodes());
  }
}

void CpuAccumulator::take_uncore_caches() {
  for (const int uncore : sorted_uncores()) {
    if (needed_ >= topology_.cpus_per_uncore()) take_whole(Level::uncore, sorted_uncores());
    if (satisfied()) return;
    take_part_of_uncore(uncore);
    if (satisfied()) return;
  }
}

// All that is still needed out of one cache group's lowest cores, or nothing.
void CpuAccumulator::take_part_of_uncore(int uncore) {
  const int threads = topology_.cpus_per_core();
  if (threads == 0) return;
  auto cores = groups_within(Level::core, Level::uncore, uncore);
  std::sort(cores.begin(), cores.end());
  const auto wanted = static_cast<std::size_t>((needed_ + threads - 1) / threads);
  if (cores.size() > wanted) cores.resize(wanted);
  model::CpuSet cpus;
  for (const int core : cores) cpus |= free_cpus_in(Level::core, core);
  if (needed_ % 2 != 0 && threads > 1 && cpus.size() > needed_) cpus.remove(cpus.list().back());   // an odd request leaves one thread
  if (cpus.size() == needed_) take(cpus);
}

void CpuAccumulator::take_whole_cores() { take_whole(Level::core, sorted_cores()); }

void CpuAccumulator::take_single_cpus(bool spread_over_cores) {
  std::vector<int> cpus;
  const Level level = spread_over_cores ? Level::socket : Level::core;
  for (const int group : spread_over_cores ? sorted_sockets() : sorted_cores()) append(cpus, free_cpus_in(level, group).list());
  for (const int cpu : cpus) {
    model::CpuSet one;
    one.add(cpu);
    take(one);
    if (satisfied()) return;
  }
}

}   // namespace ebb::core::numa
