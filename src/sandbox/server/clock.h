#pragma once

// The sandbox's time: the real one, or one that runs `speed` times as fast from the moment the
// sandbox starts. Everything inside (controllers, kubelets, creation timestamps, the policy's
// durations) lives on it; network time-outs stay on the real one.

#include "base/check.h"
#include "base/time.h"
#include "base/wide.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace ebb::sandbox {

class Clock {
 public:
  explicit Clock(std::int64_t speed = 1) : speed_(speed), origin_(wall()), started_(std::chrono::steady_clock::now()) {
    EBB_CHECK(speed >= 1);
  }

  Instant now() const { return origin_ + real_elapsed() * speed_; }

  // How long to wait in real time until the sandbox's clock shows `due`, rounded up; never negative.
  std::chrono::nanoseconds until(Instant due) const {
    const Int128 left = Int128{due.v} - now().v;
    if (left <= 0) return std::chrono::nanoseconds(0);
    return std::chrono::nanoseconds(static_cast<std::int64_t>(left / speed_) + 1);
  }

  // `wanted` of the sandbox's time, or what this much real time is of it if that is longer.
  Duration at_least(Duration wanted, Duration real) const { return std::max(wanted, real * speed_); }

  Instant origin() const { return origin_; }   // what it showed when it was made
  std::int64_t speed() const { return speed_; }
  Duration real_elapsed() const {
    return Duration{std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - started_).count()};
  }

 private:
  static Instant wall() {
    return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
  }

  std::int64_t speed_;
  Instant origin_;
  std::chrono::steady_clock::time_point started_;
};

}   // namespace ebb::sandbox
