#pragma once

// The kubelet's static CPU policy: integer requests of Guaranteed pods get CPUs of their own out of the shared pool.

#include "core/numa/admission.h"
#include "core/numa/demand.h"
#include "core/numa/kubelet_config.h"

#include <optional>

namespace ebb::core::numa {

struct CpuState {
  model::CpuSet shared;   // what no container has for itself, the reserved CPUs included unless they are kept apart

  friend bool operator==(const CpuState&, const CpuState&) = default;
};

class StaticCpus {
 public:
  static Result<StaticCpus> create(const CpuTopology& topology, const KubeletConfig& config);

  CpuState initial() const;
  const model::CpuSet& reserved() const { return reserved_; }
  model::CpuSet available(const CpuState& state) const { return state.shared - reserved_; }

  // `reusable` are CPUs that finished init containers of the same pod leave.
  ResourceHints hints(const CpuState& state, const model::CpuSet& reusable, int requested, bool single_node_only) const;
  // Takes CPUs for one container, those under `nodes` first; without nodes from anywhere.
  std::optional<Refusal> allocate(CpuState& state, int requested, std::optional<NodeMask> nodes, const model::CpuSet& reusable,
                                  model::CpuSet& given) const;
  // Whether allocate() would refuse, without choosing CPUs.
  std::optional<Refusal> refusal(const CpuState& state, int requested, std::optional<NodeMask> nodes, const model::CpuSet& reusable) const;

 private:
  explicit StaticCpus(const CpuTopology& topology, const CpuOptions& options) : topology_(&topology), options_(options) {}
  std::optional<Refusal> check_cores(const CpuState& state, int requested) const;
  model::CpuSet aligned(NodeMask nodes, const model::CpuSet& cpus) const;
  bool socket_aligned(NodeMask nodes, int fewest_nodes) const;

  const CpuTopology* topology_;   // outlives this
  CpuOptions options_;
  model::CpuSet reserved_;
  model::CpuSet reserved_cores_;   // with the other threads of their cores
};

}   // namespace ebb::core::numa
