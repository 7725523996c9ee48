#pragma once

// A queue's weighted dominant share as an exact fraction: the part it holds of the resource of which
// it holds the largest part, divided by its weight. Amounts are counted in 2^-32 of a unit, because an
// inner queue's amounts are rescaled; a leaf's are whole units.

#include "base/wide.h"

#include <compare>
#include <cstdint>
#include <string>

namespace ebb::core::fairness {

inline constexpr int kFineBits = 32;
// Shares count no more than this of one resource: 2^62 units. Keeps every product within 256 bits.
inline constexpr UInt128 kMostFine = static_cast<UInt128>(1) << 94;

struct Share {
  UInt128 fine = 0;          // 2^-32 units held of the dominant resource
  std::int64_t total = 1;    // units of it that there are; > 0
  std::int64_t weight = 1;   // > 0

  static Share of_units(Int128 units, std::int64_t total, std::int64_t weight = 1);
  // Without the weight: what part of the cluster it is.
  Share unweighted() const { return {fine, total, 1}; }

  // Exact. 1/2 equals 2/4.
  friend std::strong_ordering operator<=>(const Share& a, const Share& b);
  friend bool operator==(const Share& a, const Share& b) { return (a <=> b) == 0; }
};

// In hundredths, rounded half up: 2/3 is 67. At most 10^9.
std::int64_t percent(const Share& share);

// In lowest terms: "2/3", "0", "1".
std::string to_string(const Share& share);

}   // namespace ebb::core::fairness
