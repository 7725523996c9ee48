#include "core/placement/pod_queue.h"

#include <iterator>

namespace ebb::core::placement {

void PodQueue::remove(const PodEntry& entry, PodIndex pod) {
  if (entry.state == PodState::active) active_.erase(entry.queue_key);
  if (entry.retry_at) timed_.erase({*entry.retry_at, pod});
  if (entry.state == PodState::waiting && entry.shape) {
    const auto found = waiting_.find(*entry.shape);
    if (found == waiting_.end()) return;
    found->second.erase(entry.queue_key);
    if (found->second.empty()) waiting_.erase(found);
  }
}

std::optional<PodIndex> PodQueue::take_first() {
  if (active_.empty()) return std::nullopt;
  return active_.extract(active_.begin()).value().pod;
}

std::optional<PodIndex> PodQueue::wake_one(ShapeId shape) {
  const auto found = waiting_.find(shape);
  if (found == waiting_.end()) return std::nullopt;
  const QueueKey key = found->second.extract(found->second.begin()).value();
  if (found->second.empty()) waiting_.erase(found);
  active_.insert(key);
  return key.pod;
}

std::vector<PodIndex> PodQueue::take_due(Instant now) {
  std::vector<PodIndex> due;
  while (!timed_.empty() && timed_.begin()->first <= now) due.push_back(timed_.extract(timed_.begin()).value().second);
  return due;
}

std::vector<ShapeId> PodQueue::waiting_shapes() const {
  std::vector<ShapeId> shapes;
  shapes.reserve(waiting_.size());
  for (const auto& [shape, pods] : waiting_) shapes.push_back(shape);
  return shapes;
}

std::vector<PodIndex> PodQueue::waiting_pods(ShapeId shape) const {
  std::vector<PodIndex> pods;
  const auto found = waiting_.find(shape);
  if (found == waiting_.end()) return pods;
  pods.reserve(found->second.size());
  for (const QueueKey& key : found->second) pods.push_back(key.pod);
  return pods;
}

std::optional<Instant> PodQueue::next_retry() const { return timed_.empty() ? std::nullopt : std::optional(timed_.begin()->first); }

std::size_t PodQueue::ahead_of(const QueueKey& key) const {
  return static_cast<std::size_t>(std::distance(active_.begin(), active_.lower_bound(key)));
}

}   // namespace ebb::core::placement
