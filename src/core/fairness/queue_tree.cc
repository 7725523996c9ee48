#include "core/fairness/queue_tree.h"

#include "base/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ebb::core::fairness {
namespace {

ResourceId id(std::size_t resource) { return static_cast<ResourceId>(resource); }

std::size_t size_of(const QueueSpec& spec) {
  return std::max({spec.guarantee.size(), spec.deserved.size(), spec.cap.size(), spec.floor.size()});
}

// What is kept for a queue and those below it, which are promised `below`.
Result<Sum> promise_of(const QueueSpec& spec, ResourceId resource, Sum below) {
  const auto narrow = [](Sum amount) { return static_cast<std::int64_t>(std::min<Sum>(amount, INT64_MAX)); };
  if (spec.guarantee.states(resource) && below > spec.guarantee.value_or(resource, 0)) {
    return fail(Errc::invalid, "below \"{}\" {} would be guaranteed, which is more than its own guarantee of {}", spec.name,
                describe_by_number(resource, narrow(below)), spec.guarantee.value_or(resource, 0));
  }
  const Sum promise = std::max<Sum>({spec.guarantee.value_or(resource, 0), spec.floor[resource], below});
  if (spec.cap.states(resource) && promise > spec.cap.value_or(resource, 0)) {
    return fail(Errc::invalid, "below \"{}\" {} would be guaranteed, which is more than its cap of {}", spec.name,
                describe_by_number(resource, narrow(promise)), spec.cap.value_or(resource, 0));
  }
  return promise;
}

// A queue's own amounts, one resource after another: guarantee <= deserved <= cap, floor <= cap.
Status check_amounts(const QueueSpec& spec) {
  for (std::size_t i = 0; i < size_of(spec); ++i) {
    const ResourceId r = id(i);
    const std::int64_t guarantee = spec.guarantee.value_or(r, 0);
    const std::int64_t deserved = spec.deserved.value_or(r, guarantee);
    const std::int64_t cap = spec.cap.value_or(r, kMaxStated);
    for (const std::int64_t stated : {guarantee, deserved, cap, spec.floor[r]}) {
      if (stated > kMaxStated) return fail(Errc::invalid, "{} is more than {}", describe_by_number(r, stated), kMaxStated);
    }
    if (guarantee > cap) return fail(Errc::invalid, "the cap of {} is below the guarantee of {}", describe_by_number(r, cap), guarantee);
    if (spec.floor[r] > cap) {
      return fail(Errc::invalid, "the cap of {} is below the floor of {}", describe_by_number(r, cap), spec.floor[r]);
    }
    if (deserved > cap) return fail(Errc::invalid, "the cap of {} is below the deserved {}", describe_by_number(r, cap), deserved);
    if (guarantee > deserved) {
      return fail(Errc::invalid, "the deserved {} is below the guarantee of {}", describe_by_number(r, deserved), guarantee);
    }
  }
  return {};
}

}   // namespace

QueueTree::QueueTree() {
  QueueSpec spec;
  spec.name = kRootName;
  nodes_.resize(1);
  nodes_[kRoot].spec = std::move(spec);
  nodes_[kRoot].live = true;
  ids_.emplace(kRootName, kRoot);
}

