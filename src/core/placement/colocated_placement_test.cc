// Placement under a colocation policy: classes, pools, the oversold amount and the admission line.

#include "core/placement/placement.h"

#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;
using testing::a_policy;
using testing::an_offline_pod;
using testing::an_overlay;
using testing::Scene;

model::Node a_mixed_node(const std::string& name, std::int64_t cpus_there = 10, std::int64_t gibibytes_there = 100) {
  model::Node node = a_node(name, cpus_there, gibibytes_there);
  node.labels = testing::kMixedNode;
  return node;
}

model::UseByClass online_use(MilliCpu cpu, Bytes memory = gibibytes(1)) {
  model::UseByClass use;
  use.ls = {cpu, memory};
  return use;
}

// Offline by annotation, with its native requests kept: what arrives where there is no admission.
model::Pod a_native_offline_pod(const std::string& name, MilliCpu cpu = cpus(1), Bytes memory = gibibytes(1)) {
  model::Pod pod = a_pod(name, cpu, memory);
  pod.annotations[std::string(kQosClassAnnotation)] = "best-effort";
  return pod;
}

TEST(ColocatedPlacement, PublishesTheOversoldAmountOfANodeWithMetrics) {
  Scene scene;
  scene.with(a_policy()).with(a_mixed_node("n")).report("n", online_use(cpus(3), gibibytes(20))).synced().run();
  const auto published = scene.all<model::PublishOversold>();
  ASSERT_EQ(published.size(), 1u);
  EXPECT_EQ(published[0].second.cpu, cpus(5));            // 0.8 x 10 - 3
  EXPECT_EQ(published[0].second.memory, gibibytes(50));   // 0.7 x 100 - 20
}

TEST(ColocatedPlacement, AnOfflinePodLivesFromWhatOthersRequestedAndLeaveIdle) {
  Scene scene;
  model::Pod online = a_pod("online", cpus(10), gibibytes(90));
  online.node = model::NodeName("n");
  online.phase = model::PodPhase::running;
  scene.with(a_policy()).with(a_mixed_node("n")).with(online).report("n", online_use(cpus(3))).synced().run().publish();
  scene.with(an_offline_pod("job")).run();
  EXPECT_EQ(scene.node_of("job"), "n");
}

TEST(ColocatedPlacement, NoOfflinePodIsPlacedThatWouldPassTheAdmissionLine) {
  Scene scene;
  scene.with(a_policy()).with(a_mixed_node("n")).report("n", online_use(cpus(3))).synced().run().publish();
  for (int i = 0; i < 6; ++i) scene.with(an_offline_pod("job-" + std::to_string(i)));
  scene.run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 5u);
  EXPECT_EQ(scene.message_for("job-5"), "0/1 nodes are available: 1 Insufficient kubernetes.io/batch-cpu.");

  // The load rises while the node still shows the old amount: nothing more goes there, nothing is taken back.
  scene.take();
  scene.with(model::PodGone{{"default", "job-0"}, model::Uid("uid-job-0")});
  scene.now = scene.now + seconds(10);
  scene.report("n", online_use(cpus(6))).run();
  EXPECT_TRUE(scene.all<model::Bind>().empty());
  EXPECT_THAT(scene.placement.explain({"default", "job-5"}).filters,
              ::testing::ElementsAre(::testing::Field(&Refusal::reason, "node(s) would pass the admission line for cpu")));
  // It falls again: now there is room.
  scene.report("n", online_use(cpus(3))).run();
  EXPECT_EQ(scene.node_of("job-5"), "n");
}

TEST(ColocatedPlacement, AfterARestartThePodsThatRunAreTakenToBeInTheReports) {
  Scene scene;
  model::Pod online = a_pod("online", cpus(8));
  online.node = model::NodeName("n");
  online.phase = model::PodPhase::running;
  online.created = scene.now - hours(1) + seconds(1);
  scene.with(a_policy()).with(a_mixed_node("n")).report("n", online_use(cpus(1)));
  scene.now = scene.now + seconds(30);
  scene.with(online).synced().run();
  const auto published = scene.all<model::PublishOversold>();
  ASSERT_EQ(published.size(), 1u);
  EXPECT_EQ(published[0].second.cpu, cpus(7));
}

