#include "model/resources.h"

#include <algorithm>
#include <utility>

namespace ebb::model {

Resources& Resources::operator+=(const Resources& other) {
  cpu += other.cpu;
  memory += other.memory;
  ephemeral_storage += other.ephemeral_storage;
  pods += other.pods;
  for (const auto& [name, amount] : other.scalars) scalars[name] += amount;
  return *this;
}

Resources& Resources::operator-=(const Resources& other) {
  cpu -= other.cpu;
  memory -= other.memory;
  ephemeral_storage -= other.ephemeral_storage;
  pods -= other.pods;
  for (const auto& [name, amount] : other.scalars) scalars[name] -= amount;
  return *this;
}

Resources with_published_names(Resources resources) {
  for (const auto& [alias, name] : {std::pair(kBeCpu, kBatchCpu), std::pair(kBeMemory, kBatchMemory)}) {
    const auto found = resources.scalars.find(alias);
    if (found == resources.scalars.end()) continue;
    resources.scalars.emplace(name, found->second);
    resources.scalars.erase(found);
  }
  return resources;
}

Resources max(const Resources& a, const Resources& b) {
  Resources larger = a;
  larger.cpu = std::max(a.cpu, b.cpu);
  larger.memory = std::max(a.memory, b.memory);
  larger.ephemeral_storage = std::max(a.ephemeral_storage, b.ephemeral_storage);
  larger.pods = std::max(a.pods, b.pods);
  for (const auto& [name, amount] : b.scalars) {
    const auto [entry, inserted] = larger.scalars.try_emplace(name, amount);
    if (!inserted) entry->second = std::max(entry->second, amount);
  }
  return larger;
}

}   // namespace ebb::model
