#pragma once

// Queues that share a cluster: a tree with weights, and what each of them holds and waits for. It says
// which queue is served next and what a queue may take. The order is hierarchical dominant-resource
// fairness (Bhattacharya et al., 2013): at each level the lowest weighted dominant share goes first,
// where an inner queue counts its children rescaled to the lowest of them, so that a child which
// takes what its siblings cannot use does not starve them. Children that are blocked or wait for
// nothing count as what they hold.
//
// Queues that share a parent are ordered by: below what they deserve before all others, priority
// (high first), share, weight (large first), creation, name. Every change costs the depth of
// the tree times the logarithm of its width; nothing is sorted anew.
//
// A queue that has children may hold pods of its own: they stand in a hidden child of weight 1.

#include "base/result.h"
#include "core/fairness/amounts.h"
#include "core/fairness/queue_spec.h"
#include "core/fairness/refusal.h"
#include "core/fairness/share.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::fairness {

class QueueTree {
 public:
  QueueTree();

  // Queues. What breaks a rule is refused and changes nothing.
  Status upsert(QueueSpec spec);
  // In whatever order they come: parents first. Gives why the others were refused.
  std::vector<Error> upsert_all(std::vector<QueueSpec> specs);
  // Refused while the queue has children, holds something or is waited in.
  Status remove(std::string_view name);
  std::optional<QueueId> find(std::string_view name) const;
  const QueueSpec& spec(QueueId queue) const { return nodes_[queue.v].spec; }
  QueueId root() const { return {kRoot}; }
  std::size_t size() const { return ids_.size(); }   // the root included
  std::vector<QueueId> queues() const;               // ordered by name

  // What there is to share. Costs the whole tree where it differs from before.
  void set_total(const Amounts& total);
  const Amounts& total() const { return total_; }

  // Pods, one per call. A pod waits, is placed, and is gone; critical pods may use their queue's floor.
  // Requires of what takes away: it was added, with the same amounts.
  void add_pending(QueueId queue, const Amounts& pod);
  void remove_pending(QueueId queue, const Amounts& pod);
  void add_allocated(QueueId queue, const Amounts& pod, bool critical = false);
  void remove_allocated(QueueId queue, const Amounts& pod, bool critical = false);
  void place(QueueId queue, const Amounts& pod, bool critical = false);     // pending -> allocated
  void unplace(QueueId queue, const Amounts& pod, bool critical = false);   // allocated -> pending

  // A blocked queue is not served: none of its pods fits at the moment. Inner queues block with their children.
  void block(QueueId queue);
  void unblock(QueueId queue);
  void unblock_all();

  // Whose turn it is; none where every queue is closed, blocked or waited in by nobody.
  std::optional<QueueId> next() const;
  // All queues that could be served, level by level as the shares stand now. For display.
  std::vector<QueueId> in_order() const;

  // Why the queue may not have this now; none if it may. Caps hold at every level, and what others
  // are guaranteed and do not use yet is left free.
  std::optional<Refusal> refusal(QueueId queue, const Amounts& request, bool critical = false) const;
  bool may_allocate(QueueId queue, const Amounts& request, bool critical = false) const { return !refusal(queue, request, critical); }

  // What is taken back in a queue and below it before the request comes: of all its pods, of critical ones.
  struct Given {
    Sum all = 0;
    Sum critical = 0;
  };
  using Freed = std::function<Given(QueueId, ResourceId)>;
  // Every limit that stands against the request, from the queue upward.
  std::vector<Refusal> refusals(QueueId queue, const Amounts& request, bool critical, const Freed* freed) const;

  Sum allocated(QueueId queue, ResourceId resource) const { return nodes_[queue.v].allocated[resource]; }
  Sum critical(QueueId queue, ResourceId resource) const { return nodes_[queue.v].critical[resource]; }
  Sum pending(QueueId queue, ResourceId resource) const { return nodes_[queue.v].pending[resource]; }
  std::int64_t pending_pods(QueueId queue) const { return nodes_[queue.v].pending_pods; }
  std::int64_t allocated_pods(QueueId queue) const { return nodes_[queue.v].allocated_pods; }
  // One more than the largest resource in use; those above that name a resource take what is below it.
  std::size_t resources() const { return resources_; }

  // As the order counts it: children rescaled, divided by the weight.
  const Share& share(QueueId queue) const { return nodes_[queue.v].share; }
  // Of what the queue really holds, not divided by the weight: for people.
  Share held_share(QueueId queue) const;
  // Below what is stated as deserved or guaranteed, in every such resource that it waits for.
  bool owed(QueueId queue) const { return nodes_[queue.v].standing.owed; }
  bool eligible(QueueId queue) const { return nodes_[queue.v].eligible; }