TEST(ColocatedPlacement, AnOnlinePodJustPlacedTakesItsRequestFromWhatMayBeOversold) {
  Scene scene;
  scene.with(a_policy()).with(a_mixed_node("n")).report("n", online_use({})).synced().run().publish();
  model::Pod online = a_pod("online", cpus(6));
  online.priority = 10;
  scene.with(online).with(an_offline_pod("big", cpus(3))).with(an_offline_pod("small", cpus(2))).run();
  EXPECT_EQ(scene.node_of("online"), "n");
  EXPECT_EQ(scene.node_of("big"), "");
  EXPECT_EQ(scene.node_of("small"), "n");
}

TEST(ColocatedPlacement, MetricsThatBecomeStaleTakeTheOversoldAmountAway) {
  Scene scene;
  scene.with(a_policy()).with(a_mixed_node("n")).report("n", online_use({})).synced().run().publish();
  scene.now = scene.now + model::kNodeReportStale;
  scene.with(an_offline_pod("in-time")).run();
  EXPECT_EQ(scene.node_of("in-time"), "n");
  scene.now = scene.now + nanoseconds(1);
  scene.with(an_offline_pod("too-late")).run();
  EXPECT_EQ(scene.node_of("too-late"), "");
}

TEST(ColocatedPlacement, AnOfflinePodThatKeptItsNativeRequestsMustFitBothWays) {
  Scene scene;
  model::Pod online = a_pod("online", cpus(8));
  online.node = model::NodeName("full");
  online.phase = model::PodPhase::running;
  scene.with(a_policy()).with(a_mixed_node("full")).with(a_mixed_node("busy")).with(online);
  scene.now = scene.now + seconds(1);
  scene.report("full", online_use(cpus(1))).report("busy", online_use(cpus(7))).synced();
  scene.with(a_native_offline_pod("job", cpus(3))).run();
  EXPECT_EQ(scene.message_for("job"), "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) would pass the admission line for cpu.");
  scene.report("busy", online_use(cpus(5))).run();
  EXPECT_EQ(scene.node_of("job"), "busy");
}

TEST(ColocatedPlacement, MaxOfflinePodsIsKeptTerminatingOnesIncluded) {
  Scene scene;
  scene.with(a_policy()).with(an_overlay("    maxOfflinePods: 2\n")).with(a_mixed_node("n")).report("n", online_use({})).synced();
  scene.run().publish();
  model::Pod first = an_offline_pod("job-0");
  scene.with(first).with(an_offline_pod("job-1")).with(an_offline_pod("job-2")).run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 2u);
  EXPECT_EQ(scene.message_for("job-2"), "0/1 nodes are available: 1 node(s) already run maxOfflinePods offline pods.");
  for (const auto& [id, bind] : scene.all<model::Bind>()) scene.answer(id);
  first.node = model::NodeName("n");
  first.deletion_requested = scene.now;
  scene.with(first).run();
  EXPECT_EQ(scene.node_of("job-2"), "");
  scene.with(model::PodGone{first.key, first.uid}).run();
  EXPECT_EQ(scene.node_of("job-2"), "n");
}

TEST(ColocatedPlacement, ResourceReserveIsKeptFree) {
  Scene scene;
  scene.with(a_policy()).with(an_overlay("    resourceReserve:\n      cpu: \"2\"\n      memory: \"4Gi\"\n"));
  scene.with(a_mixed_node("n")).report("n", online_use({}, {})).synced().run();
  const auto published = scene.all<model::PublishOversold>();
  ASSERT_EQ(published.size(), 1u);
  EXPECT_EQ(published[0].second.cpu, cpus(6));
  EXPECT_EQ(published[0].second.memory, gibibytes(66));
}

