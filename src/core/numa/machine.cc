#include "core/numa/machine.h"

#include <map>

namespace ebb::core::numa {
namespace {

int id_at(const Cpu& cpu, Level level) {
  switch (level) {
    case Level::core: return cpu.core;
    case Level::uncore: return cpu.uncore;
    case Level::node: return cpu.node;
    case Level::socket: return cpu.socket;
  }
  EBB_UNREACHABLE();
}

}   // namespace

Result<CpuTopology> CpuTopology::create(const Machine& machine) {
  CpuTopology topology;
  topology.socket_count_ = machine.sockets;
  for (const NumaNode& node : machine.nodes) topology.node_ids_.push_back(node.id);
  std::sort(topology.node_ids_.begin(), topology.node_ids_.end());
  if (std::adjacent_find(topology.node_ids_.begin(), topology.node_ids_.end()) != topology.node_ids_.end())
    return fail(Errc::invalid, "a NUMA node stands twice");
  if (machine.nodes.size() > kMaxNumaNodes)
    return fail(Errc::too_large, "{} NUMA nodes, {} can be told apart", machine.nodes.size(), kMaxNumaNodes);
  for (const Cpu& cpu : machine.cpus) {
    if (cpu.id < 0 || cpu.id >= model::CpuSet::kMaxCpus) return fail(Errc::too_large, "CPU {} cannot be told apart", cpu.id);
    if (topology.all_.contains(cpu.id)) return fail(Errc::invalid, "CPU {} stands twice", cpu.id);
    if (!std::binary_search(topology.node_ids_.begin(), topology.node_ids_.end(), cpu.node))
      return fail(Errc::invalid, "CPU {} is on NUMA node {}, which is not there", cpu.id, cpu.node);
    topology.all_.add(cpu.id);
  }
  if (machine.cpus.empty()) return fail(Errc::invalid, "could not detect number of cpus");
  topology.cpu_count_ = static_cast<int>(machine.cpus.size());
  for (const Level level : {Level::core, Level::uncore, Level::node, Level::socket}) topology.build_groups(machine, level);
  topology.even_ = topology.is_even();
  return topology;
}

bool CpuTopology::is_even() const {
  for (const model::CpuSet& core : groups_[slot(Level::core)])
    if (core.size() != cpus_per_core()) return false;
  const bool nodes_hold_sockets = socket_count_ >= width(nodes_with_cpus_);
  for (const model::CpuSet& socket : groups_[slot(Level::socket)])
    if (socket.size() != cpus_per_socket() || (nodes_hold_sockets && width(nodes_under(socket)) != 1)) return false;
  for (int node = 0; node < node_count() && !nodes_hold_sockets; ++node)
    if (sockets_under(NodeMask{1} << node) > 1) return false;
  return true;
}

void CpuTopology::build_groups(const Machine& machine, Level level) {
  std::map<int, model::CpuSet> groups;
  if (level == Level::node)
    for (const int id : node_ids_) groups[id];   // a node without CPUs keeps its index
  // A core goes by its lowest thread, as in the kubelet, whatever number the machine gave it.
  std::map<int, int> lowest;
  if (level == Level::core)
    for (const Cpu& cpu : machine.cpus) {
      const auto [at, fresh] = lowest.try_emplace(cpu.core, cpu.id);
      if (!fresh) at->second = std::min(at->second, cpu.id);
    }
  for (const Cpu& cpu : machine.cpus) groups[level == Level::core ? lowest[cpu.core] : id_at(cpu, level)].add(cpu.id);

  auto& of_cpu = index_[slot(level)];
  of_cpu.assign(model::CpuSet::kMaxCpus, -1);
  for (const auto& [id, cpus] : groups) {
    const auto index = static_cast<std::int16_t>(groups_[slot(level)].size());
    groups_[slot(level)].push_back(cpus);
    cpus.for_each([&](int cpu) { of_cpu[static_cast<std::size_t>(cpu)] = index; });
    if (level == Level::node && !cpus.empty()) nodes_with_cpus_ |= NodeMask{1} << index;
  }
}

int CpuTopology::sockets_under(NodeMask nodes) const {
  const model::CpuSet cpus = cpus_under(nodes);
  int sockets = 0;
  for (const model::CpuSet& socket : groups_[slot(Level::socket)]) sockets += socket.common(cpus) > 0 ? 1 : 0;
  return sockets;
}

model::CpuSet CpuTopology::cpus_under(NodeMask nodes) const {
  model::CpuSet cpus;
  for (NodeMask rest = nodes; rest != 0; rest &= rest - 1) cpus |= group(Level::node, std::countr_zero(rest));
  return cpus;
}

NodeMask CpuTopology::nodes_under(const model::CpuSet& cpus) const {
  NodeMask nodes = 0;
  cpus.for_each([&](int cpu) { nodes |= NodeMask{1} << group_of(Level::node, cpu); });
  return nodes;
}

}   // namespace ebb::core::numa
