#include "core/fairness/water_filling.h"

#include "base/wide.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace ebb::core::fairness {
namespace {

using ::testing::ElementsAre;

std::vector<std::int64_t> filled(std::int64_t amount, std::vector<Vessel> vessels) { return fill(amount, vessels); }

TEST(WaterFilling, DividesByWeight) {
  EXPECT_THAT(filled(12, {{0, 100, 1}, {0, 100, 3}}), ElementsAre(3, 9));
  EXPECT_THAT(filled(12, {{0, 100, 1}, {0, 100, 0}}), ElementsAre(12, 0));
}

TEST(WaterFilling, WhatAFullOneDoesNotTakeGoesToTheOthers) {
  EXPECT_THAT(filled(12, {{0, 2, 1}, {0, 100, 1}, {0, 100, 1}}), ElementsAre(2, 5, 5));
  EXPECT_THAT(filled(12, {{0, 1, 1}, {0, 2, 1}}), ElementsAre(1, 2));
}

TEST(WaterFilling, WhoStartsHighWaitsForTheOthers) {
  EXPECT_THAT(filled(12, {{8, 100, 1}, {0, 100, 1}, {0, 100, 1}}), ElementsAre(8, 2, 2));
  EXPECT_THAT(filled(30, {{8, 100, 1}, {0, 100, 1}, {0, 100, 1}}), ElementsAre(10, 10, 10));
}

TEST(WaterFilling, LeftOversGoToTheLargestRemaindersTheFirstOfEqualsFirst) {
  EXPECT_THAT(filled(11, {{0, 100, 1}, {0, 100, 1}, {0, 100, 1}}), ElementsAre(4, 4, 3));
  EXPECT_THAT(filled(10, {{0, 100, 1}, {0, 100, 2}, {0, 100, 4}}), ElementsAre(1, 3, 6));   // 1.43, 2.86, 5.71
}

TEST(WaterFilling, HugeAmountsAndWeightsDoNotOverflow) {
  constexpr std::int64_t kMost = INT64_MAX;
  constexpr std::int64_t kWeight = std::int64_t{1} << 56;
  EXPECT_THAT(filled(kMost, {{0, kMost, kWeight}, {0, kMost, kWeight}}), ElementsAre(kMost / 2 + 1, kMost / 2));
  EXPECT_THAT(filled(kMost, {{0, kMost, 1}, {0, kMost, 1}}), ElementsAre(kMost / 2 + 1, kMost / 2));
}

RC_GTEST_PROP(WaterFilling, IsWeightedMaxMinFair, ()) {
  const auto count = *rc::gen::inRange(1, 8);
  std::vector<Vessel> vessels;
  std::int64_t lows = 0;
  for (int i = 0; i < count; ++i) {
    const std::int64_t low = *rc::gen::inRange(0, 20);
    vessels.push_back({low, low + *rc::gen::inRange(0, 50), *rc::gen::inRange(1, 9)});
    lows += low;
  }
  const std::int64_t amount = lows + *rc::gen::inRange(0, 300);
  const std::vector<std::int64_t> out = fill(amount, vessels);
  std::int64_t highs = 0;
  for (std::size_t i = 0; i < vessels.size(); ++i) {
    highs += vessels[i].high;
    RC_ASSERT(out[i] >= vessels[i].low && out[i] <= vessels[i].high);
    for (std::size_t j = 0; j < vessels.size(); ++j) {
      // Nobody above its low is more than a rounding above the level of somebody who could have more.
      if (out[i] == vessels[i].low || out[j] == vessels[j].high) continue;
      RC_ASSERT((out[i] - 1) * vessels[j].weight < (out[j] + 1) * vessels[i].weight);
    }
  }
  RC_ASSERT(std::accumulate(out.begin(), out.end(), std::int64_t{0}) == std::min(amount, highs));
}

}   // namespace
}   // namespace ebb::core::fairness
