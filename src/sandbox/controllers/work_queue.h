#pragma once

// What a controller still has to look at, and when. A key stands in the queue once, at the earliest
// time it was asked for. A key whose work failed comes back after a time that doubles with each
// failure in a row.

#include "base/time.h"
#include "sandbox/api/controller.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace ebb::sandbox::control {

template <class Key>
class WorkQueue final {
 public:
  // At the next run.
  void add(const Key& key) { add_at(key, Instant{INT64_MIN}); }

  void add_at(const Key& key, Instant when) {
    const auto [place, fresh] = due_.try_emplace(key, when);
    if (!fresh) {
      if (place->second <= when) return;
      order_.erase({place->second, key});
      place->second = when;
    }
    order_.insert({when, key});
  }

  void retry(const Key& key, Instant now) {
    const std::int64_t failures = std::min<std::int64_t>(failures_[key]++, 16);
    add_at(key, now + std::min(milliseconds(5) * (std::int64_t{1} << failures), minutes(1)));
  }
  void succeeded(const Key& key) { failures_.erase(key); }

  void forget(const Key& key) {
    failures_.erase(key);
    if (const auto found = due_.find(key); found != due_.end()) {
      order_.erase({found->second, key});
      due_.erase(found);
    }
  }

  // The next key that is due, taken out.
  std::optional<Key> take(Instant now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    Key key = order_.begin()->second;
    order_.erase(order_.begin());
    due_.erase(key);
    return key;
  }

  Instant next() const { return order_.empty() ? kNever : order_.begin()->first; }

 private:
  std::map<Key, Instant> due_;
  std::set<std::pair<Instant, Key>> order_;
  std::map<Key, std::int64_t> failures_;
};

// How many keys one run works off, so that requests are served between two runs of a big day.
inline constexpr int kKeysPerRun = 32;

// Works off what is due. `work` gives a Status; a failed key comes back later.
template <class Key, class Work>
Instant drain(WorkQueue<Key>& queue, Instant now, Work work) {
  for (int n = 0; n < kKeysPerRun; ++n) {
    const std::optional<Key> key = queue.take(now);
    if (!key) break;
    if (work(*key)) {
      queue.succeeded(*key);
    } else {
      queue.retry(*key, now);
    }
  }
  return std::max(queue.next(), now);
}

}   // namespace ebb::sandbox::control
