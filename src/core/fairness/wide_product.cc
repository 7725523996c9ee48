#include "core/fairness/wide_product.h"

#include "base/check.h"

#include <bit>

namespace ebb::core::fairness {
namespace {

int bits(const Wide& value) {
  for (std::size_t i = 4; i-- > 0;) {
    if (value.limbs[i] != 0) return static_cast<int>(64 * (i + 1)) - std::countl_zero(value.limbs[i]);
  }
  return 0;
}

Wide shifted_left(const Wide& value, int by) {
  Wide out;
  const std::size_t whole = static_cast<std::size_t>(by / 64);
  const int rest = by % 64;
  for (std::size_t i = 4; i-- > whole;) {
    out.limbs[i] = value.limbs[i - whole] << rest;
    if (rest > 0 && i > whole) out.limbs[i] |= value.limbs[i - whole - 1] >> (64 - rest);
  }
  return out;
}

void halve(Wide& value) {
  for (std::size_t i = 0; i < 4; ++i) {
    value.limbs[i] >>= 1;
    if (i < 3) value.limbs[i] |= value.limbs[i + 1] << 63;
  }
}

void subtract(Wide& from, const Wide& what) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const UInt128 less = static_cast<UInt128>(what.limbs[i]) + borrow;
    borrow = from.limbs[i] < less ? 1 : 0;
    from.limbs[i] = static_cast<std::uint64_t>(from.limbs[i] - less);
  }
}

UInt128 by_one_limb(const Wide& dividend, std::uint64_t divisor) {
  Wide out;
  UInt128 rest = 0;
  for (std::size_t i = 4; i-- > 0;) {
    const UInt128 part = rest << 64 | dividend.limbs[i];
    out.limbs[i] = static_cast<std::uint64_t>(part / divisor);
    rest = part % divisor;
  }
  EBB_CHECK(out.limbs[2] == 0 && out.limbs[3] == 0);
  return static_cast<UInt128>(out.limbs[1]) << 64 | out.limbs[0];
}

}   // namespace

Wide product(UInt128 a, UInt128 b) { return product(widen(a), b); }

Wide product(const Wide& a, UInt128 b) {
  const std::array<std::uint64_t, 2> factor{static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(b >> 64)};
  Wide out;
  for (std::size_t j = 0; j < 2; ++j) {
    if (factor[j] == 0) continue;
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i + j < 4; ++i) {
      const UInt128 sum = static_cast<UInt128>(a.limbs[i]) * factor[j] + out.limbs[i + j] + carry;
      out.limbs[i + j] = static_cast<std::uint64_t>(sum);
      carry = static_cast<std::uint64_t>(sum >> 64);
    }
    EBB_CHECK(carry == 0 && (j == 0 || a.limbs[3] == 0));
  }
  return out;
}

UInt128 quotient(const Wide& dividend, const Wide& divisor) {
  const int shift = bits(dividend) - bits(divisor);
  EBB_CHECK(bits(divisor) > 0);
  if (shift < 0) return 0;
  if (bits(divisor) <= 64) return by_one_limb(dividend, divisor.limbs[0]);
  EBB_CHECK(shift <= 128);
  Wide rest = dividend;
  Wide step = shifted_left(divisor, shift);
  UInt128 out = 0;
  for (int i = shift; i >= 0; --i) {
    out <<= 1;
    if (step <= rest) {
      EBB_CHECK(i < 128);
      subtract(rest, step);
      out |= 1;
    }
    halve(step);
  }
  return out;
}

}   // namespace ebb::core::fairness
