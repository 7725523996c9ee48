#include "kube/ordered_workers.h"

#include <chrono>
#include <utility>

namespace ebb::kube {

OrderedWorkers::OrderedWorkers(std::size_t threads, std::size_t jobs_max) : jobs_max_(jobs_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

OrderedWorkers::~OrderedWorkers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool OrderedWorkers::submit(std::string key, Urgency urgency, Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_ >= jobs_max_) return false;
    ++waiting_;
    const auto [found, added] = lines_.try_emplace(key);
    found->second.jobs.push_back(std::move(job));
    if (!added) return true;   // its turn comes when the one before is done
    found->second.urgency = urgency;
    (urgency == Urgency::pressing ? pressing_ : later_).push_back(std::move(key));
  }
  wake_.notify_one();
  return true;
}

void OrderedWorkers::drain(const std::function<bool()>& give_up) {
  std::unique_lock lock(mutex_);
  while (!lines_.empty() && !give_up()) quiet_.wait_for(lock, std::chrono::milliseconds(20));
}

void OrderedWorkers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !pressing_.empty() || !later_.empty(); });
    if (stopping_) return;
    std::deque<std::string>& keys = pressing_.empty() ? later_ : pressing_;
    std::string key = std::move(keys.front());
    keys.pop_front();
    const auto line = lines_.find(key);
    const Job job = std::move(line->second.jobs.front());
    line->second.jobs.pop_front();
    --waiting_;
    lock.unlock();
    job();
    lock.lock();
    if (line->second.jobs.empty()) {
      lines_.erase(line);
      if (lines_.empty()) quiet_.notify_all();
    } else {
      (line->second.urgency == Urgency::pressing ? pressing_ : later_).push_back(std::move(key));
      wake_.notify_one();
    }
  }
}

}   // namespace ebb::kube
