#pragma once

// Products of up to 256 bits. Shares are compared by cross-multiplication, and amounts, totals and
// weights together do not fit in 128 bits.

#include "base/wide.h"

#include <array>
#include <compare>
#include <cstdint>

namespace ebb::core::fairness {

struct Wide {
  std::array<std::uint64_t, 4> limbs{};   // the lowest first

  friend constexpr bool operator==(const Wide&, const Wide&) = default;
  friend constexpr std::strong_ordering operator<=>(const Wide& a, const Wide& b) {
    for (std::size_t i = 4; i-- > 0;) {
      if (a.limbs[i] != b.limbs[i]) return a.limbs[i] <=> b.limbs[i];
    }
    return std::strong_ordering::equal;
  }
};

constexpr Wide widen(UInt128 value) { return {{static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(value >> 64), 0, 0}}; }

Wide product(UInt128 a, UInt128 b);
// Requires: the product fits in 256 bits.
Wide product(const Wide& a, UInt128 b);

// Rounded down. Requires: divisor > 0, and the quotient fits in 128 bits.
UInt128 quotient(const Wide& dividend, const Wide& divisor);

}   // namespace ebb::core::fairness
