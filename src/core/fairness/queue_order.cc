// Whose turn it is: what each queue counts as, and the heaps of those who could be served.
//
// A queue that could not be served counts as what it holds, and so does a leaf. For any other queue the
// amount of a resource r is, in 2^-32 units,
//
//   sum of what its children hold that are not eligible
//   + M x total_r x (sum of the directions of the eligible children) / 2^40, rounded down
//
// M is the lowest weighted share among the eligible children, the direction of a child is
// weight x 2^40 x (its part of r) / (its largest part), rounded down: exact for the dominant resource. All
// of these are integers, so sums can be kept up to date child by child and equal a recomputation.

#include "base/check.h"
#include "core/fairness/queue_tree.h"
#include "core/fairness/wide_product.h"

#include <algorithm>

namespace ebb::core::fairness {
namespace {

constexpr int kDirectionBits = 40;

ResourceId id(std::size_t resource) { return static_cast<ResourceId>(resource); }

}   // namespace

std::optional<QueueId> QueueTree::next() const {
  Index index = kRoot;
  if (!nodes_[kRoot].spec.open) return std::nullopt;
  while (!nodes_[index].children.empty()) {
    const Node& node = nodes_[index];
    if (node.heaps.empty()) return std::nullopt;
    index = node.heaps.begin()->second.front();
  }
  if (!is_eligible(nodes_[index])) return std::nullopt;   // the root alone
  return QueueId{nodes_[index].hidden ? nodes_[index].parent : index};
}

std::vector<QueueId> QueueTree::in_order() const {
  std::vector<QueueId> out;
  if (is_eligible(nodes_[kRoot])) collect_in_order(kRoot, out);
  return out;
}

void QueueTree::collect_in_order(Index index, std::vector<QueueId>& out) const {
  const Node& node = nodes_[index];
  if (node.children.empty()) out.push_back({node.hidden ? node.parent : index});
  for (const auto& [standing, heap] : node.heaps) {
    std::vector<Index> sorted = heap;
    std::sort(sorted.begin(), sorted.end(), [&](Index a, Index b) { return before(a, b); });
    for (const Index child : sorted) collect_in_order(child, out);
  }
}

Share QueueTree::held_share(QueueId queue) const {
  Share most;
  for (std::size_t r = 0; r < resources_; ++r) {
    if (total_[id(r)] > 0) most = std::max(most, Share::of_units(nodes_[queue.v].allocated[r], total_[id(r)]));
  }
  return most;
}

bool QueueTree::is_owed(const Node& node) const {
  bool owed = false;
  for (std::size_t r = 0; r < std::max(node.spec.guarantee.size(), node.spec.deserved.size()); ++r) {
    const bool states = node.spec.guarantee.states(id(r)) || node.spec.deserved.states(id(r));
    if (!states || node.pending[r] == 0) continue;
    if (node.allocated[r] >= std::max(node.spec.guarantee.value_or(id(r), 0), node.spec.deserved.value_or(id(r), 0))) return false;
    owed = true;
  }
  return owed;
}

bool QueueTree::is_eligible(const Node& node) const {
  if (!node.spec.open) return false;
  return node.children.empty() ? node.pending_pods > 0 && !node.blocked : !node.heaps.empty();
}

const Share* QueueTree::lowest_share(const Node& parent) const {
  const Share* lowest = nullptr;
  for (const auto& [standing, heap] : parent.heaps) {
    const Share& share = nodes_[heap.front()].share;
    if (lowest == nullptr || share < *lowest) lowest = &share;
  }
  return lowest;
}

void QueueTree::work_out_fine(Node& node) const {
  constexpr UInt128 kMostUnits = kMostFine >> kFineBits;
  if (node.children.empty() || !is_eligible(node)) {
    for (std::size_t r = 0; r < resources_; ++r) node.fine[r] = std::min(static_cast<UInt128>(node.allocated[r]), kMostUnits) << kFineBits;
    return;
  }
  const Share* lowest = lowest_share(node);
  for (std::size_t r = 0; r < resources_; ++r) {
    node.fine[r] = node.fixed[r];
    if (lowest != nullptr && lowest->fine > 0 && node.directions[r] > 0) {
      const Wide above = product(product(lowest->fine, static_cast<UInt128>(total_[id(r)])), node.directions[r]);
      const UInt128 below = static_cast<UInt128>(lowest->total) * static_cast<UInt128>(lowest->weight);
      node.fine[r] += quotient(above, product(below, static_cast<UInt128>(1) << kDirectionBits));
    }
    node.fine[r] = std::min(node.fine[r], kMostFine);
  }
}

void QueueTree::work_out_direction(Node& node) const {
  const UInt128 all = static_cast<UInt128>(node.spec.weight) << kDirectionBits;
  const UInt128 largest = node.share.fine;
  for (std::size_t r = 0; r < resources_; ++r) {
    const auto total = static_cast<UInt128>(total_[id(r)]);
    node.direction[r] = 0;
    if (largest == 0 || total == 0 || node.fine[r] == 0) continue;
    const Wide part = product(product(node.fine[r], static_cast<UInt128>(node.share.total)), all);
    node.direction[r] = static_cast<std::uint64_t>(quotient(part, product(largest, total)));
  }
}

void QueueTree::work_out(Index index) {
  Node& node = nodes_[index];
  work_out_fine(node);
  node.share = Share{0, 1, node.spec.weight};
  for (std::size_t r = 0; r < resources_; ++r) {
    if (total_[id(r)] > 0) node.share = std::max(node.share, Share{node.fine[r], total_[id(r)], node.spec.weight});
  }
  node.eligible = is_eligible(node);
  if (node.eligible) work_out_direction(node);
  node.standing = {is_owed(node), node.spec.priority};
  for (std::size_t r = 0; r < resources_; ++r) {
    node.reserved[r] = reserve(node.spec, id(r), {node.allocated[r], node.critical[r], node.reserved_below[r]});
  }
}

// Into or out of the sums that its parent keeps.
void QueueTree::add_counts(const Node& node, bool add) {
  Node& parent = nodes_[node.parent];
  for (std::size_t r = 0; r < resources_; ++r) {
    UInt128& sum = node.eligible ? parent.directions[r] : parent.fixed[r];
    const UInt128 count = node.eligible ? static_cast<UInt128>(node.direction[r]) : node.fine[r];
    sum = add ? sum + count : sum - count;
    parent.reserved_below[r] += add ? node.reserved[r] : -node.reserved[r];
  }
}

void QueueTree::attach(Index index) {
  add_counts(nodes_[index], true);
  if (nodes_[index].eligible) heap_insert(nodes_[nodes_[index].parent], index);
}

void QueueTree::detach(Index index) {
  const Node& node = nodes_[index];
  add_counts(node, false);
  if (node.eligible) heap_erase(nodes_[node.parent], node.standing, node.place);
}

void QueueTree::refresh(Index index) {
  Node& node = nodes_[index];
  Node& parent = nodes_[node.parent];
  const bool was_eligible = node.eligible;
  const Standing was = node.standing;
  add_counts(node, false);
  work_out(index);
  add_counts(node, true);
  const bool stays = was_eligible && node.eligible && was == node.standing;
  if (stays) {
    sift(parent.heaps.find(was)->second, node.place);
  } else {
    if (was_eligible) heap_erase(parent, was, node.place);
    if (node.eligible) heap_insert(parent, index);
  }
}

void QueueTree::refresh_upward(Index index) {
  for (; index != kRoot; index = nodes_[index].parent) refresh(index);
  work_out(kRoot);
}

void QueueTree::rebuild(Index index) {
  Node& node = nodes_[index];
  std::fill(node.fixed.begin(), node.fixed.end(), 0);
  std::fill(node.directions.begin(), node.directions.end(), 0);
  std::fill(node.reserved_below.begin(), node.reserved_below.end(), 0);
  node.heaps.clear();
  for (const Index child : node.children) {
    rebuild(child);
    attach(child);
  }
  work_out(index);
}

bool QueueTree::before(Index a, Index b) const {
  const Node& left = nodes_[a];
  const Node& right = nodes_[b];
  if (const auto order = left.share <=> right.share; order != 0) return order < 0;
  if (left.spec.weight != right.spec.weight) return left.spec.weight > right.spec.weight;
  if (left.spec.created != right.spec.created) return left.spec.created < right.spec.created;
  if (left.hidden != right.hidden) return left.hidden;
  return left.spec.name < right.spec.name;
}

void QueueTree::heap_insert(Node& parent, Index child) {
  std::vector<Index>& heap = parent.heaps[nodes_[child].standing];
  nodes_[child].place = heap.size();
  heap.push_back(child);
  sift(heap, heap.size() - 1);
}

void QueueTree::heap_erase(Node& parent, const Standing& standing, std::size_t place) {
  const auto found = parent.heaps.find(standing);
  EBB_CHECK(found != parent.heaps.end() && place < found->second.size());
  std::vector<Index>& heap = found->second;
  const Index last = heap.back();
  heap.pop_back();
  if (place < heap.size()) {
    heap[place] = last;
    nodes_[last].place = place;
    sift(heap, place);
  }
  if (heap.empty()) parent.heaps.erase(found);
}

// Moves one up or down until it stands between its parent and its children in the heap.
void QueueTree::sift(std::vector<Index>& heap, std::size_t place) {
  const Index moving = heap[place];
  const auto put = [&](std::size_t at, Index index) {
    heap[at] = index;
    nodes_[index].place = at;
  };
  while (place > 0 && before(moving, heap[(place - 1) / 2])) {
    put(place, heap[(place - 1) / 2]);
    place = (place - 1) / 2;
  }
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap.size()) break;
    if (child + 1 < heap.size() && before(heap[child + 1], heap[child])) ++child;
    if (!before(heap[child], moving)) break;
    put(place, heap[child]);
    place = child;
  }
  put(place, moving);
}

}   // namespace ebb::core::fairness
