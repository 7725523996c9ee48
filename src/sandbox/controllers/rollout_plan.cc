#include "sandbox/controllers/rollout_plan.h"

#include "sandbox/controllers/fields.h"

#include <algorithm>
#include <numeric>

namespace ebb::sandbox::control {

namespace {

// whole * numerator / denominator to the nearest, halves away from zero. Requires: all >= 0, denominator > 0.
std::int64_t scaled(std::int64_t whole, std::int64_t numerator, std::int64_t denominator) {
  return (2 * whole * numerator + denominator) / (2 * denominator);
}

std::vector<std::size_t> by_size(const std::vector<SetSize>& sets, bool newer_first) {
  std::vector<std::size_t> order(sets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t i, std::size_t j) {
    const SetSize &a = sets[i], &b = sets[j];
    if (a.replicas != b.replicas) return a.replicas > b.replicas;
    if (a.created != b.created) return newer_first ? a.created > b.created : a.created < b.created;
    return a.name < b.name;
  });
  return order;
}

}   // namespace

RolloutBounds rollout_bounds(const json::object& deployment) {
  const std::int64_t desired = number_at(deployment, "spec.replicas").value_or(1);
  if (text_at(deployment, "spec.strategy.type") == "Recreate") return {};
  RolloutBounds bounds{int_or_percent(value_at(deployment, "spec.strategy.rollingUpdate.maxSurge"), desired, true).value_or(0),
                       int_or_percent(value_at(deployment, "spec.strategy.rollingUpdate.maxUnavailable"), desired, false).value_or(0)};
  if (bounds.surge == 0 && bounds.unavailable == 0) bounds.unavailable = 1;
  bounds.unavailable = std::min(bounds.unavailable, desired);
  return bounds;
}

std::int64_t new_set_size(std::int64_t desired, const RolloutBounds& bounds, std::int64_t all_replicas, std::int64_t new_replicas) {
  if (new_replicas >= desired) return desired;
  const std::int64_t room = desired + bounds.surge - all_replicas;
  if (room <= 0) return new_replicas;
  return new_replicas + std::min(room, desired - new_replicas);
}

std::vector<std::int64_t> old_set_sizes(const std::vector<SetSize>& old_sets, const SetSize& new_set, std::int64_t desired,
                                        const RolloutBounds& bounds) {
  std::vector<std::int64_t> sizes;
  std::int64_t all = new_set.replicas, available = new_set.available;
  for (const auto& set : old_sets) {
    sizes.push_back(set.replicas);
    all += set.replicas;
    available += set.available;
  }
  const std::int64_t minimum = desired - bounds.unavailable;
  // Pods of the new set that are not available yet may not be paid for with old ones.
  const std::int64_t spare = all - minimum - (new_set.replicas - new_set.available);
  if (spare <= 0) return sizes;

  std::int64_t unhealthy_budget = spare;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::int64_t gone = std::min(unhealthy_budget, std::max<std::int64_t>(0, sizes[i] - old_sets[i].available));
    sizes[i] -= gone;
    unhealthy_budget -= gone;
  }
  std::int64_t healthy_budget = std::max<std::int64_t>(0, available - minimum);
  for (std::int64_t& size : sizes) {
    const std::int64_t gone = std::min(healthy_budget, size);
    size -= gone;
    healthy_budget -= gone;
  }
  return sizes;
}

std::vector<std::int64_t> proportional_sizes(const std::vector<SetSize>& active_sets, std::int64_t desired, const RolloutBounds& bounds,
                                             std::int64_t last_replicas) {
  std::vector<std::int64_t> sizes;
  std::int64_t all = 0;
  for (const auto& set : active_sets) {
    sizes.push_back(set.replicas);
    all += set.replicas;
  }
  const std::int64_t allowed = desired > 0 ? desired + bounds.surge : 0;
  const std::int64_t to_add = allowed - all;
  if (to_add == 0 || active_sets.empty()) return sizes;

  const std::vector<std::size_t> order = by_size(active_sets, to_add > 0);
  std::int64_t added = 0;
  for (const std::size_t i : order) {
    const SetSize& set = active_sets[i];
    const std::int64_t base = set.max_replicas > 0 ? set.max_replicas : last_replicas;
    std::int64_t share = 0;
    if (desired == 0) {
      share = -set.replicas;
    } else if (set.replicas > 0 && base > 0) {
      share = scaled(set.replicas, desired + bounds.surge, base) - set.replicas;
    }
    share = to_add > 0 ? std::clamp<std::int64_t>(share, 0, to_add - added) : std::clamp<std::int64_t>(share, to_add - added, 0);
    sizes[i] += share;
    added += share;
  }
  std::int64_t& largest = sizes[order.front()];
  largest = std::max<std::int64_t>(0, largest + to_add - added);
  return sizes;
}

}   // namespace ebb::sandbox::control
