#pragma once

// A queue from many threads to one, which makes the many wait when it is full.

#include "base/time.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace ebb::kube {

template <class T>
class BoundedQueue final {
 public:
  explicit BoundedQueue(std::size_t most) : most_(most) {}

  // Waits for room. False: the queue was closed.
  bool push(T value) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return closed_ || values_.size() < most_; });
    if (closed_) return false;
    values_.push_back(std::move(value));
    lock.unlock();
    some_.notify_one();
    return true;
  }

  // Waits up to `patience` for a first value, or for wake().
  std::vector<T> take(std::size_t max, Duration patience) {
    std::unique_lock lock(mutex_);
    some_.wait_for(lock, std::chrono::nanoseconds(patience.v), [this] { return closed_ || woken_ || !values_.empty(); });
    woken_ = false;
    const auto count = static_cast<std::ptrdiff_t>(std::min(max, values_.size()));
    std::vector<T> taken(std::make_move_iterator(values_.begin()), std::make_move_iterator(values_.begin() + count));
    values_.erase(values_.begin(), values_.begin() + count);
    lock.unlock();
    if (count > 0) room_.notify_all();
    return taken;
  }

  // The present or next take() does not wait.
  void wake() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    some_.notify_one();
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_all();
    some_.notify_all();
  }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable some_;
  std::deque<T> values_;
  bool woken_ = false;
  bool closed_ = false;
};

}   // namespace ebb::kube