Status QueueTree::upsert(QueueSpec spec) {
  const auto refused = [&](Error error) { return std::unexpected(std::move(error).with(fmt::format("queue \"{}\"", spec.name))); };
  if (spec.name.empty()) return fail(Errc::invalid, "a queue needs a name");
  if (spec.name == kRootName && !spec.parent.empty()) return refused({Errc::invalid, "the root has no parent"});
  if (spec.parent.empty()) spec.parent = kRootName;
  const auto known = ids_.find(spec.name);
  const Index self = known == ids_.end() ? kNone : known->second;
  Index parent = kNone;
  if (self != kRoot) {
    const auto found = ids_.find(spec.parent);
    if (found == ids_.end()) return refused({Errc::not_found, fmt::format("its parent \"{}\" does not exist", spec.parent)});
    parent = found->second;
  }
  if (Status ok = check(spec, parent, self); !ok) return refused(std::move(ok).error());

  widen_to(size_of(spec));
  if (self == kRoot || self == kNone) {
    if (Status ok = check_promises(spec, parent, self); !ok) return refused(std::move(ok).error());
    if (self == kRoot) {
      nodes_[kRoot].spec = std::move(spec);
      refresh_upward(kRoot);
      promise_upward(kRoot);
      deserved_.assign(resources_, {});
    } else {
      make_room_below(parent);
      const std::string name = spec.name;
      const Index made = new_node(std::move(spec), parent);
      ids_.emplace(name, made);
    }
    return {};
  }
  // What the tree promises is counted without the queue, which may come to stand elsewhere.
  const Index old_parent = nodes_[self].parent;
  take_down(self);
  promise_upward(old_parent);
  Status ok = check_promises(spec, parent, self);
  if (ok) {
    if (const Index own = nodes_[self].own; own != kNone) {
      nodes_[own].spec.created = spec.created;
      nodes_[own].spec.reclaimable = spec.reclaimable;
      refresh(own);
    }
    nodes_[self].spec = std::move(spec);
    make_room_below(parent);
  }
  hang(self, ok ? parent : old_parent);
  promise_upward(self);
  if (!ok) return refused(std::move(ok).error());
  fold(old_parent);
  return {};
}

std::vector<Error> QueueTree::upsert_all(std::vector<QueueSpec> specs) {
  std::vector<Error> errors;
  while (!specs.empty()) {
    errors.clear();
    std::vector<QueueSpec> left;
    for (QueueSpec& spec : specs) {
      QueueSpec copy = spec;
      if (Status done = upsert(std::move(copy)); !done) {
        errors.push_back(std::move(done).error());
        left.push_back(std::move(spec));
      }
    }
    if (left.size() == specs.size()) break;   // nobody got further
    specs = std::move(left);
  }
  return errors;
}

Status QueueTree::remove(std::string_view name) {
  const auto found = ids_.find(name);
  if (found == ids_.end()) return fail(Errc::not_found, "queue \"{}\" does not exist", name);
  const Index index = found->second;
  const Node& node = nodes_[index];
  if (index == kRoot) return fail(Errc::invalid, "the root queue stays");
  if (has_children({index})) return fail(Errc::conflict, "queue \"{}\" has queues below it", name);
  if (node.allocated_pods > 0) return fail(Errc::conflict, "{} pods run in queue \"{}\"", node.allocated_pods, name);
  if (node.pending_pods > 0) return fail(Errc::conflict, "{} pods wait in queue \"{}\"", node.pending_pods, name);
  const Index parent = nodes_[index].parent;
  ids_.erase(found);
  free_node(index);
  promise_upward(parent);
  fold(parent);
  return {};
}

std::optional<QueueId> QueueTree::find(std::string_view name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? std::nullopt : std::optional(QueueId{found->second});
}

std::vector<QueueId> QueueTree::queues() const {
  std::vector<QueueId> out;
  for (const auto& [name, index] : ids_) out.push_back({index});
  return out;
}

void QueueTree::set_total(const Amounts& total) {
  if (total == total_) return;
  widen_to(total.size());
  total_ = total;
  rebuild(kRoot);
  deserved_.assign(resources_, {});
}

void QueueTree::add_pending(QueueId queue, const Amounts& pod) { change(queue, pod, {.pending = 1}); }
void QueueTree::remove_pending(QueueId queue, const Amounts& pod) { change(queue, pod, {.pending = -1}); }
void QueueTree::add_allocated(QueueId queue, const Amounts& pod, bool critical) { change(queue, pod, {0, 1, critical}); }
void QueueTree::remove_allocated(QueueId queue, const Amounts& pod, bool critical) { change(queue, pod, {0, -1, critical}); }
void QueueTree::place(QueueId queue, const Amounts& pod, bool critical) { change(queue, pod, {-1, 1, critical}); }
void QueueTree::unplace(QueueId queue, const Amounts& pod, bool critical) { change(queue, pod, {1, -1, critical}); }

