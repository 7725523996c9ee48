#include "core/numa/memory_manager.h"

#include <algorithm>

namespace ebb::core::numa {
namespace {

constexpr int kUnknownResource = -1;   // asked for, but no node has any

std::int64_t left_over(const ReusableMemory& reusable, NodeMask nodes, int resource) {
  for (const MemoryBlock& block : reusable)
    if (block.nodes == nodes && block.resource == resource) return block.size;
  return 0;
}

// An init container adds what it leaves: the largest counts, since they run one after the other. Whoever stays uses it up.
void note_use(ReusableMemory& reusable, const std::vector<MemoryBlock>& blocks, bool is_init) {
  for (const MemoryBlock& block : blocks) {
    const auto found = std::find_if(reusable.begin(), reusable.end(),
                                    [&](const MemoryBlock& one) { return one.nodes == block.nodes && one.resource == block.resource; });
    if (found == reusable.end()) {
      if (is_init) reusable.push_back(block);
    } else {
      found->size = is_init ? std::max(found->size, block.size) : std::max<std::int64_t>(found->size - block.size, 0);
    }
  }
}

// What a container reuses is no longer counted for the init containers that had it, so that the sum over the pod stays right.
void take_from_init_containers(std::span<ContainerGrant> before, const std::vector<MemoryBlock>& blocks) {
  for (const MemoryBlock& block : blocks) {
    std::int64_t size = block.size;
    for (ContainerGrant& earlier : before) {
      if (size == 0) break;
      if (!earlier.init) continue;
      for (MemoryBlock& theirs : earlier.memory) {
        if (theirs.resource != block.resource || theirs.nodes != block.nodes) continue;
        const std::int64_t shared = std::min(theirs.size, size);
        theirs.size -= shared;
        size -= shared;
      }
    }
  }
}

std::optional<Hint> best_of(const std::vector<Hint>& hints) {
  std::optional<Hint> best;
  for (const Hint& hint : hints)
    if (!best || (hint.preferred && !best->preferred) || (hint.preferred == best->preferred && is_narrower(hint.nodes, best->nodes)))
      best = hint;
  return best;
}

// A node that serves containers alone, or in another group, cannot join this set.
bool breaks_groups(const MemoryState& state, NodeMask nodes) {
  if (width(nodes) == 1) return false;
  for (NodeMask rest = nodes; rest != 0; rest &= rest - 1) {
    const auto& node = state.nodes[static_cast<std::size_t>(std::countr_zero(rest))];
    if (node.assignments > 0 && (width(node.group) == 1 || node.group != nodes)) return true;
  }
  return false;
}

}   // namespace

StaticMemory StaticMemory::create(const Machine& machine, const CpuTopology& topology, const KubeletConfig& config) {
  StaticMemory memory;
  memory.node_count_ = topology.node_count();
  std::vector<std::string> pages;
  for (const NumaNode& node : machine.nodes)
    for (const HugePages& one : node.huge_pages) pages.push_back(one.resource);
  std::sort(pages.begin(), pages.end());
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
  memory.resources_ = {"memory"};
  memory.resources_.insert(memory.resources_.end(), pages.begin(), pages.end());
  memory.allocatable_.assign(static_cast<std::size_t>(memory.node_count_) * memory.resources_.size(), 0);

  for (const NumaNode& node : machine.nodes) {
    const auto& ids = topology.node_ids();
    const auto index = static_cast<int>(std::lower_bound(ids.begin(), ids.end(), node.id) - ids.begin());
    std::int64_t& plain = memory.allocatable_[memory.at(index, 0)];
    plain = node.memory.v;
    for (const HugePages& one : node.huge_pages) {
      plain -= one.total.v;
      memory.allocatable_[memory.at(index, memory.request_of({{one.resource, 1}}).front().first)] += one.total.v;
    }
    for (const ReservedMemory& reserved : config.reserved_memory)
      if (const int resource = memory.request_of({{reserved.resource, 1}}).front().first; reserved.node == node.id && resource >= 0)
        memory.allocatable_[memory.at(index, resource)] -= reserved.amount.v;
  }
  return memory;
}

MemoryState StaticMemory::initial() const {
  MemoryState state;
  for (int node = 0; node < node_count_; ++node) state.nodes.push_back({0, NodeMask{1} << node});
  for (const std::int64_t amount : allocatable_) state.cells.push_back({amount, 0});
  return state;
}

MemoryRequest StaticMemory::request_of(const NamedCounts& amounts) const {
  MemoryRequest request;
  for (const auto& [name, amount] : amounts) {
    const auto found = std::find(resources_.begin(), resources_.end(), name);
    request.emplace_back(found == resources_.end() ? kUnknownResource : static_cast<int>(found - resources_.begin()), amount);
  }
  return request;
}

std::vector<std::int64_t> StaticMemory::allocatable(int resource) const {
  std::vector<std::int64_t> amounts;
  for (int node = 0; node < node_count_; ++node) amounts.push_back(allocatable_[at(node, resource)]);
  return amounts;
}

std::vector<Hint> StaticMemory::all_hints(const MemoryState& state, const ReusableMemory& reusable, const MemoryRequest& request,
                                          bool single_node_only) const {
  std::vector<Hint> hints;
  hints.reserve(single_node_only ? static_cast<std::size_t>(node_count_) : std::size_t{1} << node_count_);
  int fewest = node_count_;
  for_each_set((NodeMask{1} << node_count_) - 1, single_node_only, [&](NodeMask mask) {
    bool can = true;
    for (const auto& [resource, size] : request) {
      std::int64_t allocatable = 0;
      std::int64_t free = resource < 0 ? 0 : left_over(reusable, mask, resource);
      for (NodeMask rest = mask; rest != 0 && resource >= 0; rest &= rest - 1) {
        allocatable += allocatable_[at(std::countr_zero(rest), resource)];
        free += cell(state, std::countr_zero(rest), resource).free;
      }
      if (allocatable < size) return;
      can = can && free >= size;
    }
    fewest = std::min(fewest, width(mask));
    if (width(mask) == 1 && width(state.nodes[static_cast<std::size_t>(std::countr_zero(mask))].group) > 1) return;
    if (can && !breaks_groups(state, mask)) hints.push_back({mask, false});
  });
  for (Hint& hint : hints) hint.preferred = width(hint.nodes) == fewest;
  return hints;
}

void StaticMemory::hints(const MemoryState& state, const ReusableMemory& reusable, const MemoryRequest& request, bool single_node_only,
                         std::vector<ResourceHints>& to) const {
  auto hints = all_hints(state, reusable, request, single_node_only);
  if (hints.empty() && single_node_only) hints = all_hints(state, reusable, request, false);   // a list or no list: that differs
  if (hints.empty()) {
    to.push_back({true, {}});
    return;
  }
  for (std::size_t i = 0; i + 1 < request.size(); ++i) to.push_back({false, hints});
  to.push_back({false, std::move(hints)});
}

bool StaticMemory::satisfies(const MemoryState& state, NodeMask nodes, const MemoryRequest& request) const {
  return std::all_of(request.begin(), request.end(), [&](const auto& one) {
    std::int64_t free = 0;
    for (NodeMask rest = nodes; rest != 0 && one.first >= 0; rest &= rest - 1) free += cell(state, std::countr_zero(rest), one.first).free;
    return free >= one.second;
  });
}

void StaticMemory::reserve(MemoryState& state, NodeMask nodes, int resource, std::int64_t size) const {
  for (NodeMask rest = nodes; rest != 0; rest &= rest - 1) {
    const int node = std::countr_zero(rest);
    state.nodes[static_cast<std::size_t>(node)].assignments++;
    state.nodes[static_cast<std::size_t>(node)].group = nodes;
    NodeMemory& here = cell(state, node, resource);
    if (size == 0 || here.free <= 0) continue;
    const std::int64_t part = std::min(here.free, size);
    here.free -= part;
    here.reserved += part;
    size -= part;
  }
}

std::optional<Refusal> StaticMemory::allocate(MemoryState& state, ReusableMemory& reusable, const MemoryRequest& request,
                                              const Merged& affinity, bool is_init, std::span<ContainerGrant> before,
                                              ContainerGrant& grant) const {
  Hint best{affinity.nodes.value_or(0), affinity.preferred};
  if (!affinity.nodes) {
    const auto found = best_of(all_hints(state, reusable, request, false));
    if (!found) return unexpected("[memorymanager] failed to get the default NUMA affinity, no NUMA nodes with enough memory is available");
    if (!found->preferred && affinity.preferred) return unexpected("[memorymanager] failed to find the default preferred hint");
    best = *found;
  }
  if (!satisfies(state, best.nodes, request)) {
    // The other resources cut the set down: take the best of those that reach beyond it.
    auto wider = all_hints(state, reusable, request, false);
    std::erase_if(wider, [&](const Hint& hint) { return (best.nodes & ~hint.nodes) != 0; });
    const auto found = best_of(wider);
    if (!found) return unexpected("[memorymanager] failed to find NUMA nodes to extend the current topology hint");
    if (!found->preferred && best.preferred) return unexpected("[memorymanager] failed to find the extended preferred hint");
    best = *found;
  }
  if (breaks_groups(state, best.nodes)) return unexpected("[memorymanager] preferred hint violates NUMA node allocation");

  for (const auto& [resource, size] : request) {
    grant.memory.push_back({best.nodes, resource, size});
    reserve(state, best.nodes, resource, std::max<std::int64_t>(size - left_over(reusable, best.nodes, resource), 0));
  }
  note_use(reusable, grant.memory, is_init);
  take_from_init_containers(before, grant.memory);
  return std::nullopt;
}

void StaticMemory::take(MemoryState& state, const std::vector<MemoryBlock>& blocks) const {
  for (const MemoryBlock& block : blocks) reserve(state, block.nodes, block.resource, block.size);
}

void StaticMemory::take_unknown(MemoryState& state, int node, int resource, std::int64_t size) const {
  cell(state, node, resource).free -= std::min(cell(state, node, resource).free, size);
  auto& here = state.nodes[static_cast<std::size_t>(node)];
  if (size > 0) here.assignments = std::max(here.assignments, 1);
}

void StaticMemory::release(MemoryState& state, const std::vector<MemoryBlock>& blocks) const {
  for (const MemoryBlock& block : blocks) {
    std::int64_t size = block.size;
    for (NodeMask rest = block.nodes; rest != 0; rest &= rest - 1) {
      const int index = std::countr_zero(rest);
      auto& node = state.nodes[static_cast<std::size_t>(index)];
      if (--node.assignments == 0) node.group = NodeMask{1} << index;
      NodeMemory& here = cell(state, index, block.resource);
      const std::int64_t part = std::min(here.reserved, size);
      here.reserved -= part;
      here.free += part;
      size -= part;
    }
  }
}

}   // namespace ebb::core::numa
