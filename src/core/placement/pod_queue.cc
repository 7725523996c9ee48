#include "core/placement/pod_queue.h"

#include <iterator>

namespace ebb::core::placement {

WaitGroup& PodQueue::wait(const Ask& ask, const QueueKey& key) {
  WaitGroup& group = waiting_[ask];
  group.pods.insert(key);
  return group;
}

void PodQueue::remove(const PodEntry& entry, PodIndex pod) {
  if (entry.state == PodState::active) take(entry.queue_key);
  if (entry.retry_at) timed_.erase({*entry.retry_at, pod});
  if (entry.state == PodState::waiting && entry.waits_as) {
    const auto found = waiting_.find(*entry.waits_as);
    if (found == waiting_.end()) return;
    found->second.pods.erase(entry.queue_key);
    if (found->second.pods.empty()) waiting_.erase(found);
  }
}

const QueueKey* PodQueue::first(std::uint32_t lane) const {
  const auto found = active_.find(lane);
  return found == active_.end() ? nullptr : &*found->second.begin();
}

void PodQueue::take(const QueueKey& key) {
  const auto found = active_.find(key.lane);
  if (found == active_.end() || found->second.erase(key) == 0) return;
  --active_count_;
  if (found->second.empty()) active_.erase(found);
}

std::optional<PodIndex> PodQueue::wake_one(const Ask& ask) {
  const auto found = waiting_.find(ask);
  if (found == waiting_.end()) return std::nullopt;
  std::set<QueueKey>& pods = found->second.pods;
  const QueueKey key = pods.extract(pods.begin()).value();
  if (pods.empty()) waiting_.erase(found);
  activate(key);
  return key.pod;
}

std::vector<PodIndex> PodQueue::take_due(Instant now) {
  std::vector<PodIndex> due;
  while (!timed_.empty() && timed_.begin()->first <= now) due.push_back(timed_.extract(timed_.begin()).value().second);
  return due;
}

WaitGroup* PodQueue::group(const Ask& ask) {
  const auto found = waiting_.find(ask);
  return found == waiting_.end() ? nullptr : &found->second;
}

std::optional<Instant> PodQueue::next_retry() const { return timed_.empty() ? std::nullopt : std::optional(timed_.begin()->first); }

std::size_t PodQueue::ahead_of(const QueueKey& key) const {
  const auto lane = active_.find(key.lane);
  return lane == active_.end() ? 0 : static_cast<std::size_t>(std::distance(lane->second.begin(), lane->second.lower_bound(key)));
}

}   // namespace ebb::core::placement
