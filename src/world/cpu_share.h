#pragma once

// How a fair scheduler splits CPU among those who want it: by weight, and what one does not want goes
// to the others (weighted max-min fairness, which is what the kernel's weights give over time).

#include "base/units.h"

#include <cstdint>
#include <vector>

namespace ebb::world {

struct CpuClaim {
  MilliCpu wish;
  std::int64_t weight = 1;   // > 0
  MilliCpu granted;          // the answer
};

// Fills in `granted`: each at most its wish, together at most `capacity`, and nothing is left while
// a wish is open (but for rounding, under one milli-CPU per claim). Returns the sum.
MilliCpu split_cpu(MilliCpu capacity, std::vector<CpuClaim>& claims);

}   // namespace ebb::world
