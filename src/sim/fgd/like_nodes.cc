#include "sim/fgd/like_nodes.h"

#include "base/check.h"

#include <utility>

namespace ebb::sim::fgd {

std::size_t LikeNodes::join(const SimNode& node) {
  std::vector<std::int64_t> free;
  free.reserve(node.accelerators.devices.size());
  for (const core::accelerators::Device& device : node.accelerators.devices) free.push_back(device.free.v);
  const auto [look, is_new] = by_look_.try_emplace(Look{node.model, node.accelerators.cpu_free.v, std::move(free), node.kinds});
  if (is_new) {
    if (unused_.empty()) {
      unused_.push_back(groups_.size());
      groups_.emplace_back();
    }
    look->second = unused_.back();
    unused_.pop_back();
    groups_[look->second] = {.members = 0, .stamp = ++last_stamp_, .look = look};
  }
  ++groups_[look->second].members;
  return look->second;
}

void LikeNodes::leave(std::size_t group) {
  EBB_CHECK(groups_[group].members > 0);
  if (--groups_[group].members > 0) return;
  by_look_.erase(groups_[group].look);
  unused_.push_back(group);
}

void LikeNodes::forget_all() {
  for (Group& group : groups_) group.stamp = ++last_stamp_;
}

}   // namespace ebb::sim::fgd
