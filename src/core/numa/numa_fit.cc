#include "core/numa/numa_fit.h"

#include <algorithm>
#include <functional>

namespace ebb::core::numa {
namespace {

// The fewest nodes whose capacities, the largest first, add up to the request.
int fewest(std::vector<std::int64_t> capacities, std::int64_t request) {
  std::sort(capacities.begin(), capacities.end(), std::greater<>());
  int nodes = 0;
  for (const std::int64_t capacity : capacities) {
    if (request <= 0) break;
    request -= capacity;
    ++nodes;
  }
  return nodes;
}

int fewest_possible(const KubeletModel& kubelet, const PodDemand& pod) {
  const CpuTopology& topology = kubelet.topology();
  int nodes = 0;
  if (const int cpus = pod.exclusive_cpus(); kubelet.static_cpus() != nullptr && cpus > 0) {
    std::vector<std::int64_t> capacities;
    for (int node = 0; node < topology.count(Level::node); ++node) capacities.push_back(topology.group(Level::node, node).size());
    nodes = fewest(capacities, cpus);
  }
  if (const StaticMemory* memory = kubelet.static_memory(); memory != nullptr)
    for (const auto& [resource, size] : memory->request_of(pod.memory()))
      if (resource >= 0) nodes = std::max(nodes, fewest(memory->allocatable(resource), size));
  return nodes;
}

// Distances are the firmware's: 10 is local, beyond 20 is usually another socket.
constexpr double kFar = 20;

// All near; nobody there, or some far; most of them far.
int neighbour_step(const NumaFit& fit) {
  if (fit.neighbours > 0 && fit.far_neighbours == 0) return 0;
  return fit.far_neighbours * 2 <= fit.neighbours ? 1 : 2;
}

}   // namespace

NodeMask nodes_of(const KubeletModel& kubelet, std::span<const ContainerGrant> containers) {
  NodeMask nodes = 0;
  for (const ContainerGrant& container : containers) {
    nodes |= kubelet.topology().nodes_under(container.cpus);
    for (const MemoryBlock& block : container.memory) nodes |= block.nodes;
    for (const DeviceGrant& grant : container.devices)
      if (grant.node >= 0) nodes |= NodeMask{1} << grant.node;
  }
  return nodes;
}

bool are_whole_cores(const CpuTopology& topology, const model::CpuSet& cpus) {
  bool whole = true;
  cpus.for_each([&](int cpu) { whole = whole && cpus.contains_all(topology.group(Level::core, topology.group_of(Level::core, cpu))); });
  return whole;
}

NumaFit fit_of(const KubeletModel& kubelet, const PodDemand& pod, const Admission& admission, std::span<const std::string> neighbours) {
  NumaFit fit;
  fit.nodes = nodes_of(kubelet, admission.containers);
  if (fit.nodes != 0) fit.excess = std::max(width(fit.nodes) - fewest_possible(kubelet, pod), 0);
  for (const std::string& uid : neighbours) {
    const auto* grants = kubelet.find(uid);
    if (grants == nullptr) continue;
    ++fit.neighbours;
    const NodeMask theirs = nodes_of(kubelet, *grants);
    if (fit.nodes != 0 && theirs != 0 && (theirs & fit.nodes) == 0) ++fit.far_neighbours;
  }
  if (!kubelet.distances().empty() && fit.nodes != 0) fit.distance = average_distance(kubelet.distances(), fit.nodes);
  model::CpuSet taken;
  for (const ContainerGrant& container : admission.containers) {
    taken |= container.cpus;
    fit.whole_cores = fit.whole_cores && are_whole_cores(kubelet.topology(), container.cpus);
  }
  const model::CpuSet beside = kubelet.topology().cpus_under(fit.nodes);
  fit.cpus_beside = beside.size();
  if (const StaticCpus* cpus = kubelet.static_cpus(); cpus != nullptr && fit.nodes != 0)
    fit.free_beside = ((cpus->available(kubelet.free().cpus) & beside) - taken).size();
  return fit;
}

std::weak_ordering compare(const NumaFit& a, const NumaFit& b) {
  if (const auto order = width(a.nodes) <=> width(b.nodes); order != 0) return order;
  // Beside more neighbours, with fewer of them far away.
  if (const auto order = (b.neighbours - 2 * b.far_neighbours) <=> (a.neighbours - 2 * a.far_neighbours); order != 0) return order;
  if (a.distance != b.distance) return a.distance < b.distance ? std::weak_ordering::less : std::weak_ordering::greater;
  if (const auto order = b.whole_cores <=> a.whole_cores; order != 0) return order;
  return a.free_beside <=> b.free_beside;
}

std::int64_t score(const NumaFit& fit) {
  if (fit.nodes == 0) return 100;   // nothing that could be far from anything
  std::int64_t points = 100;
  points -= std::min(width(fit.nodes) - 1, 3) * 24;
  points -= neighbour_step(fit) * 8;
  points -= fit.distance > kFar ? 4 : 0;
  points -= fit.whole_cores ? 0 : 2;
  points -= fit.free_beside * 2 > fit.cpus_beside ? 1 : 0;
  return points;
}

bool keeps(const NumaFit& fit, TopologyPolicy wanted) {
  switch (wanted) {
    case TopologyPolicy::none:
    case TopologyPolicy::best_effort: return true;
    case TopologyPolicy::restricted: return fit.excess == 0;
    case TopologyPolicy::single_numa_node: return width(fit.nodes) <= 1;
  }
  EBB_UNREACHABLE();
}

CoreOwnership core_ownership(const KubeletModel& kubelet, const PodDemand& pod, const Admission& admission) {
  if (!pod.guaranteed || pod.pod_level) return CoreOwnership::not_guaranteed;
  for (const ContainerDemand& container : pod.containers)
    if (container.cpu.v % 1000 != 0) return CoreOwnership::not_integer;
  if (kubelet.static_cpus() == nullptr) return CoreOwnership::shared_pool;
  for (const ContainerGrant& container : admission.containers)
    if (!are_whole_cores(kubelet.topology(), container.cpus)) return CoreOwnership::shared_core;
  return CoreOwnership::owned;
}

}   // namespace ebb::core::numa
