#pragma once

// FGD with the very roundings of the published program: doubles, summed in its order by the reason why a
// pod cannot use what is free. Where a placement changes nothing but reasons, such a sum moves by its
// rounding, and 50 becomes 49: one run in eight goes another way there. core/accelerators/fgd_score.h is the
// same score without roundings; this one is what published runs are compared with.

#include "core/accelerators/fgd_score.h"
#include "core/accelerators/typical_pods.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ebb::sim::fgd {

class PublishedFgd {
 public:
  // `seen` is how many pods `typical` was cut from.
  PublishedFgd(const core::accelerators::TypicalPods& typical, std::int64_t seen, std::string_view model);

  // Requires: fits(node, request).
  core::accelerators::NodeScore score(const core::accelerators::AcceleratorNode& node,
                                      const core::accelerators::AcceleratorRequest& request) const;

 private:
  struct Pod {
    std::int64_t cpu = 0;
    std::int32_t count = 0;
    std::int32_t share = 0;
    bool allowed = false;
    double part = 0;   // of all typical pods
  };

  double fragmentation(MilliCpu cpu_free, const core::accelerators::FreeDevices& free) const;

  std::vector<Pod> pods_;
};

}   // namespace ebb::sim::fgd
