#pragma once

// Machines, configurations and pods that the tests and benchmarks of this folder share.

#include "core/numa/kubelet_model.h"

#include <string>
#include <utility>
#include <vector>

namespace ebb::core::numa {

// Nodes of eight CPUs and 8 GiB, four cores each; the second threads are numbered after all first ones.
inline Machine machine_of(int sockets, int nodes_per_socket, int cores_per_node = 4) {
  Machine machine;
  machine.sockets = sockets;
  const int nodes = sockets * nodes_per_socket;
  for (int node = 0; node < nodes; ++node) {
    NumaNode made{node, gibibytes(8), {}, {}};
    for (int other = 0; other < nodes; ++other)
      made.distances.push_back(node == other ? 10 : node / nodes_per_socket == other / nodes_per_socket ? 12 : 32);
    machine.nodes.push_back(std::move(made));
    for (int i = 0; i < cores_per_node; ++i) {
      const int core = node * cores_per_node + i;
      for (const int cpu : {core, core + nodes * cores_per_node}) machine.cpus.push_back({cpu, node, node / nodes_per_socket, core, node});
    }
  }
  return machine;
}
inline Machine two_sockets() { return machine_of(2, 1); }

inline KubeletConfig static_config(TopologyPolicy policy) {
  KubeletConfig config;
  config.topology_policy = policy;
  config.cpu_policy = CpuPolicy::static_;
  config.reserved_cpu = cpus(1);
  config.memory_policy = MemoryPolicy::static_;
  config.reserved_memory = {{0, "memory", mebibytes(512)}};
  return config;
}

inline KubeletModel make_kubelet(const Machine& machine, const KubeletConfig& config) { return *KubeletModel::create(machine, config); }

inline ContainerDemand app(MilliCpu cpu, Bytes memory = gibibytes(1)) { return {"c", ContainerKind::app, cpu, {{"memory", memory.v}}, {}}; }

inline PodDemand pod(std::string uid, std::vector<ContainerDemand> containers) {
  PodDemand demand{std::move(uid), true, false, std::move(containers)};
  int number = 0;
  for (ContainerDemand& container : demand.containers) container.name = "c" + std::to_string(number++);
  return demand;
}

}   // namespace ebb::core::numa
