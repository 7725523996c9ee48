#include "core/numa/device_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace ebb::core::numa {

Devices Devices::create(const Machine& machine, const CpuTopology& topology) {
  Devices devices;
  devices.columns_ = static_cast<std::size_t>(topology.node_count()) + 1;
  for (const Device& device : machine.devices) {
    const int resource = static_cast<int>(devices.resources_.size());
    devices.resources_.push_back(device.resource);
    devices.total_.resize(devices.resources_.size() * devices.columns_, 0);
    const auto& ids = topology.node_ids();
    for (const auto& [node, count] : device.counts) {
      const auto found = std::lower_bound(ids.begin(), ids.end(), node);
      if (found != ids.end() && *found == node) devices.total_[devices.at(resource, static_cast<int>(found - ids.begin()))] += count;
    }
    devices.total_[devices.at(resource, -1)] += device.without_node;
  }
  return devices;
}

std::optional<int> Devices::index_of(const std::string& resource) const {
  const auto found = std::find(resources_.begin(), resources_.end(), resource);
  if (found == resources_.end()) return std::nullopt;
  return static_cast<int>(found - resources_.begin());
}

int Devices::sum(const std::vector<int>& counts, int resource) const {
  int all = 0;
  for (std::size_t column = 0; column < columns_; ++column) all += counts[static_cast<std::size_t>(resource) * columns_ + column];
  return all;
}

void Devices::hints(const DeviceState& state, const ReusableDevices& reusable, const NamedCounts& request,
                    std::vector<ResourceHints>& to) const {
  for (const auto& [name, amount] : request)
    if (const auto resource = index_of(name)) to.push_back(hints_for(state, reusable, *resource, static_cast<int>(amount)));
}

ResourceHints Devices::hints_for(const DeviceState& state, const ReusableDevices& reusable, int resource, int requested) const {
  const int node_count = static_cast<int>(columns_) - 1;
  NodeMask nodes = 0;   // those that have any
  for (int node = 0; node < node_count; ++node)
    if (total_[at(resource, node)] > 0) nodes |= NodeMask{1} << node;
  if (nodes == 0) return {true, {}};
  NodeMask needed = 0;
  int left_over = 0;
  int left_over_anywhere = 0;
  for (const DeviceGrant& one : reusable) {
    if (one.resource != resource || one.count == 0) continue;
    left_over_anywhere += one.count;
    if (one.node < 0) continue;
    needed |= NodeMask{1} << one.node;
    left_over += one.count;
  }
  if (sum(state.free, resource) + left_over_anywhere < requested) return {};

  ResourceHints result;
  int fewest = width(nodes);
  for_each_set(nodes, false, [&](NodeMask mask) {
    int all = 0;
    int free = left_over;
    for (NodeMask rest = mask; rest != 0; rest &= rest - 1) {
      all += total_[at(resource, std::countr_zero(rest))];
      free += state.free[at(resource, std::countr_zero(rest))];
    }
    if (all >= requested) fewest = std::min(fewest, width(mask));
    if ((needed & ~mask) == 0 && free >= requested) result.hints.push_back({mask, false});
  });
  for (Hint& hint : result.hints) hint.preferred = width(hint.nodes) == fewest;
  return result;
}

// Nodes of the affinity, then other nodes, then devices without one.
std::vector<int> Devices::order(const DeviceState& state, int resource, std::optional<NodeMask> nodes) const {
  std::vector<int> order;
  for (int node = 0; node < static_cast<int>(columns_) - 1; ++node) order.push_back(node);
  const auto key = [&](int node) {
    const bool inside = !nodes || (*nodes >> node & 1) != 0;
    return std::tuple(inside ? 0 : 1, state.free[at(resource, node)], node);
  };
  std::sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
  order.push_back(-1);
  return order;
}

std::optional<Refusal> Devices::allocate(DeviceState& state, ReusableDevices& reusable, const NamedCounts& request,
                                         std::optional<NodeMask> nodes, bool is_init, ContainerGrant& grant) const {
  for (const auto& [name, amount] : request) {
    const auto resource = index_of(name);
    if (!resource) continue;
    int needed = static_cast<int>(amount);
    for (DeviceGrant& one : reusable) {
      if (one.resource != *resource || one.count == 0 || needed == 0) continue;
      const int part = std::min(one.count, needed);
      grant.devices.push_back({*resource, one.node, part, part});
      needed -= part;
      if (!is_init) one.count -= part;
    }
    if (const int available = sum(state.free, *resource); needed > 0 && available < needed)
      return unexpected(
          fmt::format("requested number of devices unavailable for {}. Requested: {}, Available: {}", name, needed, available));
    for (const int node : order(state, *resource, nodes)) {
      const int part = std::min(state.free[at(*resource, node)], needed);
      if (part == 0) continue;
      state.free[at(*resource, node)] -= part;
      needed -= part;
      grant.devices.push_back({*resource, node, part, 0});
      if (is_init) reusable.push_back({*resource, node, part, 0});
    }
  }
  return std::nullopt;
}

void Devices::take(DeviceState& state, const std::vector<DeviceGrant>& grants) const {
  for (const DeviceGrant& one : grants) state.free[at(one.resource, one.node)] -= one.count - one.reused;
}

void Devices::release(DeviceState& state, const std::vector<DeviceGrant>& grants) const {
  for (const DeviceGrant& one : grants) state.free[at(one.resource, one.node)] += one.count - one.reused;
}

}   // namespace ebb::core::numa
