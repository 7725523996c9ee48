#pragma once

// One machine as the kubelet sees it, and what it derives from that once: which CPUs stand in which core, cache
// group, NUMA node and socket. NUMA nodes are numbered here by their place in the sorted list of ids ("index"), so
// that a set of them is a few bits; order by index is order by id.

#include "base/result.h"
#include "base/units.h"
#include "model/cpu_set.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ebb::core::numa {

// A set of NUMA nodes, bit i for the node with index i.
using NodeMask = std::uint32_t;
inline constexpr int kMaxNumaNodes = 16;   // beyond it the kubelet's own search over sets of nodes does not end
inline int width(NodeMask mask) { return std::popcount(mask); }
inline bool is_narrower(NodeMask a, NodeMask b) { return width(a) != width(b) ? width(a) < width(b) : a < b; }

struct Cpu {
  int id = 0;
  int node = 0;   // id of its NUMA node
  int socket = 0;
  int core = 0;     // whatever the threads of one core share, and nobody else
  int uncore = 0;   // last-level cache; the socket where that is not known
};

struct HugePages {
  std::string resource;   // hugepages-2Mi
  Bytes total;
};

struct NumaNode {
  int id = 0;
  Bytes memory;   // everything, huge pages included
  std::vector<HugePages> huge_pages;
  std::vector<int> distances;   // to every node in order of id, itself included; empty: not known
};

struct Device {
  std::string resource;
  std::vector<std::pair<int, int>> counts;   // id of a NUMA node, how many devices there
  int without_node = 0;                      // devices that belong to no node
};

struct Machine {
  int sockets = 1;
  std::vector<Cpu> cpus;
  std::vector<NumaNode> nodes;
  std::vector<Device> devices;
};

enum class Level : std::uint8_t { core, uncore, node, socket };
inline constexpr std::size_t kLevels = 4;

class CpuTopology {
 public:
  // Fails where a CPU stands twice or on a node that is not there, or there are more nodes or CPUs than can be told apart.
  static Result<CpuTopology> create(const Machine& machine);

  const model::CpuSet& all() const { return all_; }
  int cpu_count() const { return cpu_count_; }
  int socket_count() const { return socket_count_; }   // as the machine states it
  int cpus_per_core() const { return cpu_count_ / std::max(count(Level::core), 1); }
  int cpus_per_socket() const { return socket_count_ == 0 ? 0 : cpu_count_ / socket_count_; }
  int cpus_per_uncore() const { return cpu_count_ / std::max(count(Level::uncore), 1); }

  // Every core has as many CPUs as every other, so has every socket, and the larger of sockets and NUMA nodes hold the smaller. On
  // any other machine the kubelet can take a core for free of which it has one thread only.
  bool even() const { return even_; }

  // Groups of a level in order of their ids, those only that have CPUs; for nodes the indices of the machine.
  int count(Level level) const { return static_cast<int>(groups_[slot(level)].size()); }
  const model::CpuSet& group(Level level, int index) const { return groups_[slot(level)][static_cast<std::size_t>(index)]; }
  int group_of(Level level, int cpu) const { return index_[slot(level)][static_cast<std::size_t>(cpu)]; }

  NodeMask nodes_with_cpus() const { return nodes_with_cpus_; }
  int node_count() const { return static_cast<int>(node_ids_.size()); }   // also those without CPUs
  const std::vector<int>& node_ids() const { return node_ids_; }
  NodeMask all_nodes() const { return (NodeMask{1} << node_count()) - 1; }
  int sockets_under(NodeMask nodes) const;
  model::CpuSet cpus_under(NodeMask nodes) const;
  NodeMask nodes_under(const model::CpuSet& cpus) const;

 private:
  static std::size_t slot(Level level) { return static_cast<std::size_t>(level); }
  bool is_even() const;
  void build_groups(const Machine& machine, Level level);

  model::CpuSet all_;
  int cpu_count_ = 0;
  int socket_count_ = 0;
  bool even_ = true;
  std::vector<int> node_ids_;
  NodeMask nodes_with_cpus_ = 0;
  std::array<std::vector<model::CpuSet>, kLevels> groups_;
  std::array<std::vector<std::int16_t>, kLevels> index_;   // by CPU number
};

}   // namespace ebb::core::numa
