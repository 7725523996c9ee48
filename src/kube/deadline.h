#pragma once

// When a blocking call gives up, on the monotonic clock, so that setting the machine's time neither
// hurries nor stalls it.

#include "base/time.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace ebb::kube {

class Deadline {
 public:
  static Deadline after(Duration real) {
    return Deadline(std::chrono::steady_clock::now() + std::chrono::nanoseconds(std::clamp<std::int64_t>(real.v, 0, hours(24 * 365).v)));
  }
  static Deadline sooner(const Deadline& a, const Deadline& b) { return Deadline(std::min(a.at_, b.at_)); }

  Duration left() const {
    return nanoseconds(std::chrono::duration_cast<std::chrono::nanoseconds>(at_ - std::chrono::steady_clock::now()).count());
  }
  bool passed() const { return left() <= Duration{}; }

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}
  std::chrono::steady_clock::time_point at_;
};

// For poll(2): rounded up, so that waiting never turns into spinning; at most an hour at a time.
inline int poll_milliseconds(Duration left) {
  return static_cast<int>(std::clamp<std::int64_t>((left.v + 999'999) / 1'000'000, 0, 3'600'000));
}

}   // namespace ebb::kube