TEST(ColocatedPlacement, OfflineWorkGoesWhereMostRoomIsLeftUnderTheLine) {
  Scene scene;
  scene.with(a_policy()).with(a_mixed_node("busy")).with(a_mixed_node("calm"));
  scene.report("busy", online_use(cpus(5))).report("calm", online_use(cpus(1))).synced().run().publish();
  scene.with(an_offline_pod("job")).run();
  EXPECT_EQ(scene.node_of("job"), "calm");
}

TEST(ColocatedPlacement, OnlinePodsKeepAwayFromOfflineNodes) {
  Scene scene;
  model::Node offline = a_node("offline", 64);
  offline.labels["workload.type"] = "offline";
  model::Pod online = a_pod("web");
  online.labels["workload.type"] = "online";
  scene.with(a_policy()).with(offline).with(online).synced().run();
  EXPECT_EQ(scene.message_for("web"), "0/1 nodes are available: 1 node(s) outside the online pool.");
  // A pod that said nothing is restricted by nothing.
  scene.with(a_pod("silent")).run();
  EXPECT_EQ(scene.node_of("silent"), "offline");
}

TEST(ColocatedPlacement, WithoutAPolicyOrWithADisabledOneClassAndPoolRestrictNothing) {
  model::Node offline = a_node("offline");
  offline.labels["workload.type"] = "offline";
  model::Pod online = a_pod("web");
  online.labels["workload.type"] = "online";
  for (const bool disabled : {false, true}) {
    Scene scene;
    if (disabled) scene.with(a_policy("  enabled: false\n"));
    scene.with(offline).with(online).with(a_native_offline_pod("job")).synced().run();
    EXPECT_EQ(scene.node_of("web"), "offline");
    EXPECT_EQ(scene.node_of("job"), "offline");
    EXPECT_TRUE(scene.all<model::PublishOversold>().empty());
  }
}

TEST(ColocatedPlacement, APolicyThatIsSwitchedOffReleasesWhatItRefused) {
  Scene scene;
  scene.with(a_policy()).with(a_node("n")).with(a_native_offline_pod("job")).synced().run();
  EXPECT_EQ(scene.message_for("job"), "0/1 nodes are available: 1 node(s) where colocation is off.");
  scene.with(a_policy("  enabled: false\n")).run();
  EXPECT_EQ(scene.node_of("job"), "n");
}

TEST(ColocatedPlacement, AnAggressivePolicyAdmitsNothingAboveTheWaterLine) {
  Scene scene;
  scene.with(a_policy("  enabled: true\n  eviction:\n    enabled: true\n    aggressive: true\n"));
  scene.with(a_mixed_node("n")).report("n", online_use(cpus(5))).synced().run().publish();
  scene.with(an_offline_pod("one")).with(an_offline_pod("two")).run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 1u);   // 0.6 x 10 - 5, although 3 CPUs are published
}

TEST(ColocatedPlacement, ExplainsANodeTermByTerm) {
  Scene scene;
  scene.with(a_policy()).with(an_overlay("    resourceReserve:\n      cpu: \"2\"\n      memory: \"4Gi\"\n"));
  scene.with(a_mixed_node("n")).report("n", online_use(cpus(3), gibibytes(10))).synced().run().publish();
  scene.with(an_offline_pod("job", cpus(2), gibibytes(8))).run();
  const NodeExplanation explanation = scene.placement.explain(model::NodeName("n"));
  ASSERT_TRUE(explanation.oversold.has_value());
  EXPECT_EQ(explanation.oversold->cpu.result, cpus(3));   // 0.8 x 10 - 2 - 3
  EXPECT_EQ(explanation.published.cpu, cpus(3));
  EXPECT_EQ(explanation.room->cpu, cpus(1));
  EXPECT_EQ(explanation.room->memory, gibibytes(48));   // 0.7 x 100 - 4 - 10 - 8
  EXPECT_EQ(explanation.offline_pods, 1);
  EXPECT_THAT(to_text(explanation), ::testing::HasSubstr("use of the other online pods"));
  EXPECT_FALSE(scene.placement.explain(model::NodeName("nobody")).found);
}

