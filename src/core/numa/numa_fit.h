#pragma once

// How good a predicted admission is, so that a scheduler can compare nodes: first few NUMA nodes, then near the neighbours of the same
// workload, then short distances, then whole cores for pods that own theirs, then a full machine before an empty one.

#include "core/numa/kubelet_model.h"

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ebb::core::numa {

// The NUMA nodes a pod's containers have CPUs, memory or devices on. Empty: it has nothing of its own and runs anywhere.
NodeMask nodes_of(const KubeletModel& kubelet, std::span<const ContainerGrant> containers);

// Do these CPUs share no core with anybody else? What has no CPUs shares none.
bool are_whole_cores(const CpuTopology& topology, const model::CpuSet& cpus);

struct NumaFit {
  NodeMask nodes = 0;
  int excess = 0;            // NUMA nodes beyond what the machine, empty, would need for the request
  int neighbours = 0;        // pods of the workload on this node
  int far_neighbours = 0;    // of them, those with no NUMA node in common
  double distance = 0;       // mean distance inside `nodes`; 0 where distances are not known
  bool whole_cores = true;   // of all exclusive CPUs
  int free_beside = 0;       // CPUs left free on `nodes`
  int cpus_beside = 0;       // all CPUs of `nodes`

  friend bool operator==(const NumaFit&, const NumaFit&) = default;
};

// `neighbours` are uids of pods of the same workload that the model knows; others are passed over.
NumaFit fit_of(const KubeletModel& kubelet, const PodDemand& pod, const Admission& admission, std::span<const std::string> neighbours = {});

// Less is better. A total order but for fits that are equal in everything that counts.
std::weak_ordering compare(const NumaFit& a, const NumaFit& b);

// 0..100. The same order, what comes first always outweighing what comes later, in steps coarse enough for a hundred points.
std::int64_t score(const NumaFit& fit);

// Does it keep what a policy's numaAffinity or a pod's volcano.sh/numa-topology-policy asks for, whatever the kubelet's own policy is?
bool keeps(const NumaFit& fit, TopologyPolicy wanted);

// Does a pod whose class owns its cores get them: integer CPUs, exclusive, and no thread shared?
enum class CoreOwnership : std::uint8_t { owned, not_integer, not_guaranteed, shared_pool, shared_core };
CoreOwnership core_ownership(const KubeletModel& kubelet, const PodDemand& pod, const Admission& admission);

}   // namespace ebb::core::numa
