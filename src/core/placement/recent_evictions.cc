#include "core/placement/recent_evictions.h"

#include <algorithm>

namespace ebb::core::placement {

void RecentEvictions::seen(const model::Pod& pod, Instant until) {
  const model::OwnerRef* owner = pod.controller();
  if (owner == nullptr || pod.node.empty()) return;
  // A DaemonSet's pod has one node only.
  if (owner->kind == "DaemonSet") return;
  nodes_[owner->uid].insert_or_assign(pod.node, until);
}

std::vector<model::NodeName> RecentEvictions::avoided(const model::Pod& pod, Instant now) const {
  std::vector<model::NodeName> names;
  const model::OwnerRef* owner = pod.controller();
  if (owner == nullptr || nodes_.empty()) return names;
  const auto found = nodes_.find(owner->uid);
  if (found == nodes_.end()) return names;
  for (const auto& [name, until] : found->second) {
    if (now < until) names.push_back(name);
  }
  return names;
}

std::optional<Instant> RecentEvictions::next_end(const model::Pod& pod, Instant now) const {
  std::optional<Instant> next;
  const model::OwnerRef* owner = pod.controller();
  const auto found = owner == nullptr ? nodes_.end() : nodes_.find(owner->uid);
  if (found == nodes_.end()) return next;
  for (const auto& [name, until] : found->second) {
    if (now < until && (!next || until < *next)) next = until;
  }
  return next;
}

void RecentEvictions::forget_old(Instant now) {
  for (auto owner = nodes_.begin(); owner != nodes_.end();) {
    std::erase_if(owner->second, [&](const auto& node) { return node.second <= now; });
    owner = owner->second.empty() ? nodes_.erase(owner) : std::next(owner);
  }
}

}   // namespace ebb::core::placement
