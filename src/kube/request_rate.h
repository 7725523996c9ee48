#pragma once

// A token bucket: how long a request has to wait so that no more than so many are sent in a second,
// those beyond `burst` that came together. Times are given, so it is exact and testable.

#include "base/time.h"
#include "base/wide.h"

#include <algorithm>
#include <cstdint>

namespace ebb::kube {

struct RequestRate {
  std::int64_t milli_per_second = 0;   // 0: no limit
  std::int32_t burst = 1;

  bool limited() const { return milli_per_second > 0; }
};

// Not synchronised.
class RequestBudget {
 public:
  explicit RequestBudget(RequestRate rate) : rate_(rate) {}

  // Takes one request out of the budget, and says when it may be sent: at once, or so much after `now`.
  Duration take(Instant now) {
    if (!rate_.limited()) return {};
    const Duration each = nanoseconds(static_cast<std::int64_t>(Int128{1'000'000'000'000} / rate_.milli_per_second));
    const std::int64_t ahead = std::max<std::int64_t>(rate_.burst, 1) - 1;
    // When the bucket would be full again, if nothing more came; `ahead` requests may come before that.
    full_ = std::max(full_, now);
    const auto earliest = static_cast<Int128>(full_.v) - static_cast<Int128>(each.v) * ahead;
    full_ = full_ + each;
    return earliest <= now.v ? Duration{} : nanoseconds(static_cast<std::int64_t>(earliest - now.v));
  }

 private:
  RequestRate rate_;
  Instant full_;
};

}   // namespace ebb::kube
