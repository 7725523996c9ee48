#include "core/colocation/owner_index.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace ebb::core {
namespace {

// CronJob, Job, pod is as deep as Kubernetes goes; a custom controller may add some. The bound ends
// a circle of owners, which the API server does not refuse.
constexpr std::size_t kMaxDepth = 8;

const model::OwnerRef* controller(const std::vector<model::OwnerRef>& owners) {
  const auto found = std::ranges::find_if(owners, &model::OwnerRef::controller);
  return found == owners.end() ? nullptr : &*found;
}

}   // namespace

void OwnerIndex::upsert(model::Owner owner) {
  const model::Uid uid = owner.uid;
  owners_.insert_or_assign(uid, std::move(owner));
}

void OwnerIndex::erase(const model::Uid& uid) { owners_.erase(uid); }

const model::Owner* OwnerIndex::find(const model::Uid& uid) const {
  const auto found = owners_.find(uid);
  return found == owners_.end() ? nullptr : &found->second;
}

std::vector<const model::Owner*> OwnerIndex::chain(const model::Pod& pod) const {
  std::vector<const model::Owner*> chain;
  for (const auto* ref = controller(pod.owners); ref != nullptr && chain.size() < kMaxDepth;) {
    const model::Owner* owner = find(ref->uid);
    if (owner == nullptr) break;
    chain.push_back(owner);
    ref = controller(owner->owners);
  }
  return chain;
}

}   // namespace ebb::core
