#include "cli/demo/demo_plan.h"

#include <gtest/gtest.h>

namespace ebb::cli {
namespace {

TEST(DemoPlan, OnThreeMachinesTheServicesLeaveFourCpusUnrequested) {
  EXPECT_EQ(DemoPlan{}.checkout_replicas(), 34);   // 48 - 4 - 5 x 2
}

TEST(DemoPlan, WithMoreMachinesTheSameShareStaysFreeAsLongAsTheJobLacksSomething) {
  EXPECT_EQ(DemoPlan{.nodes = 4}.checkout_replicas(), 64 - 5 - 10);
  EXPECT_EQ(DemoPlan{.nodes = 1}.checkout_replicas(), 16 - 1 - 10);
  EXPECT_EQ(DemoPlan{.nodes = 30}.checkout_replicas(), 480 - 5 - 10);   // the job runs 10 at once: half of that
}

TEST(DemoPlan, TheLoadIsLowestAtTheTroughAndHighestHalfADayLater) {
  const DemoPlan plan;
  const Instant start{1'000'000'000'000};
  const auto curve = plan.workloads(start).at(1).workload.cpu;
  const Instant trough = start + plan.on_sandbox_clock(plan.trough);
  EXPECT_EQ(world::level(curve, trough), Permille{150});
  EXPECT_EQ(world::level(curve, trough + plan.on_sandbox_clock(seconds(30))), Permille{450});
  EXPECT_EQ(world::level(curve, trough + plan.on_sandbox_clock(seconds(60))), Permille{150});
}

TEST(DemoPlan, AnOfflinePodsWorkIsThreeCpuSecondsOfTheDemosTime) {
  EXPECT_EQ(DemoPlan{}.workloads(Instant{}).at(2).workload.work, world::cpu_seconds(180));
}

}   // namespace
}   // namespace ebb::cli
