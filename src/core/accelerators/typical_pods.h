#pragma once

// Which pods a cluster sees, summarised: every distinct request with how often it came, cut off where
// the most popular ones make up 95 % of all. This is what "a pod as they usually are" means to the
// fragmentation measure. Counting is exact and the order total, so equal histories give equal summaries.

#include "core/accelerators/devices.h"

#include <cstdint>
#include <map>
#include <vector>

namespace ebb::core::accelerators {

struct TypicalPod {
  AcceleratorRequest request;
  std::int64_t weight = 0;   // how many were seen
};

struct TypicalPods {
  std::vector<TypicalPod> pods;    // the most popular first
  std::int64_t weight_total = 0;   // what a weight is a part of
};

inline constexpr Permille kPopularityCut{950};

class PodHistory {
 public:
  void saw(const AcceleratorRequest& request) { saw(request, 1); }
  void saw(const AcceleratorRequest& request, std::int64_t times);
  std::int64_t total() const { return total_; }

  // Every request came half as often, rounded down; one that came once is forgotten.
  void halve();

  // The fewest most popular requests that make up `cut` of all pods seen.
  TypicalPods typical(Permille cut = kPopularityCut) const;

 private:
  std::map<AcceleratorRequest, std::int64_t> seen_;
  std::int64_t total_ = 0;
};

}   // namespace ebb::core::accelerators