void QueueTree::change(QueueId queue, const Amounts& pod, const Delta& delta) {
  widen_to(pod.size());
  const Index leaf = holder(queue.v);
  for (Index index = leaf; index != kNone; index = nodes_[index].parent) {
    Node& node = nodes_[index];
    node.pending_pods += delta.pending;
    node.allocated_pods += delta.allocated;
    EBB_CHECK(node.live && node.pending_pods >= 0 && node.allocated_pods >= 0);
    for (std::size_t r = 0; r < pod.size(); ++r) {
      const Sum amount = pod[id(r)];
      node.pending[r] += amount * delta.pending;
      node.allocated[r] += amount * delta.allocated;
      if (delta.critical) node.critical[r] += amount * delta.allocated;
      EBB_CHECK(node.pending[r] >= 0 && node.allocated[r] >= 0 && node.critical[r] >= 0);
    }
  }
  // Placing moves amounts from one sum to the other; what is wanted in all stays.
  if (delta.pending + delta.allocated != 0) {
    for (std::size_t r = 0; r < pod.size(); ++r) {
      if (pod[id(r)] > 0) deserved_[r].clear();
    }
  }
  refresh_upward(leaf);
}

void QueueTree::block(QueueId queue) {
  const Index index = holder(queue.v);
  if (nodes_[index].blocked) return;
  nodes_[index].blocked = true;
  blocked_.push_back(index);
  refresh_upward(index);
}

void QueueTree::unblock(QueueId queue) {
  const Index index = holder(queue.v);
  if (!nodes_[index].blocked) return;
  nodes_[index].blocked = false;
  std::erase(blocked_, index);
  refresh_upward(index);
}

void QueueTree::unblock_all() {
  for (const Index index : std::exchange(blocked_, {})) {
    nodes_[index].blocked = false;
    refresh_upward(index);
  }
}

std::vector<QueueId> QueueTree::path(QueueId queue) const {
  std::vector<QueueId> out;
  const Index own = nodes_[queue.v].own;
  for (Index index = own == kNone ? queue.v : own; index != kNone; index = nodes_[index].parent) out.push_back({index});
  return out;
}

bool QueueTree::has_children(QueueId queue) const {
  const Node& node = nodes_[queue.v];
  return node.children.size() > (node.own == kNone ? 0u : 1u);
}

Status QueueTree::check(const QueueSpec& spec, Index parent, Index self) const {
  if (spec.weight < 1 || spec.weight > kMaxWeight) {
    return fail(Errc::invalid, "the weight is {}, it must be between 1 and {}", spec.weight, kMaxWeight);
  }
  EBB_TRY_VOID(check_amounts(spec));
  for (Index above = parent; self != kNone && above != kNone; above = nodes_[above].parent) {
    if (above == self) return fail(Errc::invalid, "its parent \"{}\" is the queue itself or below it", spec.parent);
  }
  return {};
}

// What the tree would promise with the spec in place, from the queue up to the root.
// Requires: the queue hangs nowhere else.
Status QueueTree::check_promises(const QueueSpec& spec, Index parent, Index self) const {
  const auto sum_below = [&](Index index, std::size_t r, Index except) {
    Sum sum = 0;
    for (const Index child : nodes_[index].children) {
      if (child != except && r < resources_) sum += nodes_[child].promised[r];
    }
    return sum;
  };
  for (std::size_t r = 0; r < std::max(resources_, size_of(spec)); ++r) {
    EBB_TRY(Sum promise, promise_of(spec, id(r), self == kNone ? 0 : sum_below(self, r, kNone)));
    Index from = self;
    for (Index above = parent; above != kNone; above = nodes_[above].parent) {
      EBB_TRY(promise, promise_of(nodes_[above].spec, id(r), promise + sum_below(above, r, from)));
      from = above;
    }
  }
  return {};
}

void QueueTree::promise_upward(Index index) {
  for (; index != kNone; index = nodes_[index].parent) {
    Node& node = nodes_[index];
    for (std::size_t r = 0; r < resources_; ++r) {
      Sum below = 0;
      for (const Index child : node.children) below += nodes_[child].promised[r];
      node.promised[r] = promise_of(node.spec, id(r), below).value_or(below);
    }
  }
}

QueueTree::Index QueueTree::new_node(QueueSpec spec, Index parent) {
  Index index = static_cast<Index>(nodes_.size());
  if (unused_.empty()) {
    nodes_.emplace_back();
  } else {
    index = unused_.back();
    unused_.pop_back();
    nodes_[index] = Node{};
  }
  nodes_[index].spec = std::move(spec);
  nodes_[index].live = true;
  widen(nodes_[index]);
  hang(index, parent);
  promise_upward(index);
  return index;
}

