#pragma once

// Pods to be placed. Active pods are tried in order; those whose bind failed wait out a back-off that
// doubles from 1 s to 10 s; those that no node takes wait by shape, and one of a shape is woken when
// a node has changed so that it would take that shape. When that one has been placed the next is
// woken: a crowd of equal pods costs what is placed, not its size. Nothing is flushed periodically.

#include "base/time.h"
#include "core/placement/pod_table.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace ebb::core::placement {

class PodQueue {
 public:
  void activate(const QueueKey& key) { active_.insert(key); }
  void wait(ShapeId shape, const QueueKey& key) { waiting_[shape].insert(key); }
  void retry_at(Instant when, PodIndex pod) { timed_.emplace(when, pod); }

  // Takes the pod out of wherever it stands.
  void remove(const PodEntry& entry, PodIndex pod);

  std::optional<PodIndex> take_first();
  // The first of a shape's waiting pods becomes active. None waits: nothing happens.
  std::optional<PodIndex> wake_one(ShapeId shape);
  // Pods whose time has come; they stand nowhere afterwards.
  std::vector<PodIndex> take_due(Instant now);

  bool has_active() const { return !active_.empty(); }
  bool waits(ShapeId shape) const { return waiting_.contains(shape); }
  std::vector<ShapeId> waiting_shapes() const;
  std::vector<PodIndex> waiting_pods(ShapeId shape) const;
  std::optional<Instant> next_retry() const;

  std::size_t active() const { return active_.size(); }
  std::size_t timed() const { return timed_.size(); }
  // How many active pods are tried before this one.
  std::size_t ahead_of(const QueueKey& key) const;

  static constexpr Duration backoff(std::int32_t failures) {
    Duration wait = seconds(1);
    for (std::int32_t i = 1; i < failures && wait < seconds(10); ++i) wait = wait * 2;
    return wait < seconds(10) ? wait : seconds(10);
  }

 private:
  std::set<QueueKey> active_;
  std::map<ShapeId, std::set<QueueKey>> waiting_;
  std::set<std::pair<Instant, PodIndex>> timed_;
};

}   // namespace ebb::core::placement
