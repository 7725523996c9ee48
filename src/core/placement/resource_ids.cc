#include "core/placement/resource_ids.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::core::placement {
namespace {

std::string_view current_name(std::string_view name) {
  if (name == model::kBeCpu) return model::kBatchCpu;
  if (name == model::kBeMemory) return model::kBatchMemory;
  return name;
}

}   // namespace

ResourceIds::ResourceIds() {
  for (const std::string_view name : {std::string_view("cpu"), std::string_view("memory"), std::string_view("ephemeral-storage"),
                                      std::string_view("pods"), model::kBatchCpu, model::kBatchMemory}) {
    intern(name);
  }
  EBB_CHECK(names_[kOversoldMemory] == model::kBatchMemory);
}

ResourceId ResourceIds::intern(std::string_view name) {
  if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
  const auto id = static_cast<ResourceId>(names_.size());
  names_.emplace_back(name);
  ids_.emplace(name, id);
  return id;
}

std::vector<ResourceAmount> ResourceIds::amounts(const model::Resources& resources) {
  std::vector<ResourceAmount> list;
  list.reserve(4 + resources.scalars.size());
  const auto add = [&](ResourceId id, std::int64_t amount) {
    if (amount == 0) return;
    const auto same = std::ranges::find(list, id, &ResourceAmount::id);
    if (same != list.end()) {
      same->amount += amount;
    } else {
      list.push_back({id, amount});
    }
  };
  add(kCpu, resources.cpu.v);
  add(kMemory, resources.memory.v);
  add(kEphemeralStorage, resources.ephemeral_storage.v);
  add(kPods, resources.pods);
  for (const auto& [name, amount] : resources.scalars) {
    // A node that still shows an old name beside the new one has one amount, not two.
    if (current_name(name) != name && resources.has_scalar(current_name(name))) continue;
    add(intern(current_name(name)), amount);
  }
  std::ranges::sort(list, {}, &ResourceAmount::id);
  return list;
}

std::int64_t amount_of(const std::vector<ResourceAmount>& amounts, ResourceId id) {
  const auto found = std::ranges::find(amounts, id, &ResourceAmount::id);
  return found == amounts.end() ? 0 : found->amount;
}

}   // namespace ebb::core::placement
