#include "sandbox/controllers/rollout_plan.h"

#include <gtest/gtest.h>

namespace ebb::sandbox::control {
namespace {

json::object deployment(int replicas, const json::value& surge, const json::value& unavailable) {
  return {{"spec",
           {{"replicas", replicas},
            {"strategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", surge}, {"maxUnavailable", unavailable}}}}}}}};
}

TEST(RolloutPlan, SurgeRoundsUpAndUnavailableRoundsDown) {
  EXPECT_EQ(rollout_bounds(deployment(10, "25%", "25%")), (RolloutBounds{3, 2}));
  EXPECT_EQ(rollout_bounds(deployment(10, 4, 1)), (RolloutBounds{4, 1}));
}

TEST(RolloutPlan, OnePodMayBeUnavailableWhereBothBoundsAreZero) {
  EXPECT_EQ(rollout_bounds(deployment(3, 0, "10%")), (RolloutBounds{0, 1}));
}

TEST(RolloutPlan, NoMorePodsMayBeUnavailableThanAreWanted) { EXPECT_EQ(rollout_bounds(deployment(2, 0, 5)).unavailable, 2); }

TEST(RolloutPlan, TheNewSetGrowsIntoTheRoomThatTheSurgeLeaves) {
  EXPECT_EQ(new_set_size(10, {3, 2}, 10, 0), 3);
  EXPECT_EQ(new_set_size(10, {3, 2}, 13, 3), 3);
  EXPECT_EQ(new_set_size(10, {3, 2}, 11, 9), 10);
  EXPECT_EQ(new_set_size(4, {1, 1}, 6, 6), 4);   // the Deployment was scaled down
}

TEST(RolloutPlan, UnhealthyOldPodsGoBeforeHealthyOnes) {
  const std::vector<SetSize> old_sets = {{.name = "a", .replicas = 4, .available = 4}, {.name = "b", .replicas = 3, .available = 0}};
  const SetSize fresh{.name = "c", .replicas = 3, .available = 0};
  // 10 pods, 3 new ones not available: 10 - 8 - 3 leaves nothing to give.
  EXPECT_EQ(old_set_sizes(old_sets, fresh, 8, {2, 0}), (std::vector<std::int64_t>{4, 3}));
  EXPECT_EQ(old_set_sizes(old_sets, fresh, 5, {2, 1}), (std::vector<std::int64_t>{4, 0}));
}

TEST(RolloutPlan, OldPodsThatAreAvailableGoOnlyDownToTheMinimum) {
  const std::vector<SetSize> old_sets = {{.name = "a", .replicas = 10, .available = 10}};
  EXPECT_EQ(old_set_sizes(old_sets, {.name = "b", .replicas = 3, .available = 3}, 10, {3, 2}), (std::vector<std::int64_t>{5}));
  EXPECT_EQ(old_set_sizes(old_sets, {.name = "b", .replicas = 3, .available = 0}, 10, {3, 2}), (std::vector<std::int64_t>{8}));
}

TEST(RolloutPlan, GrowthInARolloutIsSharedInProportionAndNothingIsLost) {
  // The example of the Kubernetes documentation: 10 replicas (8 + 5 with surge 3), scaled to 15.
  const std::vector<SetSize> sets = {{.name = "old", .created = Instant{1}, .replicas = 8, .max_replicas = 13},
                                     {.name = "new", .created = Instant{2}, .replicas = 5, .max_replicas = 13}};
  EXPECT_EQ(proportional_sizes(sets, 15, {3, 2}, 13), (std::vector<std::int64_t>{11, 7}));
}

TEST(RolloutPlan, ShrinkingInARolloutIsSharedTooAndZeroMeansZero) {
  const std::vector<SetSize> sets = {{.name = "old", .created = Instant{1}, .replicas = 8, .max_replicas = 13},
                                     {.name = "new", .created = Instant{2}, .replicas = 5, .max_replicas = 13}};
  EXPECT_EQ(proportional_sizes(sets, 5, {2, 1}, 13), (std::vector<std::int64_t>{4, 3}));
  EXPECT_EQ(proportional_sizes(sets, 0, {0, 0}, 13), (std::vector<std::int64_t>{0, 0}));
}

TEST(RolloutPlan, EveryProportionalPlanAddsUpToWhatIsAllowed) {
  for (std::int64_t a = 0; a <= 12; ++a) {
    for (std::int64_t b = 1; b <= 12; ++b) {
      for (std::int64_t desired = 1; desired <= 30; desired += 3) {
        const std::vector<SetSize> sets = {{.name = "a", .replicas = a, .max_replicas = 13},
                                           {.name = "b", .replicas = b, .max_replicas = 13}};
        const auto sizes = proportional_sizes(sets, desired, {2, 1}, 13);
        EXPECT_EQ(sizes[0] + sizes[1], desired + 2) << a << " " << b << " " << desired;
        EXPECT_GE(sizes[0], 0);
        EXPECT_GE(sizes[1], 0);
      }
    }
  }
}

}   // namespace
}   // namespace ebb::sandbox::control
