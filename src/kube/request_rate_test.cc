#include "kube/request_rate.h"

#include <gtest/gtest.h>

namespace ebb::kube {
namespace {

TEST(RequestRate, WithoutALimitNothingWaits) {
  RequestBudget budget({});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(budget.take(Instant{}), Duration{});
}

TEST(RequestRate, ABurstGoesAtOnceAndTheRestInStep) {
  RequestBudget budget({.milli_per_second = 10'000, .burst = 3});
  const Instant now{1'000'000'000};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(budget.take(now), Duration{});
  EXPECT_EQ(budget.take(now), milliseconds(100));
  EXPECT_EQ(budget.take(now), milliseconds(200));
  EXPECT_EQ(budget.take(now + milliseconds(200)), milliseconds(100));
}

TEST(RequestRate, WhatWasNotUsedIsSavedUpToTheBurst) {
  RequestBudget budget({.milli_per_second = 1000, .burst = 2});
  const Instant now{};
  budget.take(now);
  budget.take(now);
  const Instant later = now + hours(1);
  EXPECT_EQ(budget.take(later), Duration{});
  EXPECT_EQ(budget.take(later), Duration{});
  EXPECT_EQ(budget.take(later), seconds(1));
}

TEST(RequestRate, LessThanOneASecondIsPossible) {
  RequestBudget budget({.milli_per_second = 500, .burst = 1});
  EXPECT_EQ(budget.take(Instant{}), Duration{});
  EXPECT_EQ(budget.take(Instant{}), seconds(2));
}

}   // namespace
}   // namespace ebb::kube
