#include "core/placement/node_table.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::core::placement {
namespace {

constexpr std::size_t kLogSlack = 1024;

// A node that is not ready is avoided even before the taint that says so has been written.
std::vector<model::Taint> effective_taints(const model::Node& node) {
  std::vector<model::Taint> taints = node.taints;
  const bool told = std::ranges::any_of(taints, [](const model::Taint& taint) {
    return taint.key == "node.kubernetes.io/not-ready" || taint.key == "node.kubernetes.io/unreachable";
  });
  if (!node.ready && !told) taints.push_back({"node.kubernetes.io/not-ready", "", model::TaintEffect::no_schedule});
  return taints;
}

FilterSet changed_filters(const NodeSlot& old, const model::Node& node) {
  if (!old.present) return kEveryFilter;
  FilterSet changed = 0;
  if (old.node.unschedulable != node.unschedulable) changed |= bit(Filter::node_unschedulable);
  if (old.taints != effective_taints(node)) changed |= bit(Filter::taints);
  if (old.node.labels != node.labels)
    changed = static_cast<FilterSet>(changed | bit(Filter::node_affinity) | bit(Filter::pool) | bit(Filter::accelerators));
  if (old.node.allocatable != node.allocatable)
    changed = static_cast<FilterSet>(changed | bit(Filter::resources) | bit(Filter::admission_line) | bit(Filter::accelerators));
  return changed;
}

}   // namespace

Slot NodeTable::claim(const model::NodeName& name) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  Slot slot = 0;
  if (unused_.empty()) {
    slot = static_cast<Slot>(slots_.size());
    slots_.emplace_back();
    for (Column& one : columns_) {
      one.allocatable.push_back(0);
      one.requested.push_back(0);
    }
  } else {
    slot = unused_.back();
    unused_.pop_back();
  }
  slots_[slot].name = name;
  by_name_.emplace(name, slot);
  return slot;
}

std::optional<Slot> NodeTable::find(const model::NodeName& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

void NodeTable::release_if_empty(Slot slot) {
  NodeSlot& entry = slots_[slot];
  if (entry.present || !entry.pods.empty()) return;
  by_name_.erase(entry.name);
  entry = NodeSlot{};
  for (const Column& one : columns_) EBB_CHECK(one.allocatable[slot] == 0 && one.requested[slot] == 0);
  unused_.push_back(slot);
  improved_.erase(slot);
}

void NodeTable::node_seen(Slot slot, model::Node node) {
  NodeSlot& entry = slots_[slot];
  const FilterSet changed = changed_filters(entry, node);
  if (!entry.present) ++present_;
  entry.present = true;
  const std::uint64_t images_before = images_.generation();
  images_.replace(entry.images, node.images);
  if (images_.generation() != images_before) touch(slot);
  if (changed != 0) {
    for (Column& one : columns_) one.allocatable[slot] = 0;
    for (const auto& [id, amount] : ids_.amounts(node.allocatable)) column(id).allocatable[slot] = amount;
    entry.taints = effective_taints(node);
  }
  entry.node = std::move(node);
  if (changed == 0) return;
  touch(slot);
  improve(slot, changed);
}

void NodeTable::node_gone(Slot slot) {
  NodeSlot& entry = slots_[slot];
  if (!entry.present) return;
  --present_;
  entry.present = false;
  images_.replace(entry.images, {});
  entry.node = {};
  entry.taints.clear();
  entry.oversold.reset();
  for (Column& one : columns_) one.allocatable[slot] = 0;
  touch(slot);
}

void NodeTable::set_policy(Slot slot, const model::NodePolicy& policy) {
  if (slots_[slot].policy == policy) return;
  slots_[slot].policy = policy;
  touch(slot);
  improve(slot, bit(Filter::pool) | bit(Filter::offline_count) | bit(Filter::admission_line));
}

void NodeTable::set_oversold(Slot slot, std::optional<model::Use> oversold) {
  if (slots_[slot].oversold == oversold) return;
  slots_[slot].oversold = oversold;
  touch(slot);
  improve(slot, bit(Filter::admission_line));
}

void NodeTable::reduce_oversold(Slot slot, model::Use by) {
  std::optional<model::Use>& oversold = slots_[slot].oversold;
  if (!oversold) return;
  oversold->cpu = std::max(oversold->cpu - by.cpu, MilliCpu{});
  oversold->memory = std::max(oversold->memory - by.memory, Bytes{});
  touch(slot);
}

void NodeTable::improve_all() {
  for (Slot slot = 0; slot < slots_.size(); ++slot) improve(slot, kEveryFilter);
}

void NodeTable::changed(Slot slot, FilterSet filters) {
  touch(slot);
  improve(slot, filters);
}

void NodeTable::add_pod(Slot slot, PodIndex pod, const Charge& charge) {
  slots_[slot].pods.push_back(pod);
  count(slot, charge, 1);
  touch(slot);
}

void NodeTable::remove_pod(Slot slot, PodIndex pod, const Charge& charge, bool improves) {
  NodeSlot& entry = slots_[slot];
  const auto found = std::ranges::find(entry.pods, pod);
  EBB_CHECK(found != entry.pods.end());
  *found = entry.pods.back();
  entry.pods.pop_back();
  count(slot, charge, -1);
  touch(slot);
  if (improves) improve(slot, kFiltersOfPods);
}

void NodeTable::count(Slot slot, const Charge& charge, std::int32_t times) {
  NodeSlot& entry = slots_[slot];
  for (const auto& [id, amount] : charge.requests) column(id).requested[slot] += times * amount;
  for (const model::HostPort& port : charge.ports) {
    std::int32_t& held = entry.ports[port];
    held += times;
    EBB_CHECK(held >= 0);
    if (held == 0) entry.ports.erase(port);
  }
  entry.scored.cpu.v += times * charge.scored.cpu.v;
  entry.scored.memory.v += times * charge.scored.memory.v;
  entry.line_requested.cpu.v += times * charge.line.cpu.v;
  entry.line_requested.memory.v += times * charge.line.memory.v;
  if (charge.offline) entry.offline_pods += times;
}

std::vector<std::pair<Slot, FilterSet>> NodeTable::take_improved() {
  std::vector<std::pair<Slot, FilterSet>> improved(improved_.begin(), improved_.end());
  improved_.clear();
  return improved;
}

std::int64_t NodeTable::total_free(ResourceId id) const {
  std::int64_t sum = 0;
  for (Slot slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].present) sum += std::max<std::int64_t>(free(id, slot), 0);
  }
  return sum;
}

std::int64_t NodeTable::total_allocatable(ResourceId id) const {
  std::int64_t sum = 0;
  // A node that is not present has nothing in its columns.
  for (Slot slot = 0; slot < slots_.size(); ++slot) sum += allocatable(id, slot);
  return sum;
}

NodeTable::Column& NodeTable::column(ResourceId id) {
  while (columns_.size() <= id) {
    columns_.push_back({std::vector<std::int64_t>(slots_.size()), std::vector<std::int64_t>(slots_.size())});
  }
  return columns_[id];
}

void NodeTable::touch(Slot slot) {
  log_.push_back(slot);
  // A ranking further behind than this is cheaper to make anew.
  if (const std::size_t bound = slots_.size() + kLogSlack; log_.size() > 2 * bound) {
    const std::size_t dropped = log_.size() - bound;
    log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(dropped));
    log_begin_ += dropped;
  }
}

void NodeTable::improve(Slot slot, FilterSet filters) {
  if (slots_[slot].present) improved_[slot] |= filters;
}

}   // namespace ebb::core::placement
