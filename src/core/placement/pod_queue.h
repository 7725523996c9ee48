#pragma once

// Pods to be placed. Active pods are tried in order; those whose bind failed wait out a back-off that
// doubles from 1 s to 10 s; those that no node takes wait in groups that ask the same, with what
// refused them, and one of a group is woken when something has changed so that it could be taken. When
// that one has been placed the next is woken: a crowd of equal pods costs what is placed, not its
// size. Nothing is flushed periodically.

#include "base/time.h"
#include "core/placement/cluster_state.h"
#include "core/placement/pod_table.h"
#include "core/placement/refusals.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace ebb::core::placement {

// Pods that ask the same, and why no node takes them.
struct WaitGroup {
  std::set<QueueKey> pods;
  Refusals refusals;
  std::uint64_t refused_at = 0;   // the number of improvements seen by then
  std::uint64_t company = 0;      // generation of what they ask of other pods, by then
  FilterSet refused_by = 0;
  bool recount = false;      // its refusals are to be counted again: nodes have changed, none of them takes it
  bool no_victims = false;   // by then, nobody's leaving would have helped a pod of this priority
  std::int32_t no_victims_priority = 0;
};

class PodQueue {
 public:
  explicit PodQueue(Duration first_backoff = seconds(1), Duration most_backoff = seconds(10))
      : first_backoff_(first_backoff), most_backoff_(most_backoff) {}

  void activate(const QueueKey& key) {
    std::set<QueueKey>& lane = active_[key.lane];
    if (lane.empty()) filled_lanes_.push_back(key.lane);
    lane.insert(key);
    ++active_count_;
  }
  // Lanes in which somebody is active again, since the last call.
  std::vector<std::uint32_t> take_filled_lanes() { return std::exchange(filled_lanes_, {}); }
  // Some lane of a queue in which somebody is active; 0: there is none.
  std::uint32_t any_lane_of_a_queue() const { return active_.empty() ? 0 : active_.rbegin()->first; }
  // The group is made where there is none.
  WaitGroup& wait(const Ask& ask, const QueueKey& key);
  void retry_at(Instant when, PodIndex pod) { timed_.emplace(when, pod); }
  void forget_retry(Instant when, PodIndex pod) { timed_.erase({when, pod}); }

  // Takes the pod out of wherever it stands.
  void remove(const PodEntry& entry, PodIndex pod);

  const QueueKey* first(std::uint32_t lane) const;
  // Takes this one out of those that are active.
  void take(const QueueKey& key);
  // The first of a group becomes active. None waits: nothing happens.
  std::optional<PodIndex> wake_one(const Ask& ask);
  // Pods whose time has come; they stand nowhere afterwards but where they wait.
  std::vector<PodIndex> take_due(Instant now);

  bool has_active() const { return active_count_ > 0; }
  const std::map<Ask, WaitGroup>& waiting() const { return waiting_; }
  WaitGroup* group(const Ask& ask);
  std::optional<Instant> next_retry() const;

  std::size_t active() const { return active_count_; }
  std::size_t timed() const { return timed_.size(); }
  // How many active pods of its lane are tried before this one.
  std::size_t ahead_of(const QueueKey& key) const;

  Duration backoff(std::int32_t failures) const {
    Duration wait = first_backoff_;
    for (std::int32_t i = 1; i < failures && wait < most_backoff_; ++i) wait = wait * 2;
    return wait < most_backoff_ ? wait : most_backoff_;
  }

 private:
  Duration first_backoff_;
  Duration most_backoff_;
  std::map<std::uint32_t, std::set<QueueKey>> active_;   // by lane, none of them empty
  std::size_t active_count_ = 0;
  std::vector<std::uint32_t> filled_lanes_;
  std::map<Ask, WaitGroup> waiting_;
  std::set<std::pair<Instant, PodIndex>> timed_;
};

}   // namespace ebb::core::placement
