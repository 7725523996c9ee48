#include "core/numa/kubelet_config.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace ebb::core::numa {
namespace {

constexpr int kDefaultMaxNodes = 8;

// The spellings that Go's flag parser takes.
std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
    if (text == yes) return true;
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"})
    if (text == no) return false;
  return std::nullopt;
}

Result<bool> parse_switch(std::string_view name, std::string_view value) {
  const auto parsed = parse_bool(value);
  if (!parsed) return fail(Errc::invalid, "bad value for option \"{}\": '{}' is neither true nor false", name, value);
  return *parsed;
}

struct CpuSwitch {
  std::string_view name;
  bool CpuOptions::* field;
  bool alpha;
};

constexpr CpuSwitch kCpuSwitches[] = {
    {"full-pcpus-only", &CpuOptions::full_pcpus_only, false},
    {"distribute-cpus-across-numa", &CpuOptions::distribute_across_numa, false},
    {"align-by-socket", &CpuOptions::align_by_socket, true},
    {"distribute-cpus-across-cores", &CpuOptions::distribute_across_cores, true},
    {"strict-cpu-reservation", &CpuOptions::strict_reservation, false},
    {"prefer-align-cpus-by-uncorecache", &CpuOptions::prefer_uncore_cache, false},
};

std::string_view name_of(bool CpuOptions::* field) {
  return std::find_if(std::begin(kCpuSwitches), std::end(kCpuSwitches), [&](const CpuSwitch& one) { return one.field == field; })->name;
}

Status exclude(const CpuOptions& options, bool CpuOptions::* a, bool CpuOptions::* b) {
  if (!(options.*a && options.*b)) return {};
  return fail(Errc::invalid, "static policy options {} and {} can not be used at the same time", name_of(a), name_of(b));
}

Status check_cpu(const KubeletConfig& config, const CpuTopology& topology) {
  if (config.cpu_options.align_by_socket) {
    if (config.topology_policy == TopologyPolicy::single_numa_node)
      return fail(Errc::invalid, "topology manager policy single-numa-node is incompatible with CPU manager option align-by-socket");
    if (topology.socket_count() > width(topology.nodes_with_cpus()))
      return fail(Errc::invalid, "align-by-socket needs at least as many NUMA nodes as sockets");
  }
  if (config.reserved_cpu.v <= 0 && config.reserved_cpus.empty() && !config.from_report)
    return fail(Errc::invalid, "the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero");
  return {};
}

Status check_memory(const KubeletConfig& config, const Machine& machine) {
  std::int64_t reserved = 0;
  for (const ReservedMemory& one : config.reserved_memory) {
    if (std::none_of(machine.nodes.begin(), machine.nodes.end(), [&](const NumaNode& node) { return node.id == one.node; }))
      return fail(Errc::invalid, "the reserved memory configuration references a NUMA node {} that does not exist on this machine",
                  one.node);
    if (one.resource == "memory") reserved += one.amount.v;
  }
  if (reserved <= 0 && !config.from_report) return fail(Errc::invalid, "[memorymanager] you should specify the system reserved memory");
  return {};
}

}   // namespace

Result<TopologyPolicy> parse_topology_policy(std::string_view name) {
  for (const auto policy :
       {TopologyPolicy::none, TopologyPolicy::best_effort, TopologyPolicy::restricted, TopologyPolicy::single_numa_node})
    if (to_string(policy) == name) return policy;
  return fail(Errc::invalid, "unknown policy: \"{}\"", name);
}

std::string_view to_string(TopologyPolicy policy) {
  switch (policy) {
    case TopologyPolicy::none: return "none";
    case TopologyPolicy::best_effort: return "best-effort";
    case TopologyPolicy::restricted: return "restricted";
    case TopologyPolicy::single_numa_node: return "single-numa-node";
  }
  EBB_UNREACHABLE();
}