void QueueTree::free_node(Index index) {
  take_down(index);
  std::erase(blocked_, index);
  nodes_[index] = Node{};
  unused_.push_back(index);
}

// The hidden child of a queue that has children; the queue's own pods move into it.
QueueTree::Index QueueTree::own_node(Index queue) {
  if (nodes_[queue].own != kNone) return nodes_[queue].own;
  QueueSpec spec;
  spec.name = nodes_[queue].spec.name;
  spec.parent = nodes_[queue].spec.name;
  spec.created = nodes_[queue].spec.created;
  spec.reclaimable = nodes_[queue].spec.reclaimable;
  const bool moves = nodes_[queue].children.empty();
  const Index own = new_node(std::move(spec), queue);
  Node& node = nodes_[own];
  Node& above = nodes_[queue];
  node.hidden = true;
  above.own = own;
  if (moves) {
    node.allocated = above.allocated;
    node.pending = above.pending;
    node.critical = above.critical;
    node.pending_pods = above.pending_pods;
    node.allocated_pods = above.allocated_pods;
    if (std::exchange(above.blocked, false)) {
      node.blocked = true;
      std::replace(blocked_.begin(), blocked_.end(), queue, own);
    }
  }
  refresh_upward(own);
  return own;
}

// A queue that gets its first child keeps its pods.
void QueueTree::make_room_below(Index parent) {
  const Node& node = nodes_[parent];
  const bool holds = node.pending_pods > 0 || node.allocated_pods > 0 || node.blocked;
  if (node.children.empty() && holds) own_node(parent);
}

// A queue that has lost its last child holds its pods itself again.
void QueueTree::fold(Index queue) {
  const Index own = nodes_[queue].own;
  if (own == kNone || nodes_[queue].children.size() > 1) return;
  detach(own);
  if (nodes_[own].blocked) {
    nodes_[queue].blocked = true;
    std::replace(blocked_.begin(), blocked_.end(), own, queue);
  }
  nodes_[queue].own = kNone;
  nodes_[queue].children.clear();
  nodes_[own] = Node{};
  unused_.push_back(own);
  refresh_upward(queue);
  deserved_.assign(resources_, {});
}

// Where the queue's own pods stand.
QueueTree::Index QueueTree::holder(Index queue) { return nodes_[queue].children.empty() ? queue : own_node(queue); }

void QueueTree::hang(Index index, Index parent) {
  nodes_[index].parent = parent;
  nodes_[parent].children.push_back(index);
  add_load(parent, nodes_[index], 1);
  work_out(index);
  attach(index);
  refresh_upward(parent);
  deserved_.assign(resources_, {});
}

void QueueTree::take_down(Index index) {
  const Index parent = nodes_[index].parent;
  detach(index);
  std::erase(nodes_[parent].children, index);
  add_load(parent, nodes_[index], -1);
  refresh_upward(parent);
  deserved_.assign(resources_, {});
}

void QueueTree::add_load(Index from, const Node& load, int sign) {
  for (Index index = from; index != kNone; index = nodes_[index].parent) {
    Node& node = nodes_[index];
    node.pending_pods += sign * load.pending_pods;
    node.allocated_pods += sign * load.allocated_pods;
    for (std::size_t r = 0; r < resources_; ++r) {
      node.allocated[r] += sign * load.allocated[r];
      node.pending[r] += sign * load.pending[r];
      node.critical[r] += sign * load.critical[r];
    }
  }
}

void QueueTree::widen(Node& node) const {
  for (auto* sums : {&node.allocated, &node.pending, &node.critical, &node.promised, &node.reserved, &node.reserved_below}) {
    sums->resize(resources_);
  }
  for (auto* amounts : {&node.fine, &node.fixed, &node.directions}) amounts->resize(resources_);
  node.direction.resize(resources_);
}

void QueueTree::widen_to(std::size_t resources) {
  if (resources <= resources_) return;
  resources_ = resources;
  for (Node& node : nodes_) widen(node);
  deserved_.resize(resources_);
}

}   // namespace ebb::core::fairness
