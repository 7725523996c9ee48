#pragma once

// Several threads that run jobs: jobs of one key one after the other in their order, jobs of different
// keys at the same time. Pressing ones go before the others.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ebb::kube {

class OrderedWorkers final {
 public:
  using Job = std::function<void()>;   // must not throw
  enum class Urgency { pressing, later };

  OrderedWorkers(std::size_t threads, std::size_t jobs_max);
  // Runs what is running to its end and drops the rest.
  ~OrderedWorkers();
  OrderedWorkers(const OrderedWorkers&) = delete;
  OrderedWorkers& operator=(const OrderedWorkers&) = delete;

  // False: there are jobs_max waiting already. A key keeps the urgency of its first waiting job.
  bool submit(std::string key, Urgency urgency, Job job);
  // Waits until no job is left or `give_up` says so; looked at now and then.
  void drain(const std::function<bool()>& give_up);

 private:
  struct Line {
    std::deque<Job> jobs;
    Urgency urgency = Urgency::later;
  };
  void work();

  const std::size_t jobs_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable quiet_;
  std::map<std::string, Line> lines_;   // a key stays while a job of it waits or runs
  std::deque<std::string> pressing_;    // keys with a job to run and none running
  std::deque<std::string> later_;
  std::size_t waiting_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}   // namespace ebb::kube
