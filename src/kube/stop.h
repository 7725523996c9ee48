#pragma once

// A stop that blocking calls can wait for together with a socket. Requested once, seen by any
// number of threads and for ever; whoever blocks in this folder takes one and returns
// Errc::cancelled soon after it was requested.

#include "base/time.h"

#include <atomic>

namespace ebb::kube {

class Stop final {
 public:
  Stop();
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  void request() noexcept;   // from any thread, also from a signal handler
  bool requested() const noexcept { return requested_.load(std::memory_order_acquire); }
  int descriptor() const noexcept { return event_; }   // readable once requested

  // Waits until requested (true) or until the time has passed (false).
  bool wait_for(Duration real) const { return wait_for_either(this, nullptr, real); }

  // The same for one of two; either may be null.
  static bool wait_for_either(const Stop* a, const Stop* b, Duration real);

 private:
  int event_;
  std::atomic<bool> requested_{false};
};

}   // namespace ebb::kube
