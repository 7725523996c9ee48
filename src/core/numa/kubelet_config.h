#pragma once

// The part of a kubelet's configuration that decides about NUMA placement, and what it makes of it on one machine.
// What a kubelet would refuse to start with is an error here, in the same words.

#include "core/numa/cpu_assignment.h"
#include "core/numa/hint.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::numa {

enum class TopologyScope : std::uint8_t { container, pod };
enum class CpuPolicy : std::uint8_t { none, static_ };
enum class MemoryPolicy : std::uint8_t { none, static_ };

struct ReservedMemory {
  int node = 0;   // id
  std::string resource = "memory";
  Bytes amount;
};

struct KubeletConfig {
  TopologyPolicy topology_policy = TopologyPolicy::none;
  TopologyScope scope = TopologyScope::container;
  bool prefer_closest = false;
  int max_nodes = 8;

  CpuPolicy cpu_policy = CpuPolicy::none;
  CpuOptions cpu_options;
  MilliCpu reserved_cpu;         // of system and kubelet together
  model::CpuSet reserved_cpus;   // reservedSystemCPUs; empty: as many as reserved_cpu says are chosen

  MemoryPolicy memory_policy = MemoryPolicy::none;
  std::vector<ReservedMemory> reserved_memory;

  // Pieced together from what is published of a kubelet that runs: what a kubelet insists on (something reserved) is not asked for.
  bool from_report = false;
};

// The names as they stand in a KubeletConfiguration.
Result<TopologyPolicy> parse_topology_policy(std::string_view name);
Result<TopologyScope> parse_topology_scope(std::string_view name);
Result<CpuPolicy> parse_cpu_policy(std::string_view name);
Result<MemoryPolicy> parse_memory_policy(std::string_view name);
std::string_view to_string(TopologyPolicy policy);

using OptionText = std::map<std::string, std::string, std::less<>>;
Status set_topology_options(const OptionText& options, KubeletConfig& config);
// Options that are alpha are refused unless their gate is open.
Status set_cpu_options(const OptionText& options, bool alpha_gate, KubeletConfig& config);

// Everything that holds between the configuration and the machine.
Status check(const KubeletConfig& config, const Machine& machine, const CpuTopology& topology);

}   // namespace ebb::core::numa
