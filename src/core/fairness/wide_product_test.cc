#include "core/fairness/wide_product.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ebb::core::fairness {
namespace {

UInt128 wide(std::uint64_t high, std::uint64_t low) { return static_cast<UInt128>(high) << 64 | low; }

TEST(WideProduct, CarriesThroughAllFourLimbs) {
  const UInt128 most = wide(UINT64_MAX, UINT64_MAX);
  const Wide square = product(most, most);   // (2^128 - 1)^2 = 2^256 - 2^129 + 1
  EXPECT_EQ(square, (Wide{{1, 0, UINT64_MAX - 1, UINT64_MAX}}));
}

TEST(WideProduct, OrdersByTheHighestLimbThatDiffers) {
  EXPECT_LT((Wide{{UINT64_MAX, UINT64_MAX, 0, 0}}), (Wide{{0, 0, 1, 0}}));
  EXPECT_GT((Wide{{0, 0, 0, 1}}), (Wide{{UINT64_MAX, UINT64_MAX, UINT64_MAX, 0}}));
}

RC_GTEST_PROP(WideProduct, AProductDividedByOneFactorGivesTheOther,
              (std::uint64_t a1, std::uint64_t a0, std::uint64_t b1, std::uint64_t b0)) {
  const UInt128 a = wide(a1, a0);
  const UInt128 b = wide(b1, b0);
  RC_PRE(b != 0);
  RC_ASSERT(quotient(product(a, b), widen(b)) == a);
}

RC_GTEST_PROP(WideProduct, TheQuotientIsRoundedDown, (std::uint64_t a1, std::uint64_t a0, std::uint64_t b1, std::uint64_t b0)) {
  const UInt128 divisor = wide(b1, b0);
  RC_PRE(divisor != 0);
  const Wide dividend = product(wide(a1, a0), 3);
  RC_PRE(dividend.limbs[2] == 0 || b1 > 4);   // the quotient has to fit
  const UInt128 q = quotient(dividend, widen(divisor));
  RC_ASSERT(product(q, divisor) <= dividend);
  RC_PRE(q != wide(UINT64_MAX, UINT64_MAX));
  RC_ASSERT(product(q + 1, divisor) > dividend);
}

}   // namespace
}   // namespace ebb::core::fairness