  // What the queue is entitled to with the present demand: its guarantee, then what it deserves, then
  // a part of the rest by weight; no more than its cap and what it wants. Worked out when asked for.
  std::int64_t deserved(QueueId queue, ResourceId resource) const { return entitlement(queue, resource).whole; }
  // As much of it as is stated: by its guarantee and as deserved.
  std::int64_t claimed(QueueId queue, ResourceId resource) const { return entitlement(queue, resource).stated; }

  // Nearest first, the root last. Where the queue has children and pods of its own the hidden child comes
  // first; it can be asked like a queue and has the name of the queue.
  std::vector<QueueId> path(QueueId queue) const;
  bool has_children(QueueId queue) const;

 private:
  using Index = std::uint32_t;
  static constexpr Index kRoot = 0;
  static constexpr Index kNone = UINT32_MAX;

  // Those who stand alike in this are ordered by share.
  struct Standing {
    bool owed = false;
    std::int32_t priority = 0;

    friend bool operator==(const Standing&, const Standing&) = default;
    friend bool operator<(const Standing& a, const Standing& b) { return a.owed != b.owed ? a.owed : a.priority > b.priority; }
  };

  struct Node {
    QueueSpec spec;
    bool live = false;
    bool hidden = false;   // holds the pods of a queue that has children
    Index parent = kNone;
    Index own = kNone;   // the hidden child
    std::vector<Index> children;

    std::vector<Sum> allocated, pending, critical;
    std::int64_t pending_pods = 0;
    std::int64_t allocated_pods = 0;
    bool blocked = false;

    // What counts in the order; queue_order.cc.
    std::vector<UInt128> fine;              // held, children rescaled, in 2^-32 units
    std::vector<std::uint64_t> direction;   // fine, as a part of the total and of the share; weight x 2^40 is all of it
    bool eligible = false;
    Standing standing;
    Share share;
    std::size_t place = 0;   // in its parent's heap
    // Of the children: what those who are not eligible hold, the directions of the others.
    std::vector<UInt128> fixed, directions;
    std::map<Standing, std::vector<Index>> heaps;

    // What is promised and not used yet; queue_limits.cc.
    std::vector<Sum> promised;   // to the queue: at least the sum of its children's
    std::vector<Sum> reserved, reserved_below;
  };

  // queue_tree.cc
  Status check(const QueueSpec& spec, Index parent, Index self) const;
  Status check_promises(const QueueSpec& spec, Index parent, Index self) const;
  Index new_node(QueueSpec spec, Index parent);
  void free_node(Index index);
  Index own_node(Index queue);
  Index holder(Index queue);
  void hang(Index index, Index parent);
  void take_down(Index index);
  void promise_upward(Index index);
  void make_room_below(Index parent);
  void fold(Index queue);
  void widen(Node& node) const;
  void widen_to(std::size_t resources);
  struct Delta {
    int pending = 0;
    int allocated = 0;
    bool critical = false;
  };
  void change(QueueId queue, const Amounts& pod, const Delta& delta);
  void add_load(Index from, const Node& load, int sign);

  // queue_order.cc
  void attach(Index index);
  void detach(Index index);
  void work_out(Index index);
  void work_out_fine(Node& node) const;
  void work_out_direction(Node& node) const;
  bool is_owed(const Node& node) const;
  bool is_eligible(const Node& node) const;
  void refresh_upward(Index index);
  void refresh(Index index);
  void rebuild(Index index);
  bool before(Index a, Index b) const;
  const Share* lowest_share(const Node& parent) const;
  void add_counts(const Node& node, bool add);
  void heap_insert(Node& parent, Index child);
  void heap_erase(Node& parent, const Standing& standing, std::size_t place);
  void sift(std::vector<Index>& heap, std::size_t place);
  void collect_in_order(Index index, std::vector<QueueId>& out) const;

  // queue_limits.cc
  // What a node holds of a resource, as it is or as it would be.
  struct Held {
    Sum all = 0;
    Sum critical = 0;
    Sum reserved_below = 0;
  };
  static Sum inside(const QueueSpec& spec, ResourceId resource, const Held& held);
  static Sum reserve(const QueueSpec& spec, ResourceId resource, const Held& held);

  // deserved.cc
  struct Entitlement {
    std::int64_t whole = 0;
    std::int64_t stated = 0;
  };
  Entitlement entitlement(QueueId queue, ResourceId resource) const;
  void work_out_deserved(ResourceId resource) const;
  std::int64_t work_out_wants(Index index, ResourceId resource, std::vector<std::int64_t>& wants) const;
  void divide(Index index, ResourceId resource, const std::vector<std::int64_t>& wants, std::vector<Entitlement>& out) const;

  std::vector<Node> nodes_;
  std::vector<Index> unused_;
  std::map<std::string, Index, std::less<>> ids_;
  std::vector<Index> blocked_;   // may hold some that are not any more
  Amounts total_;
  std::size_t resources_ = 0;
  // By resource and node; empty where something has changed since. A cache: what it holds follows from the rest.
  mutable std::vector<std::vector<Entitlement>> deserved_;
};

}   // namespace ebb::core::fairness
