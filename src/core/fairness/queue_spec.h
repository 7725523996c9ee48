#pragma once

// What a user says of a queue. Names and meanings are those of Volcano's Queue, with a floor added.

#include "base/time.h"
#include "core/fairness/amounts.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace ebb::core::fairness {

inline constexpr std::string_view kRootName = "root";
inline constexpr std::int64_t kMaxWeight = 1'000'000;
inline constexpr std::int64_t kMaxStated = std::int64_t{1} << 56;   // of a guarantee, deserved, cap or floor: 64 PiB in bytes

struct QueueSpec {
  std::string name;
  std::string parent;          // empty: the root
  std::int64_t weight = 1;     // 1..1,000,000, against the queues beside it
  std::int32_t priority = 0;   // of queues beside each other the higher is served first
  Instant created;             // breaks ties, before the name does
  Bounds guarantee;            // kept free for the queue even while it does not use it
  Bounds deserved;             // the queue's own part: lent while unused, taken back when wanted
  Bounds cap;                  // never more than this
  Amounts floor;               // kept free for critical pods; reclaim never takes the queue below it
  bool reclaimable = true;     // others may take back what it holds above its part
  bool open = true;            // a closed queue keeps what runs and starts nothing
};

// Where a queue stands in its tree; stays the same until the queue is removed.
struct QueueId {
  std::uint32_t v = 0;

  friend auto operator<=>(const QueueId&, const QueueId&) = default;
};

}   // namespace ebb::core::fairness
