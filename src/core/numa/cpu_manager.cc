#include "core/numa/cpu_manager.h"

#include <algorithm>
#include <array>

namespace ebb::core::numa {

Refusal unexpected(std::string_view error) {
  return {kUnexpectedAdmissionError, fmt::format("Allocate failed due to {}, which is unexpected", error)};
}

Result<StaticCpus> StaticCpus::create(const CpuTopology& topology, const KubeletConfig& config) {
  StaticCpus cpus(topology, config.cpu_options);
  auto wanted = static_cast<int>((config.reserved_cpu.v + 999) / 1000);
  if (!config.reserved_cpus.empty()) {
    cpus.reserved_ = config.reserved_cpus;
    if (config.reserved_cpu.v == 0) wanted = cpus.reserved_.size();
  } else if (const auto taken = take_by_topology(topology, topology.all(), wanted, config.cpu_options)) {
    cpus.reserved_ = *taken;
  }
  if (cpus.reserved_.size() != wanted)
    return fail(Errc::invalid, "[cpumanager] unable to reserve the required amount of CPUs (size of {} did not equal {})",
                cpus.reserved_.to_string(), wanted);
  if (!topology.all().contains_all(cpus.reserved_))
    return fail(Errc::invalid, "[cpumanager] unable to build the reserved physical CPUs from the reserved set: unknown CPU ID");
  cpus.reserved_.for_each([&](int cpu) { cpus.reserved_cores_ |= topology.group(Level::core, topology.group_of(Level::core, cpu)); });
  return cpus;
}

CpuState StaticCpus::initial() const { return {options_.strict_reservation ? topology_->all() - reserved_ : topology_->all()}; }

ResourceHints StaticCpus::hints(const CpuState& state, const model::CpuSet& reusable, int requested, bool single_node_only) const {
  const NodeMask nodes = topology_->nodes_with_cpus();
  const NodeMask needed = topology_->nodes_under(reusable);   // what is left over of this pod must be within reach
  const model::CpuSet free = available(state);
  std::array<int, kMaxNumaNodes> free_on{};
  std::array<int, kMaxNumaNodes> all_on{};
  for (int node = 0; node < topology_->count(Level::node); ++node) {
    free_on[static_cast<std::size_t>(node)] = topology_->group(Level::node, node).common(free);
    all_on[static_cast<std::size_t>(node)] = topology_->group(Level::node, node).size();
  }
  ResourceHints result;
  int fewest = width(nodes);
  const int left_over = reusable.size();
  result.hints.reserve(single_node_only ? static_cast<std::size_t>(fewest) : std::size_t{1} << fewest);
  for_each_set(nodes, single_node_only, [&](NodeMask mask) {
    int all = 0;
    int free_here = left_over;
    for (NodeMask rest = mask; rest != 0; rest &= rest - 1) {
      all += all_on[static_cast<std::size_t>(std::countr_zero(rest))];
      free_here += free_on[static_cast<std::size_t>(std::countr_zero(rest))];
    }
    if (all >= requested) fewest = std::min(fewest, width(mask));
    if ((needed & ~mask) == 0 && free_here >= requested) result.hints.push_back({mask, false});
  });
  for (Hint& hint : result.hints)
    hint.preferred = width(hint.nodes) == fewest || (options_.align_by_socket && socket_aligned(hint.nodes, fewest));
  return result;
}

bool StaticCpus::socket_aligned(NodeMask nodes, int fewest_nodes) const {
  const int nodes_per_socket = width(topology_->nodes_with_cpus()) / std::max(topology_->socket_count(), 1);
  if (nodes_per_socket == 0) return false;
  return topology_->sockets_under(nodes) == (fewest_nodes + nodes_per_socket - 1) / nodes_per_socket;
}

std::optional<Refusal> StaticCpus::check_cores(const CpuState& state, int requested) const {
  if (!options_.full_pcpus_only) return std::nullopt;
  const int threads = topology_->cpus_per_core();
  if (requested % threads != 0)
    return Refusal{kSmtAlignmentError,
                   fmt::format("SMT Alignment Error: requested {} cpus not multiple cpus per core = {}", requested, threads)};
  const int whole = (state.shared - reserved_cores_).size();
  if (requested > whole)
    return Refusal{kSmtAlignmentError,
                   fmt::format("SMT Alignment Error: not enough free physical CPUs: available physical CPUs = {}, requested CPUs = {}, "
                               "CPUs per core = {}",
                               whole, requested, threads)};
  return std::nullopt;
}

model::CpuSet StaticCpus::aligned(NodeMask nodes, const model::CpuSet& cpus) const {
  const model::CpuSet here = topology_->cpus_under(nodes);
  if (!options_.align_by_socket) return here & cpus;
  model::CpuSet sockets;
  for (int socket = 0; socket < topology_->count(Level::socket); ++socket)
    if (topology_->group(Level::socket, socket).common(here) > 0) sockets |= topology_->group(Level::socket, socket);
  return sockets & cpus;
}

std::optional<Refusal> StaticCpus::allocate(CpuState& state, int requested, std::optional<NodeMask> nodes, const model::CpuSet& reusable,
                                            model::CpuSet& given) const {
  if (auto refusal = check_cores(state, requested)) return refusal;
  const model::CpuSet allocatable = available(state) | reusable;
  model::CpuSet taken;
  if (nodes) {
    const model::CpuSet near = aligned(*nodes, allocatable);
    const auto first = take_by_topology(*topology_, near, std::min(requested, near.size()), options_);
    if (!first) return unexpected(first.error());
    taken = *first;
  }
  const auto rest = take_by_topology(*topology_, allocatable - taken, requested - taken.size(), options_);
  if (!rest) return unexpected(rest.error());
  given = taken | *rest;
  state.shared -= given;
  return std::nullopt;
}

std::optional<Refusal> StaticCpus::refusal(const CpuState& state, int requested, std::optional<NodeMask> nodes,
                                           const model::CpuSet& reusable) const {
  if (options_.distribute_across_numa || !topology_->even()) {   // what comes out is known only once it is made
    CpuState copy = state;
    model::CpuSet given;
    return allocate(copy, requested, nodes, reusable, given);
  }
  if (auto refusal = check_cores(state, requested)) return refusal;
  const model::CpuSet allocatable = available(state) | reusable;
  const int near = nodes ? std::min(requested, aligned(*nodes, allocatable).size()) : 0;
  const int left = allocatable.size() - near;
  if (requested - near <= left) return std::nullopt;
  return unexpected(not_enough(requested - near, left));
}

}   // namespace ebb::core::numa
