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

// Of what the node itself may hold: what only some of its pods may use.
Sum QueueTree::inside(const QueueSpec& spec, ResourceId resource, const Held& held) {
  return std::max<Sum>({spec.floor[resource] - held.critical, held.reserved_below, 0});
}

Sum QueueTree::reserve(const QueueSpec& spec, ResourceId resource, const Held& held) {
  return std::max(spec.guarantee.value_or(resource, 0) - held.all, inside(spec, resource, held));
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
    // How what is kept for the child that was just passed changes: by what is given back, and with the request.
    Sum by_giving = 0;
    Sum by_both = 0;
    for (Index index = queue.v; index != kNone; index = nodes_[index].parent) {
      const Node& node = nodes_[index];
      const Held now = known ? Held{node.allocated[r], node.critical[r], node.reserved_below[r]} : Held{};
      const Given given = freed == nullptr ? Given{} : (*freed)({index}, r);
      const Held before{now.all - given.all, now.critical - given.critical, now.reserved_below + by_giving};
      const Held after{before.all + asked, before.critical + (critical ? asked : 0), now.reserved_below + by_both};
      const Sum cap = node.spec.cap.value_or(r, INT64_MAX);
      const Sum limit = index == kRoot ? std::min<Sum>(total_[r], cap) : cap;
      const Sum kept = inside(node.spec, r, after);
      // What uses only what was kept for it does not make a limit's breach larger.
      if (after.all + kept > limit && asked + kept > inside(node.spec, r, before)) {
        const Refusal::Reason reason = index != kRoot || limit < total_[r] ? Refusal::Reason::cap
                                       : after.all > limit                 ? Refusal::Reason::total
                                                                           : Refusal::Reason::promised;
        out.push_back({reason, {index}, node.spec.name, r, before.all, kept, limit, request[r]});
      }
      const Sum reserved = known ? node.reserved[r] : reserve(node.spec, r, now);
      by_giving = reserve(node.spec, r, before) - reserved;
      by_both = reserve(node.spec, r, after) - reserved;
    }
  }
  return out;
}

}   // namespace ebb::core::fairness