Result<TopologyScope> parse_topology_scope(std::string_view name) {
  if (name == "container") return TopologyScope::container;
  if (name == "pod") return TopologyScope::pod;
  return fail(Errc::invalid, "unknown scope: \"{}\"", name);
}

Result<CpuPolicy> parse_cpu_policy(std::string_view name) {
  if (name == "none") return CpuPolicy::none;
  if (name == "static") return CpuPolicy::static_;
  return fail(Errc::invalid, "unknown policy: \"{}\"", name);
}

Result<MemoryPolicy> parse_memory_policy(std::string_view name) {
  if (name == "None") return MemoryPolicy::none;
  if (name == "Static") return MemoryPolicy::static_;
  return fail(Errc::invalid, "unknown policy: \"{}\"", name);
}

Status set_topology_options(const OptionText& options, KubeletConfig& config) {
  for (const auto& [name, value] : options) {
    if (name == "prefer-closest-numa-nodes") {
      EBB_TRY(config.prefer_closest, parse_switch(name, value));
    } else if (name == "max-allowable-numa-nodes") {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), config.max_nodes);
      if (error != std::errc{} || end != value.data() + value.size())
        return fail(Errc::invalid, "unable to convert policy option to integer \"{}\": '{}'", name, value);
      if (config.max_nodes < kDefaultMaxNodes)
        return fail(Errc::invalid, "the minimum value of \"{}\" should not be less than {}", name, kDefaultMaxNodes);
    } else {
      return fail(Errc::invalid, "unknown Topology Manager Policy option: \"{}\"", name);
    }
  }
  return {};
}

Status set_cpu_options(const OptionText& options, bool alpha_gate, KubeletConfig& config) {
  if (config.cpu_policy == CpuPolicy::none && !options.empty()) return fail(Errc::invalid, "None policy: received unsupported options");
  for (const auto& [name, value] : options) {
    const auto* const known =
        std::find_if(std::begin(kCpuSwitches), std::end(kCpuSwitches), [&](const CpuSwitch& one) { return one.name == name; });
    if (known == std::end(kCpuSwitches)) return fail(Errc::invalid, "unknown CPU Manager Policy option: \"{}\"", name);
    if (known->alpha && !alpha_gate)
      return fail(Errc::invalid, "CPU Manager Policy Alpha-level Options not enabled, but option \"{}\" provided", name);
    EBB_TRY(config.cpu_options.*(known->field), parse_switch(name, value));
  }
  const CpuOptions& set = config.cpu_options;
  EBB_TRY_VOID(exclude(set, &CpuOptions::full_pcpus_only, &CpuOptions::distribute_across_cores));
  EBB_TRY_VOID(exclude(set, &CpuOptions::distribute_across_numa, &CpuOptions::distribute_across_cores));
  EBB_TRY_VOID(exclude(set, &CpuOptions::prefer_uncore_cache, &CpuOptions::distribute_across_cores));
  EBB_TRY_VOID(exclude(set, &CpuOptions::prefer_uncore_cache, &CpuOptions::distribute_across_numa));
  return {};
}

Status check(const KubeletConfig& config, const Machine& machine, const CpuTopology& topology) {
  const auto nodes = static_cast<int>(machine.nodes.size());
  if (config.topology_policy != TopologyPolicy::none) {
    if (nodes > config.max_nodes) return fail(Errc::invalid, "unsupported on machines with more than {} NUMA Nodes", config.max_nodes);
    if (config.prefer_closest && std::any_of(machine.nodes.begin(), machine.nodes.end(),
                                             [&](const NumaNode& node) { return node.distances.size() != machine.nodes.size(); }))
      return fail(Errc::invalid, "error getting NUMA distances from cadvisor");
  }
  if (config.cpu_policy == CpuPolicy::static_) EBB_TRY_VOID(check_cpu(config, topology));
  if (config.memory_policy == MemoryPolicy::static_) EBB_TRY_VOID(check_memory(config, machine));
  return {};
}

}   // namespace ebb::core::numa
