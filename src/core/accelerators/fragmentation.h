#pragma once

// How much of a node's free accelerators a typical pod could not use, as published in "Beware of
// Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent" (ATC 2023).
// For one typical pod all free devices of a node are lost if the pod cannot run there (too little CPU,
// too few devices, a model it does not take, or no interest in devices at all); otherwise those are
// lost that have less room than its share. The node's fragmentation is the mean over typical pods.
//
// All sums are integers: thousandths of a device times weight. `weight_total` divides them.

#include "core/accelerators/devices.h"
#include "core/accelerators/typical_pods.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ebb::core::accelerators {

// Typical pods as nodes of one model see them, sorted so that one node costs as many steps as there
// are distinct (count, share) pairs.
class ModelDemand {
 public:
  struct CpuStep {
    std::int64_t cpu = 0;
    std::int64_t weight_up_to = 0;   // of the pods that want this much CPU or less
  };
  struct Class {   // pods that want the same of devices
    std::int32_t count = 0;
    std::int32_t share = 0;
    std::int64_t weight = 0;
    std::vector<CpuStep> steps;   // by CPU, ascending

    std::int64_t weight_within(std::int64_t cpu) const;
  };

  ModelDemand() = default;
  ModelDemand(const TypicalPods& typical, std::string_view model);

  const std::vector<Class>& classes() const { return classes_; }   // by share, then count, ascending
  std::int64_t weight_total() const { return weight_total_; }

  // Thousandths of a device, times weight. `cpu_free` may be negative: nothing runs then.
  std::int64_t fragmentation(MilliCpu cpu_free, const FreeDevices& free) const;

 private:
  std::vector<Class> classes_;
  std::int64_t elsewhere_ = 0;   // weight of pods that never use devices of this model
  std::int64_t weight_total_ = 0;
};

}   // namespace ebb::core::accelerators