TEST(ColocatedPlacement, EveryColocatedPlacementIsToldOnPodAndNode) {
  Scene scene;
  model::Pod online = a_pod("web");
  online.labels["workload.type"] = "online";
  scene.with(a_policy()).with(a_mixed_node("n")).with(online).with(a_pod("silent")).synced().run();
  for (const auto& [id, bind] : scene.all<model::Bind>()) scene.answer(id);
  std::vector<std::string> told;
  for (const auto& [id, event] : scene.all<model::PostEvent>()) {
    if (event.reason == "ColocationScheduled") told.push_back(event.regarding.kind + " " + event.regarding.key.name);
  }
  EXPECT_THAT(told, ::testing::ElementsAre("Pod web", "Node n"));
}

TEST(ColocatedPlacement, AClassThatCannotBeHonouredIsToldAndThePodRunsAsLs) {
  Scene scene;
  model::Pod pod = a_pod("p");
  pod.annotations[std::string(kQosClassAnnotation)] = "HLS";
  scene.with(a_node("n")).with(pod).synced().run();
  for (const auto& [id, bind] : scene.all<model::Bind>()) scene.answer(id);
  const auto events = scene.all<model::PostEvent>();
  EXPECT_THAT(events, ::testing::Contains(::testing::Field("second", &std::pair<std::uint64_t, model::PostEvent>::second,
                                                           ::testing::Field("reason", &model::PostEvent::reason, "ColocationClass"))));
  EXPECT_EQ(scene.placement.explain(pod.key).qos, "LS");
}

model::Node published_by_somebody_else(const std::string& name) {
  model::Node node = a_mixed_node(name);
  node.allocatable.scalars = {{std::string(model::kBatchCpu), 4000}, {std::string(model::kBatchMemory), gibibytes(4).v}};
  return node;
}

TEST(ColocatedPlacement, WhatAnotherProductPublishedIsNotWithdrawnWhereColocationIsOff) {
  for (const bool disabled : {false, true}) {
    Scene scene;
    if (disabled) scene.with(a_policy("  enabled: false\n"));
    scene.with(published_by_somebody_else("n")).report("n", online_use(cpus(3))).synced().run();
    EXPECT_TRUE(scene.all<model::PublishOversold>().empty());
  }
}

TEST(ColocatedPlacement, WhatEbbPublishedBeforeARestartIsWithdrawnWhereColocationIsOff) {
  Scene scene;
  model::Node node = published_by_somebody_else("n");
  node.annotations.emplace(model::kOversoldByAnnotation, model::kOversoldByEbb);
  scene.with(node).synced().run();
  const auto published = scene.all<model::PublishOversold>();
  ASSERT_EQ(published.size(), 1u);
  EXPECT_EQ(published[0].second.cpu, std::nullopt);
}

TEST(ColocatedPlacement, WhatAnotherProductPublishedIsTakenOverAndMarkedWhereColocationIsOn) {
  Scene scene;
  model::Node node = published_by_somebody_else("n");
  node.allocatable.scalars = {{std::string(model::kBatchCpu), 5000}, {std::string(model::kBatchMemory), gibibytes(69).v}};
  scene.with(a_policy()).with(node).report("n", online_use(cpus(3))).synced().run();
  EXPECT_EQ(scene.all<model::PublishOversold>().size(), 1u);   // the same amounts: for the mark
  scene.publish().run();
  EXPECT_TRUE(scene.all<model::PublishOversold>().empty());
}

TEST(ColocatedPlacement, AReportFromAClockThatIsWrongIsNotBelievedAndDoesNotOutlastTheNext) {
  Scene scene;
  scene.with(a_policy()).with(a_mixed_node("n"));
  model::NodeReport ahead;
  ahead.node = model::NodeName("n");
  ahead.time = scene.now + hours(1);
  scene.with(model::ReportSeen{ahead}).synced().run();
  ASSERT_NE(scene.placement.oversold_terms(ahead.node), nullptr);
  EXPECT_EQ(scene.placement.oversold_terms(ahead.node)->source, MetricsSource::none);
  ahead.time = scene.now + seconds(20);   // clocks differ a little
  scene.with(model::ReportSeen{ahead}).run();
  EXPECT_EQ(scene.placement.oversold_terms(ahead.node)->source, MetricsSource::report);
  scene.with(model::NodeUsageSeen{ahead.node, scene.now + hours(2), {}}).report("n", online_use(cpus(6))).run();
  EXPECT_EQ(scene.placement.oversold_terms(ahead.node)->cpu.result, cpus(2));
}

