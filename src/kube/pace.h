#pragma once

// How fast the cluster's time runs against ours. The sandbox runs sped up: a back-off or poll
// interval meant for a real cluster shrinks with it. Network timeouts are never scaled.

#include "base/rng.h"
#include "base/time.h"
#include "base/wide.h"

#include <algorithm>
#include <cstdint>

namespace ebb::kube {

struct Pace {
  Permille speed{1000};   // 60,000: a minute of the cluster passes in one second of ours

  // How long `nominal` takes on our clock; at least a millisecond, so that nobody spins.
  Duration real(Duration nominal) const {
    const auto scaled = static_cast<std::int64_t>(static_cast<Int128>(nominal.v) * 1000 / std::max<std::int64_t>(speed.v, 1));
    return std::max(nanoseconds(scaled), milliseconds(1));
  }

  // The same for what asks the server again and again, however fast the clock is.
  Duration poll_interval(Duration nominal) const { return std::max(real(nominal), milliseconds(100)); }
};

// Exponential back-off with full jitter above the half: 0.5..1 x first, then twice that, up to most.
class Backoff {
 public:
  struct Limits {
    Duration first = milliseconds(500);
    Duration most = seconds(30);
  };
  Backoff(Limits limits, Rng rng) : limits_(limits), next_(limits.first), rng_(rng) {}

  Duration next() {
    const Duration whole = next_;
    next_ = std::min(next_ * 2, limits_.most);
    return nanoseconds(rng_.between(whole.v / 2, whole.v));
  }
  void reset() { next_ = limits_.first; }

 private:
  Limits limits_;
  Duration next_;
  Rng rng_;
};

}   // namespace ebb::kube
