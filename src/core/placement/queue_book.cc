#include "core/placement/queue_book.h"

#include "model/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ebb::core::placement {
namespace {

fairness::Bounds bounds(const model::NamedAmounts& amounts, ResourceIds& ids) {
  fairness::Bounds result;
  for (const auto& [name, amount] : amounts) result.set(ids.intern(name), amount);
  return result;
}

}   // namespace

void QueueBook::seen(const model::Queue& queue, ResourceIds& ids) {
  // Volcano's own root is ours too.
  if (queue.name == fairness::kRootName) return;
  fairness::QueueSpec spec;
  spec.name = queue.name;
  spec.parent = queue.parent == fairness::kRootName ? std::string() : queue.parent;
  spec.weight = std::clamp<std::int64_t>(queue.weight, 1, fairness::kMaxWeight);
  spec.priority = queue.priority;
  spec.created = queue.created;
  spec.guarantee = bounds(queue.guarantee, ids);
  spec.deserved = bounds(queue.deserved, ids);
  spec.cap = bounds(queue.capability, ids);
  spec.reclaimable = queue.reclaimable;
  spec.open = queue.open;
  specs_.insert_or_assign(queue.name, std::move(spec));
  apply();
}

void QueueBook::gone(const std::string& name) {
  if (specs_.erase(name) == 0) return;
  refused_.erase(name);
  // A queue in which pods still stand closes, and goes with the last of them.
  if (const auto id = tree_.find(name); id && !tree_.remove(name)) {
    fairness::QueueSpec closed = tree_.spec(*id);
    closed.open = false;
    static_cast<void>(tree_.upsert(std::move(closed)));
  }
  apply();
}

void QueueBook::apply() {
  ++generation_;
  refused_.clear();
  std::vector<fairness::QueueSpec> specs;
  for (const auto& [name, spec] : specs_) specs.push_back(spec);
  for (const Error& error : tree_.upsert_all(specs)) refused_.emplace(std::to_string(refused_.size()), error.message);
}

void QueueBook::set_total(const NodeTable& nodes) {
  fairness::Amounts total;
  for (ResourceId id = 0; id < nodes.ids().size(); ++id) {
    if (id != kPods) total.set(id, nodes.total_allocatable(id));
  }
  if (total == tree_.total()) return;
  tree_.set_total(total);
  ++generation_;
}

void QueueBook::enter(const QueueStanding& standing) {
  tree_.unblock(standing.queue);
  if (standing.allocated) {
    tree_.add_allocated(standing.queue, standing.amounts, standing.critical);
  } else {
    tree_.add_pending(standing.queue, standing.amounts);
  }
}

void QueueBook::leave(const QueueStanding& standing) {
  if (standing.allocated) {
    tree_.remove_allocated(standing.queue, standing.amounts, standing.critical);
    ++generation_;
  } else {
    tree_.remove_pending(standing.queue, standing.amounts);
  }
}

fairness::Amounts QueueBook::amounts(const Charge& charge) {
  fairness::Amounts amounts;
  for (const auto& [id, amount] : charge.requests) {
    if (id != kPods) amounts.set(id, amount);
  }
  return amounts;
}

std::string QueueBook::describe(fairness::ResourceId id, std::int64_t amount, const ResourceIds& ids) const {
  if (id == kCpu || id == kOversoldCpu) return fmt::format("{} {}", model::to_quantity_text(MilliCpu{amount}), ids.name(id));
  if (id == kMemory || id == kOversoldMemory || id == kEphemeralStorage) {
    return fmt::format("{} {}", model::to_quantity_text(Bytes{amount}), ids.name(id));
  }
  return fmt::format("{} {}", amount, ids.name(id));
}

}   // namespace ebb::core::placement
