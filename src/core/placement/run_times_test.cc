#include "core/placement/run_times.h"

#include "core/placement/placement_testing.h"

#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::an_offline_pod;
using testing::Scene;

model::Pod with_deadline(model::Pod pod, const std::string& deadline) {
  pod.annotations["scheduling.openfuyao.io/deadline"] = deadline;
  return pod;
}

TEST(RunTimes, ADeadlineIsATimeOrADurationFromCreation) {
  model::Pod pod = testing::a_pod("p");
  pod.created = Instant{} + hours(1);
  EXPECT_EQ(deadline_of(pod, {}), std::nullopt);
  EXPECT_EQ(deadline_of(with_deadline(pod, "90m"), {}), pod.created + minutes(90));
  EXPECT_EQ(deadline_of(with_deadline(pod, "1970-01-01T05:00:00Z"), {}), Instant{} + hours(5));
  EXPECT_EQ(deadline_of(with_deadline(pod, "soon"), {}), std::nullopt);
}

TEST(RunTimes, TheNearestOwnerThatStatesADeadlineDecides) {
  model::Owner job;
  job.annotations["scheduling.openfuyao.io/deadline"] = "1h";
  model::Owner cron;
  cron.annotations["scheduling.openfuyao.io/deadline"] = "2h";
  EXPECT_EQ(deadline_of(testing::a_pod("p"), {&job, &cron}), Instant{} + hours(1));
}

TEST(RunTimes, WhatIsExpectedFollowsWhatWasSeen) {
  RunTimes times;
  const model::Uid job("job");
  EXPECT_EQ(times.expected(job), std::nullopt);
  times.ended(job, seconds(100));
  EXPECT_EQ(times.expected(job), seconds(100));
  times.ended(job, seconds(200));
  EXPECT_EQ(times.expected(job), seconds(125));
}

TEST(RunTimes, InsideABandThePodWithTheLeastTimeLeftGoesFirst) {
  Scene scene;
  model::Node node = a_node("n", 10);
  node.allocatable.scalars[std::string(model::kBatchCpu)] = 1000;
  node.allocatable.scalars[std::string(model::kBatchMemory)] = gibibytes(10).v;
  model::Pod late = with_deadline(an_offline_pod("late"), "10h");
  model::Pod soon = with_deadline(an_offline_pod("soon"), "1h");
  scene.with(node).with(an_offline_pod("never")).with(late).with(soon).synced().run();
  EXPECT_EQ(scene.node_of("soon"), "n");
  EXPECT_EQ(scene.node_of("late"), "");
  EXPECT_EQ(scene.node_of("never"), "");
}

TEST(RunTimes, AJobThatIsKnownToRunLongMustStartEarlier) {
  Scene scene;
  model::Node node = a_node("n", 10);
  node.allocatable.scalars[std::string(model::kBatchCpu)] = 1000;
  node.allocatable.scalars[std::string(model::kBatchMemory)] = gibibytes(10).v;
  const auto of = [](model::Pod pod, const std::string& job) {
    pod.owners.push_back({.api_version = "example.com/v1", .kind = "Batch", .name = job, .uid = model::Uid(job), .controller = true});
    return pod;
  };
  scene.with(node).synced();
  model::Pod first = of(an_offline_pod("first"), "long");
  first.node = model::NodeName("n");
  first.phase = model::PodPhase::running;
  scene.with(first);
  scene.now = scene.now + hours(3);
  first.phase = model::PodPhase::succeeded;
  scene.with(first);
  // Two hours less to its deadline, but three hours to run.
  scene.with(with_deadline(of(an_offline_pod("short"), "short"), "8h"))
      .with(with_deadline(of(an_offline_pod("second"), "long"), "10h"))
      .run();
  EXPECT_EQ(scene.node_of("second"), "n");
}

}   // namespace
}   // namespace ebb::core::placement
