#pragma once

// The pods that are known, in dense entries: what they are, what they take and where, and how far
// their placement has come.

#include "core/capacity/oversold.h"
#include "core/colocation/qos.h"
#include "core/placement/cluster_state.h"
#include "core/placement/gone_uids.h"
#include "core/placement/node_table.h"
#include "core/placement/queue_book.h"
#include "core/placement/shape.h"
#include "model/pod.h"

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ebb::core::placement {

enum class PodState {
  ignored,          // another scheduler's, held by a gate, or being deleted before it was bound
  awaiting_owner,   // its owner is named and not seen yet: it may carry the pod's annotations
  held,             // to be tried only together with its gang
  active,           // to be tried
  backing_off,      // a bind failed: to be tried later
  waiting,          // no node takes it
  assumed,          // its bind is on its way
  bound,
  ended,   // succeeded or failed: it takes nothing
};

std::string_view to_string(PodState state);

// Everything about its class that is not done as it was asked.
std::vector<std::string> class_warnings(const Resolved& resolved);

// Priorities of the classes that Kubernetes has by itself.
inline constexpr std::int32_t kSystemClusterCritical = 2'000'000'000;
inline constexpr std::int32_t kSystemNodeCritical = 2'000'001'000;

// The order in which pods are tried: priority, then band, then whose deadline leaves least time, then who came first.
inline constexpr Instant kNoDeadline{std::numeric_limits<std::int64_t>::max()};
struct QueueKey {
  std::int32_t priority = 0;
  std::int32_t band = 0;
  Instant latest_start = kNoDeadline;
  std::uint32_t lane = 0;   // whose turn it is among pods is decided between lanes: 0 outside of all queues, else a queue's
  Instant created;
  std::uint64_t arrival = 0;   // creation times are whole seconds
  PodIndex pod = 0;

  friend std::strong_ordering operator<=>(const QueueKey& a, const QueueKey& b) {
    if (const auto order = b.priority <=> a.priority; order != 0) return order;
    if (const auto order = b.band <=> a.band; order != 0) return order;
    if (const auto order = a.latest_start <=> b.latest_start; order != 0) return order;
    if (const auto order = a.created <=> b.created; order != 0) return order;
    return a.arrival <=> b.arrival;
  }
  friend bool operator==(const QueueKey& a, const QueueKey& b) { return (a <=> b) == 0; }
};

struct PodEntry {
  model::Pod pod;
  Resolved resolved;
  PodState state = PodState::ignored;
  std::int32_t priority = 0;
  Instant latest_start = kNoDeadline;   // of offline pods with a deadline: when it is late, as far as is known how long it runs
  std::uint64_t arrival = 0;
  Instant first_seen;
  std::optional<Instant> running_since;
  std::optional<UseSample> sample;

  // Counted on a node, while assumed or bound, or while room is kept for it there.
  std::optional<Slot> slot;
  Charge charge;
  PodLoad load;
  std::optional<affinity::ClassId> company;   // as others' selectors see it
  bool leaving = false;                       // counted as being deleted
  std::optional<QueueStanding> standing;      // in its queue
  bool nominated = false;                     // it is not there: room is made for it
  std::optional<Instant> binding_volumes;     // its bind waits for its volumes, at most until then

  // While it is to be placed.
  std::optional<Ask> ask;
  std::optional<Ask> waits_as;     // the group that it waits in
  std::optional<Ask> woken_from;   // the group that it was woken for all of; they go on when it has been tried
  QueueKey queue_key;
  std::optional<Instant> retry_at;   // backing off, awaiting an owner or avoiding a node until then
  std::int32_t failed_binds = 0;
  std::uint64_t bind_action = 0;    // in flight; 0: none
  bool evicting = false;            // we have asked for its eviction, and nobody has refused it
  bool announce = false;            // bound by us: the events that say so are still to be posted
  std::string message;              // what the pod's condition says, as far as we wrote it
  std::vector<model::Uid> owners;   // indexed under these, the first unknown one included
};

// On its way out: deleted, or we have asked for its eviction.
inline bool is_going(const PodEntry& entry) { return entry.leaving || entry.evicting; }

class PodTable {
 public:
  std::optional<PodIndex> find(const model::ObjectKey& key) const;
  PodIndex add(const model::Pod& pod);
  // The pod is gone for good: a late event about the same uid no longer brings it back.
  void erase(PodIndex index);
  // An entry of this uid was erased not long ago.
  bool gone(const model::Uid& uid) const { return gone_.contains(uid); }

  PodEntry& operator[](PodIndex index) { return entries_[index]; }
  const PodEntry& operator[](PodIndex index) const { return entries_[index]; }
  std::size_t size() const { return by_key_.size(); }
  bool is_known(PodIndex index) const { return used_[index]; }
  // Indices in use, ascending.
  std::vector<PodIndex> all() const;

 private:
  struct KeyHash {
    std::size_t operator()(const model::ObjectKey& key) const {
      const std::hash<std::string> hash;
      return hash(key.ns) * 31 + hash(key.name);
    }
  };

  std::deque<PodEntry> entries_;
  std::vector<bool> used_;
  std::vector<PodIndex> unused_;
  std::unordered_map<model::ObjectKey, PodIndex, KeyHash> by_key_;
  std::uint64_t arrivals_ = 0;
  GoneUids gone_;
};

}   // namespace ebb::core::placement
