#pragma once

// The kubelet's Static memory policy: Guaranteed containers get memory and huge pages on as few NUMA nodes as can hold
// them. A node that serves a container alone and a group of nodes that serve one together never mix.

#include "core/numa/admission.h"
#include "core/numa/demand.h"
#include "core/numa/kubelet_config.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ebb::core::numa {

struct NodeMemory {
  std::int64_t free = 0;
  std::int64_t reserved = 0;   // by containers

  friend bool operator==(const NodeMemory&, const NodeMemory&) = default;
};

struct MemoryState {
  struct Node {
    int assignments = 0;
    NodeMask group = 0;   // the nodes it serves containers together with, itself included

    friend bool operator==(const Node&, const Node&) = default;
  };
  std::vector<Node> nodes;
  std::vector<NodeMemory> cells;   // by node, then by resource

  friend bool operator==(const MemoryState&, const MemoryState&) = default;
};

// What the init containers of one pod leave for those after them, by set of nodes and resource.
using ReusableMemory = std::vector<MemoryBlock>;

// Amounts by resource index.
using MemoryRequest = std::vector<std::pair<int, std::int64_t>>;

class StaticMemory {
 public:
  static StaticMemory create(const Machine& machine, const CpuTopology& topology, const KubeletConfig& config);

  MemoryState initial() const;
  const std::vector<std::string>& resources() const { return resources_; }
  MemoryRequest request_of(const NamedCounts& amounts) const;
  std::vector<std::int64_t> allocatable(int resource) const;   // by node

  // Adds one list per resource; none at all where no set of nodes will do, which the topology manager takes for no preference.
  void hints(const MemoryState& state, const ReusableMemory& reusable, const MemoryRequest& request, bool single_node_only,
             std::vector<ResourceHints>& to) const;
  std::optional<Refusal> allocate(MemoryState& state, ReusableMemory& reusable, const MemoryRequest& request, const Merged& affinity,
                                  bool is_init, std::span<ContainerGrant> before, ContainerGrant& grant) const;
  // Reserves blocks that are known to be held, whoever they were promised to.
  void take(MemoryState& state, const std::vector<MemoryBlock>& blocks) const;
  // Lowers what is free on a node, which from then on serves containers alone: most memory fits on one node.
  void take_unknown(MemoryState& state, int node, int resource, std::int64_t size) const;
  void release(MemoryState& state, const std::vector<MemoryBlock>& blocks) const;

 private:
  std::vector<Hint> all_hints(const MemoryState& state, const ReusableMemory& reusable, const MemoryRequest& request,
                              bool single_node_only) const;
  bool satisfies(const MemoryState& state, NodeMask nodes, const MemoryRequest& request) const;
  NodeMemory& cell(MemoryState& state, int node, int resource) const { return state.cells[at(node, resource)]; }
  const NodeMemory& cell(const MemoryState& state, int node, int resource) const { return state.cells[at(node, resource)]; }
  std::size_t at(int node, int resource) const {
    return static_cast<std::size_t>(node) * resources_.size() + static_cast<std::size_t>(resource);
  }
  void reserve(MemoryState& state, NodeMask nodes, int resource, std::int64_t size) const;

  int node_count_ = 0;
  std::vector<std::string> resources_;      // "memory" first
  std::vector<std::int64_t> allocatable_;   // by node, then by resource
};

}   // namespace ebb::core::numa
