#pragma once

// The pods that are known, in dense entries: what they are, what they take and where, and how far
// their placement has come.

#include "core/capacity/oversold.h"
#include "core/colocation/qos.h"
#include "core/placement/gone_uids.h"
#include "core/placement/node_table.h"
#include "core/placement/shape.h"
#include "model/pod.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ebb::core::placement {

enum class PodState {
  ignored,          // another scheduler's, held by a gate, or being deleted before it was bound
  awaiting_owner,   // its owner is named and not seen yet: it may carry the pod's annotations
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

// The order in which pods are tried: priority, then band, then who came first.
struct QueueKey {
  std::int32_t priority = 0;
  std::int32_t band = 0;
  Instant created;
  std::uint64_t arrival = 0;   // creation times are whole seconds
  PodIndex pod = 0;

  friend std::strong_ordering operator<=>(const QueueKey& a, const QueueKey& b) {
    if (const auto order = b.priority <=> a.priority; order != 0) return order;
    if (const auto order = b.band <=> a.band; order != 0) return order;
    if (const auto order = a.created <=> b.created; order != 0) return order;
    return a.arrival <=> b.arrival;
  }
  friend bool operator==(const QueueKey& a, const QueueKey& b) { return (a <=> b) == 0; }
};

struct PodEntry {
  model::Pod pod;
  Resolved resolved;
  PodState state = PodState::ignored;
  std::uint64_t arrival = 0;
  Instant first_seen;
  std::optional<Instant> running_since;
  std::optional<UseSample> sample;

  // Counted on a node, while assumed or bound.
  std::optional<Slot> slot;
  Charge charge;
  PodLoad load;

  // While it is to be placed.
  std::optional<ShapeId> shape;
  QueueKey queue_key;
  std::optional<Instant> retry_at;   // backing off, or awaiting an owner, until then
  std::int32_t failed_binds = 0;
  std::uint64_t bind_action = 0;    // in flight; 0: none
  bool announce = false;            // bound by us: the events that say so are still to be posted
  std::string message;              // what the pod's condition says, as far as we wrote it
  std::vector<model::Uid> owners;   // indexed under these, the first unknown one included
};

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
