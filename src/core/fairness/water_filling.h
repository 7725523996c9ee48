#pragma once

// Divides one amount among several by weight: everybody's level rises in proportion to the weight,
// starting no lower than its low and stopping at its high (weighted max-min fairness). In whole
// units: what rounding leaves over goes to the largest remainders, the first of equals first.

#include <cstdint>
#include <span>
#include <vector>

namespace ebb::core::fairness {

struct Vessel {
  std::int64_t low = 0;
  std::int64_t high = 0;     // >= low
  std::int64_t weight = 1;   // >= 0; a vessel without weight stays at its low
};

// Requires: the lows sum to no more than amount. Ensures: low <= result <= high for each, and the
// results sum to amount or every vessel with a weight is full.
std::vector<std::int64_t> fill(std::int64_t amount, std::span<const Vessel> vessels);

}   // namespace ebb::core::fairness