TEST(ColocatedPlacement, TheOvercommitCapIsNotLoweredTogetherWithTheLine) {
  Scene scene;
  scene.with(
      a_policy("  enabled: true\n  resourceSharing:\n    cpuOvercommitRatio: 1\n  eviction:\n    enabled: true\n    aggressive: true\n"));
  model::Pod online = a_pod("online", cpus(6));
  online.node = model::NodeName("n");
  online.phase = model::PodPhase::running;
  scene.with(a_mixed_node("n")).with(online);
  scene.now = scene.now + seconds(1);
  scene.report("n", online_use(cpus(1))).synced().run().publish();
  for (int i = 0; i < 6; ++i) scene.with(an_offline_pod("job-" + std::to_string(i)));
  scene.run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 4u);   // the cap of 10 - 6, for 0.6 x 10 - 1 is more
}

TEST(ColocatedPlacement, AnAggressivePolicyAdmitsNothingWhileTheNodeIsAboveTheWaterLine) {
  Scene scene;
  scene.with(a_policy("  enabled: true\n  eviction:\n    enabled: true\n    aggressive: true\n"));
  model::UseByClass use = online_use(cpus(2));
  use.be = {MilliCpu{4001}, gibibytes(1)};   // 6.001 of 10 CPUs: offline work may take more than it asked for
  scene.with(a_mixed_node("n")).report("n", use).synced().run().publish();
  scene.with(an_offline_pod("job")).run();
  EXPECT_EQ(scene.node_of("job"), "");
  use.be.cpu = cpus(4);
  scene.report("n", use).run();
  EXPECT_EQ(scene.node_of("job"), "n");
}

TEST(ColocatedPlacement, ANodeWhereColocationIsOffSaysSoAndNotThatAnAmountIsShort) {
  Scene scene;
  scene.with(a_policy()).with(a_node("plain")).with(an_offline_pod("job")).synced().run();
  EXPECT_EQ(scene.message_for("job"), "0/1 nodes are available: 1 node(s) where colocation is off.");
}

TEST(ColocatedPlacement, AVerdictThatCouldNotBeToldIsToldAgainAndALaterOneInsteadOfIt) {
  Scene scene;
  scene.with(a_policy("  nonsense: 1\n")).synced().run();
  const auto refused = scene.all<model::PostEvent>();
  ASSERT_EQ(refused.size(), 1u);
  scene.take();
  scene.answer(refused[0].first, Error{Errc::unavailable, "no connection"});
  ASSERT_TRUE(scene.placement.next_wake().has_value());
  scene.now = scene.placement.next_wake().value();
  scene.run();
  const auto again = scene.all<model::PostEvent>();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].second.note, refused[0].second.note);

  scene.take();
  scene.answer(again[0].first, Error{Errc::overloaded, "slow down"});
  scene.with(a_policy());
  EXPECT_EQ(scene.all<model::PostEvent>().size(), 1u);   // the new verdict
  scene.take();
  scene.now = scene.now + minutes(5);
  scene.run();
  EXPECT_TRUE(scene.all<model::PostEvent>().empty());
}

TEST(ColocatedPlacement, WhatCannotBeToldIsGivenUpInTheEnd) {
  Scene scene;
  scene.with(a_policy("  nonsense: 1\n")).synced().run();
  int told = 0;
  for (int i = 0; i < 100; ++i) {
    for (const NumberedAction& action : scene.take()) {
      ++told;
      scene.answer(action.id, Error{Errc::unavailable, "no connection"});
    }
    scene.now = scene.now + minutes(2);
    scene.run();
  }
  EXPECT_GT(told, 3);
  EXPECT_LT(told, 20);
}

}   // namespace
}   // namespace ebb::core::placement
