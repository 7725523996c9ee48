// What each queue is entitled to, level by level from the root: of what the parent is entitled to,
//
//   1. every queue its guarantee, wanted or not (the sum of its children's where that is more);
//   2. every queue what is stated as deserved, as far as it wants it; all cut in proportion where it is
//      not enough;
//   3. the rest by weight, up to what is wanted and the cap; those of high priority before others, as
//      they are served before them.
//
// It follows from totals, specs and what is wanted (held plus waited for), not from who holds what: a
// reclaim does not change it.

#include "core/fairness/queue_tree.h"
#include "core/fairness/water_filling.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace ebb::core::fairness {
namespace {

std::int64_t narrow(Sum amount) { return static_cast<std::int64_t>(std::clamp<Sum>(amount, 0, INT64_MAX)); }

struct Claim {
  std::int64_t promised = 0;
  std::int64_t stated = 0;   // as deserved
  std::int64_t wants = 0;    // >= promised
  std::int64_t weight = 1;
  std::int32_t priority = 0;
};

// Rises from what everybody has to what `to` says, by what `weight` says.
template <class To, class Weight>
std::vector<std::int64_t> raise(std::int64_t amount, std::span<const Claim> claims, std::span<const std::int64_t> from, To to,
                                Weight weight) {
  std::vector<Vessel> vessels(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    vessels[i] = {.low = from[i], .high = std::max(from[i], to(claims[i])), .weight = weight(claims[i])};
  }
  return fill(amount, vessels);
}

struct Parts {
  std::vector<std::int64_t> whole, stated;
};

// Requires: ordered by priority, high first.
Parts divide_claims(std::int64_t amount, std::span<const Claim> claims) {
  const auto sum = [](std::span<const std::int64_t> amounts) { return std::accumulate(amounts.begin(), amounts.end(), Sum{0}); };
  std::vector<std::int64_t> out(claims.size());
  out = raise(amount, claims, out, [](const Claim& c) { return c.promised; }, [](const Claim& c) { return c.promised; });
  const auto entitled = [](const Claim& c) { return std::min(c.stated, c.wants); };
  out = raise(amount, claims, out, entitled, [](const Claim& c) { return c.stated; });
  const std::vector<std::int64_t> stated = out;
  for (std::size_t first = 0; first < claims.size();) {
    std::size_t end = first;
    while (end < claims.size() && claims[end].priority == claims[first].priority) ++end;
    const std::span<const std::int64_t> group(out.begin() + static_cast<std::ptrdiff_t>(first), end - first);
    const std::int64_t others = narrow(sum(out) - sum(group));
    const std::vector<std::int64_t> raised = raise(
        amount - others, claims.subspan(first, end - first), group, [](const Claim& c) { return c.wants; },
        [](const Claim& c) { return c.weight; });
    std::copy(raised.begin(), raised.end(), out.begin() + static_cast<std::ptrdiff_t>(first));
    first = end;
  }
  return {.whole = std::move(out), .stated = stated};
}

}   // namespace

QueueTree::Entitlement QueueTree::entitlement(QueueId queue, ResourceId resource) const {
  if (resource >= resources_) return {};
  if (deserved_[resource].size() != nodes_.size()) work_out_deserved(resource);
  return deserved_[resource][queue.v];
}

void QueueTree::work_out_deserved(ResourceId resource) const {
  std::vector<std::int64_t> wants(nodes_.size());
  work_out_wants(kRoot, resource, wants);
  std::vector<Entitlement>& out = deserved_[resource];
  out.assign(nodes_.size(), {});
  out[kRoot].whole = out[kRoot].stated = std::min(total_[resource], wants[kRoot]);
  divide(kRoot, resource, wants, out);
}

std::int64_t QueueTree::work_out_wants(Index index, ResourceId resource, std::vector<std::int64_t>& wants) const {
  const Node& node = nodes_[index];
  Sum sum = node.children.empty() ? node.allocated[resource] + node.pending[resource] : 0;
  for (const Index child : node.children) sum += work_out_wants(child, resource, wants);
  const Sum capped = std::min<Sum>(sum, node.spec.cap.value_or(resource, INT64_MAX));
  wants[index] = narrow(std::max(capped, node.promised[resource]));
  return wants[index];
}

void QueueTree::divide(Index index, ResourceId resource, const std::vector<std::int64_t>& wants, std::vector<Entitlement>& out) const {
  std::vector<Index> children = nodes_[index].children;
  if (children.empty()) return;
  std::sort(children.begin(), children.end(), [&](Index a, Index b) {
    const QueueSpec& left = nodes_[a].spec;
    const QueueSpec& right = nodes_[b].spec;
    if (left.priority != right.priority) return left.priority > right.priority;
    if (left.weight != right.weight) return left.weight > right.weight;
    if (left.created != right.created) return left.created < right.created;
    if (nodes_[a].hidden != nodes_[b].hidden) return nodes_[a].hidden;
    return left.name < right.name;
  });
  std::vector<Claim> claims(children.size());
  for (std::size_t i = 0; i < children.size(); ++i) {
    const Node& child = nodes_[children[i]];
    claims[i] = {.promised = narrow(child.promised[resource]),
                 .stated = child.spec.deserved.value_or(resource, 0),
                 .wants = wants[children[i]],
                 .weight = child.spec.weight,
                 .priority = child.spec.priority};
  }
  const Parts parts = divide_claims(out[index].whole, claims);
  for (std::size_t i = 0; i < children.size(); ++i) out[children[i]] = {.whole = parts.whole[i], .stated = parts.stated[i]};
  for (const Index child : children) divide(child, resource, wants, out);
}

}   // namespace ebb::core::fairness
