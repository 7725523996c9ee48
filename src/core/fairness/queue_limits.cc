// What a queue may take: caps at every level, and what is kept free for others.
//
// Kept free for a queue is the largest of: its guarantee less what it holds, its floor less what
// critical pods hold, and what is kept for its children together. Whoever uses what is kept for
// itself makes that less by as much and is never refused for it.

#include "core/fairness/queue_tree.h"

#include <algorithm>

namespace ebb::core::fairness {
namespace {

ResourceId id(std::size_t resource) { return static_cast<ResourceId>(resource); }

}   // namespace

Sum QueueTree::reserve(const Node& node, ResourceId resource, Sum more, bool critical, Sum below) const {
  const Sum guaranteed = node.spec.guarantee.value_or(resource, 0) - (node.allocated[resource] + more);
  const Sum floor = node.spec.floor[resource] - (node.critical[resource] + (critical ? more : 0));
  return std::max<Sum>({guaranteed, floor, below, 0});
}

std::optional<Refusal> QueueTree::refusal(QueueId queue, const Amounts& request, bool critical) const {
  std::vector<Refusal> all = refusals(queue, request, critical, nullptr);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

std::vector<Refusal> QueueTree::refusals(QueueId queue, const Amounts& request, bool critical, const Freed* freed) const {
  std::vector<Refusal> out;
  for (Index index = queue.v; index != kNone; index = nodes_[index].parent) {
    if (nodes_[index].spec.open) continue;
    out.push_back({.reason = Refusal::Reason::closed, .at = {index}, .queue = nodes_[index].spec.name});
    return out;
  }
  for (std::size_t i = 0; i < request.size(); ++i) {
    const ResourceId r = id(i);
    const Sum asked = request[r];
    if (asked == 0) continue;
    const bool known = i < resources_;
    Sum changed = 0;   // in what is kept for the child that was just passed
    for (Index index = queue.v; index != kNone; index = nodes_[index].parent) {
      const Node& node = nodes_[index];
      const Sum held = (known ? node.allocated[r] : 0) - (freed == nullptr ? 0 : (*freed)({index}, r));
      const Sum critical_held = known ? node.critical[r] : 0;
      const Sum below_before = known ? node.reserved_below[r] : 0;
      const Sum below = below_before + changed;
      const Sum kept_before = std::max<Sum>({node.spec.floor[r] - critical_held, below_before, 0});
      const Sum kept = std::max<Sum>({node.spec.floor[r] - critical_held - (critical ? asked : 0), below, 0});
      const Sum limit =
          index == kRoot ? std::min<Sum>(total_[r], node.spec.cap.value_or(r, INT64_MAX)) : node.spec.cap.value_or(r, INT64_MAX);
      // What uses only what was kept for it does not make a limit's breach larger.
      if (held + asked + kept > limit && asked + kept > kept_before) {
        const Refusal::Reason reason = index != kRoot || limit < total_[r] ? Refusal::Reason::cap
                                       : held + asked > limit              ? Refusal::Reason::total
                                                                           : Refusal::Reason::promised;
        out.push_back({reason, {index}, node.spec.name, r, held, kept, limit, request[r]});
      }
      if (known) changed = reserve(node, r, asked - (node.allocated[r] - held), critical, below) - node.reserved[r];
    }
  }
  return out;
}

}   // namespace ebb::core::fairness
