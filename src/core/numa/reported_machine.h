#pragma once

// A model of a node's kubelet out of what is published about the node. What a report cannot say is said here: the
// prediction is then exact for what is known (how much is free on which NUMA node) and leaves the rest to the kubelet.

#include "core/numa/kubelet_model.h"
#include "model/node_report.h"
#include "model/numa_topology.h"

#include <string_view>
#include <vector>

namespace ebb::core::numa {

enum class Unknown : std::uint8_t {
  cpu_numbers,     // CPUs are counted, not named: which ones a pod gets is not predicted, and SMT alignment is not checked
  sockets,         // every NUMA node is taken for a socket of its own
  caches,          // every NUMA node is taken for one last-level cache
  cpu_policy,      // taken for static where CPUs are published per NUMA node
  cpu_options,     // taken for none
  memory_policy,   // taken for Static where memory is published per NUMA node
  memory_groups,   // which nodes serve together: a node in use is taken for one that serves alone
  memory,          // not published: only CPUs and devices are predicted
  scope,           // taken for container
  topology_options,
  distances,
  in_use,   // what running pods have: the bound pods are admitted again in the order of their start
};
std::string_view to_string(Unknown what);   // a clause for explain: "which CPUs are free"

struct ReportedKubelet {
  KubeletModel kubelet;
  std::vector<Unknown> unknown;

  bool knows(Unknown what) const;
};

// What an administrator has said of the kubelets beside the report. Anything set is no longer unknown.
struct KubeletHints {
  std::optional<TopologyPolicy> topology_policy;
  std::optional<TopologyScope> scope;
  std::optional<CpuPolicy> cpu_policy;
  std::optional<CpuOptions> cpu_options;
  std::optional<MemoryPolicy> memory_policy;
};

Result<ReportedKubelet> from_node_resource_topology(const model::NodeResourceTopology& report, const KubeletHints& hints = {});
Result<ReportedKubelet> from_numatopology(const model::Numatopology& report, const KubeletHints& hints = {});
// Capacities only; not_found where the report names no NUMA nodes.
Result<ReportedKubelet> from_node_report(const model::NodeReport& report, const KubeletHints& hints = {});

}   // namespace ebb::core::numa
