#include "core/placement/placement.h"

#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;
using testing::Scene;

model::OwnerRef controlled_by(const std::string& kind, const std::string& name) {
  return {.api_version = "apps/v1", .kind = kind, .name = name, .uid = model::Uid("uid-" + name), .controller = true};
}

model::Owner an_owner(const std::string& kind, const std::string& name) {
  model::Owner owner;
  owner.kind = kind;
  owner.key = {"default", name};
  owner.uid = model::Uid("uid-" + name);
  return owner;
}

TEST(Placement, BindsAPodToTheNodeWithMostRoom) {
  Scene scene;
  scene.with(a_node("small", 2)).with(a_node("large", 8)).with(a_pod("p")).synced().run();
  EXPECT_EQ(scene.node_of("p"), "large");
}

TEST(Placement, TakesTheFirstByNameAmongEqualNodes) {
  Scene scene;
  scene.with(a_node("b")).with(a_node("a")).with(a_node("c")).with(a_pod("p")).synced().run();
  EXPECT_EQ(scene.node_of("p"), "a");
}

TEST(Placement, PlacesNothingBeforeEveryKindWasListed) {
  Scene scene;
  scene.with(a_node("n")).with(a_pod("p")).run();
  EXPECT_TRUE(scene.actions.empty());
  scene.synced().run();
  EXPECT_EQ(scene.node_of("p"), "n");
}

TEST(Placement, CountsWhatItAssumesAsTaken) {
  Scene scene;
  scene.with(a_node("n", 2)).with(a_pod("p1")).with(a_pod("p2")).with(a_pod("p3")).synced().run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 2u);
  EXPECT_EQ(scene.message_for("p3"), "0/1 nodes are available: 1 Insufficient cpu.");
}

TEST(Placement, CountsPodsThatWereKnownBeforeTheirNode) {
  Scene scene;
  model::Pod running = a_pod("running", cpus(3));
  running.node = model::NodeName("n");
  scene.with(running).with(a_node("n", 4)).with(a_pod("p", cpus(2))).synced().run();
  EXPECT_EQ(scene.message_for("p"), "0/1 nodes are available: 1 Insufficient cpu.");
}

TEST(Placement, CountsOtherSchedulersPodsAndPlacesOnlyItsOwn) {
  Scene scene;
  model::Pod other = a_pod("other", cpus(3));
  other.scheduler_name = "default-scheduler";
  scene.with(a_node("n", 4)).with(other).synced().run();
  EXPECT_TRUE(scene.all<model::Bind>().empty());
  other.node = model::NodeName("n");
  scene.with(other).with(a_pod("p", cpus(2))).run();
  EXPECT_EQ(scene.message_for("p"), "0/1 nodes are available: 1 Insufficient cpu.");
}

TEST(Placement, AnEndedPodTakesNothing) {
  Scene scene;
  model::Pod done = a_pod("done", cpus(4));
  done.node = model::NodeName("n");
  scene.with(a_node("n", 4)).with(done).with(a_pod("p", cpus(2))).synced().run();
  ASSERT_EQ(scene.node_of("p"), "");
  done.phase = model::PodPhase::succeeded;
  scene.with(done).run();
  EXPECT_EQ(scene.node_of("p"), "n");
}

TEST(Placement, LeavesAGatedPodAloneUntilItsGatesAreGone) {
  Scene scene;
  model::Pod gated = a_pod("p");
  gated.scheduling_gates = {"example.com/wait"};
  scene.with(a_node("n")).with(gated).synced().run();
  EXPECT_TRUE(scene.actions.empty());
  EXPECT_THAT(scene.placement.explain(gated.key).waiting_for, ::testing::HasSubstr("example.com/wait"));
  gated.scheduling_gates.clear();
  scene.with(gated).run();
  EXPECT_EQ(scene.node_of("p"), "n");
}

TEST(PlacementOrder, GoesByPriorityThenBandThenTime) {
  Scene scene;
  model::Pod low = a_pod("low");
  low.annotations[std::string(kPriorityAnnotation)] = "low";
  model::Pod late = a_pod("late");
  late.created = Instant{} + seconds(20);
  model::Pod early = a_pod("early");
  early.created = Instant{} + seconds(10);
  model::Pod urgent = a_pod("urgent");
  urgent.priority = 5;
  urgent.annotations[std::string(kPriorityAnnotation)] = "low";
  scene.with(a_node("n")).with(low).with(late).with(early).with(urgent).synced().run();
  std::vector<std::string> order;
  for (const auto& [id, bind] : scene.all<model::Bind>()) order.push_back(bind.pod.name);
  EXPECT_THAT(order, ::testing::ElementsAre("urgent", "early", "late", "low"));
}

TEST(PlacementOrder, TakesThePriorityFromTheClassWhereTheApiServerHasNotWrittenIt) {
  Scene scene;
  model::Pod first = a_pod("first");
  model::Pod classed = a_pod("classed");
  classed.priority_class = "gold";
  scene.with(model::PriorityClassSeen{"gold", 100, false, false}).with(a_node("n", 1)).with(first).with(classed).synced().run();
  EXPECT_EQ(scene.node_of("classed"), "n");
  EXPECT_EQ(scene.node_of("first"), "");
}

TEST(PlacementBind, AFailedBindGivesTheRoomBackAndIsTriedAgainAfterABackOffThatDoublesToTenSeconds) {
  Scene scene;
  scene.with(a_node("n")).with(a_pod("p")).synced().run();
  std::vector<std::int64_t> waits;
  for (int attempt = 0; attempt < 6; ++attempt) {
    const auto binds = scene.all<model::Bind>();
    ASSERT_EQ(binds.size(), 1u);
    scene.take();
    scene.answer(binds[0].first, Error{Errc::overloaded, "slow down"});
    EXPECT_EQ(scene.placement.nodes().requested(kCpu, 0), 0);
    scene.take();
    const auto wake = scene.placement.next_wake();
    scene.run();   // the capacity that came back wakes nobody who is backing off
    EXPECT_TRUE(scene.all<model::Bind>().empty());
    const Instant due = scene.placement.next_wake().value();
    waits.push_back((due - scene.now).v / 1'000'000'000);
    EXPECT_LE(wake.value(), due);
    scene.now = due;
    scene.take();
    scene.run();
  }
  EXPECT_THAT(waits, ::testing::ElementsAre(1, 2, 4, 8, 10, 10));
}

TEST(PlacementBind, APlaceIsKeptWhileNobodyKnowsWhetherTheBindWasDone) {
  Scene scene;
  scene.with(a_node("n", 1)).with(a_pod("p")).with(a_pod("q")).synced().run();
  const auto bind = scene.all<model::Bind>().at(0);
  scene.answer(bind.first, Error{Errc::unavailable, "connection lost"});
  scene.take();
  scene.run();
  EXPECT_EQ(scene.node_of("q"), "");
  scene.now = scene.now + seconds(1);
  scene.run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 1u);
}

TEST(PlacementBind, APodSeenBoundBeforeTheAnswerIsAnnouncedOnce) {
  Scene scene;
  model::Pod pod = a_pod("p");
  scene.with(a_node("n")).with(pod).synced().run();
  const auto bind = scene.all<model::Bind>().at(0);
  pod.node = model::NodeName("n");
  scene.with(pod);
  scene.answer(bind.first);
  const auto events = scene.all<model::PostEvent>();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].second.reason, "Scheduled");
  EXPECT_EQ(events[0].second.note, "Successfully assigned default/p to n");
  EXPECT_EQ(scene.placement.counts().assumed, 0u);
}

TEST(PlacementBind, AnEventFromBeforeTheBindDoesNotUndoIt) {
  Scene scene;
  const model::Pod pod = a_pod("p");
  scene.with(a_node("n", 1)).with(pod).synced().run();
  scene.answer(scene.all<model::Bind>().at(0).first);
  scene.take();
  scene.with(pod).with(a_pod("q")).run();
  EXPECT_TRUE(scene.all<model::Bind>().empty());
}

TEST(PlacementBind, APodBoundElsewhereBySomebodyElseIsCountedThere) {
  Scene scene;
  model::Pod pod = a_pod("p");
  scene.with(a_node("a")).with(a_node("b")).with(pod).synced().run();
  ASSERT_EQ(scene.node_of("p"), "a");
  pod.node = model::NodeName("b");
  scene.with(pod);
  scene.answer(scene.all<model::Bind>().at(0).first, Error{Errc::conflict, "already assigned"});
  EXPECT_EQ(scene.placement.nodes().requested(kCpu, *scene.placement.nodes().find(model::NodeName("a"))), 0);
  EXPECT_EQ(scene.placement.nodes().requested(kCpu, *scene.placement.nodes().find(model::NodeName("b"))), 1000);
  EXPECT_TRUE(scene.all<model::PostEvent>().empty());
}

TEST(PlacementBind, APodDeletedOrReplacedWhileItsBindIsUnderWayLeavesNothing) {
  Scene scene;
  scene.with(a_node("n", 1)).with(a_pod("p")).synced().run();
  const auto bind = scene.all<model::Bind>().at(0);
  model::Pod next = a_pod("p");
  next.uid = model::Uid("another");
  scene.take();
  scene.with(next).run();
  const auto binds = scene.all<model::Bind>();
  ASSERT_EQ(binds.size(), 1u);
  EXPECT_EQ(binds[0].second.uid.v, "another");
  scene.answer(bind.first);
  EXPECT_EQ(scene.placement.counts().assumed, 1u);
  scene.with(a_pod("p"));   // a late event about the first
  EXPECT_EQ(scene.placement.nodes().requested(kCpu, 0), 1000);
  scene.with(model::PodGone{next.key, next.uid});
  EXPECT_EQ(scene.placement.nodes().requested(kCpu, 0), 0);
}

TEST(PlacementWaiting, ANodeThatCannotHelpWakesNobody) {
  Scene scene;
  scene.with(a_node("n", 1)).with(a_pod("p", cpus(2))).synced().run();
  scene.take();
  scene.with(a_node("m", 1)).run();
  EXPECT_TRUE(scene.all<model::MarkUnschedulable>().empty());
  EXPECT_EQ(scene.placement.counts().active, 0u);
  scene.with(a_node("o", 2)).run();
  EXPECT_EQ(scene.node_of("p"), "o");
}

TEST(PlacementWaiting, OfACrowdAsManyAreWokenAsThereIsRoomFor) {
  Scene scene;
  scene.with(a_node("n", 1));
  for (int i = 0; i < 50; ++i) scene.with(a_pod("p" + std::to_string(i)));
  scene.synced().run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 1u);
  scene.take();
  scene.with(a_node("m", 3)).run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 3u);
}

TEST(PlacementWaiting, TheNextIsWokenWhenTheOneThatWasWokenGoesAway) {
  Scene scene;
  scene.with(a_node("n", 1)).with(a_pod("p1", cpus(2))).with(a_pod("p2", cpus(2))).synced().run();
  scene.take();
  scene.with(a_node("m", 2));
  scene.placement.schedule(scene.now, scene.actions, 0);   // wakes p1, tries nobody
  scene.with(model::PodGone{{"default", "p1"}, model::Uid("uid-p1")}).run();
  EXPECT_EQ(scene.node_of("p2"), "m");
}

TEST(PlacementWaiting, WhoGoesOnWaitingIsToldWhatHasChangedButNotAtEveryChange) {
  Scene scene;
  scene.with(a_node("n", 1)).with(a_pod("p", cpus(2))).synced().run();
  scene.take();
  scene.with(a_node("m", 1)).with(a_node("o", 1)).run();
  EXPECT_EQ(scene.message_for("p"), "");
  scene.with(model::NodeGone{model::NodeName("o")}).run();
  scene.now = scene.placement.next_wake().value();
  scene.run();
  EXPECT_EQ(scene.message_for("p"), "0/2 nodes are available: 2 Insufficient cpu.");
  scene.take();
  scene.now = scene.now + minutes(10);
  scene.run();
  EXPECT_TRUE(scene.actions.empty());
}

TEST(PlacementWaiting, NobodyIsToldThatNoNodeTakesItInTheTurnInWhichOneDoes) {
  Scene scene;
  scene.with(a_node("n", 1)).with(a_pod("p", cpus(2))).with(a_pod("q", cpus(2))).synced().run();
  scene.take();
  scene.with(a_node("m", 1)).run();   // changes the count, which is told a little later
  scene.now = scene.placement.next_wake().value();
  scene.with(a_node("o", 2)).run();
  EXPECT_EQ(scene.node_of("p"), "o");
  EXPECT_EQ(scene.message_for("p"), "");
  EXPECT_THAT(scene.message_for("q"), ::testing::Not(::testing::HasSubstr("available: .")));
  scene.now = scene.placement.next_wake().value();
  scene.run();
  EXPECT_EQ(scene.message_for("q"), "0/3 nodes are available: 3 Insufficient cpu.");
}

TEST(PlacementWaiting, AConditionThatCouldNotBeWrittenIsWrittenAgain) {
  Scene scene;
  scene.with(a_node("n", 1)).with(a_pod("p", cpus(2))).synced().run();
  scene.answer(scene.all<model::MarkUnschedulable>().at(0).first, Error{Errc::overloaded, "slow down"});
  scene.take();
  scene.now = scene.placement.next_wake().value();
  scene.run();
  EXPECT_EQ(scene.message_for("p"), "0/1 nodes are available: 1 Insufficient cpu.");
}

TEST(PlacementOwners, APodWaitsForAnOwnerThatIsNamedAndThenTakesItsAnnotations) {
  Scene scene;
  model::Pod pod = a_pod("p");
  pod.owners = {controlled_by("ReplicaSet", "rs")};
  scene.with(testing::a_policy()).with(a_node("n")).with(pod).synced().run();
  EXPECT_TRUE(scene.all<model::Bind>().empty());

  model::Owner replica_set = an_owner("ReplicaSet", "rs");
  replica_set.owners = {controlled_by("Deployment", "web")};
  scene.with(model::OwnerSeen{replica_set}).run();
  EXPECT_TRUE(scene.all<model::Bind>().empty());

  model::Owner deployment = an_owner("Deployment", "web");
  deployment.annotations[std::string(kQosClassAnnotation)] = "best-effort";
  scene.with(model::OwnerSeen{deployment}).run();
  const Explanation explanation = scene.placement.explain(pod.key);
  EXPECT_EQ(explanation.qos, "BE");
  EXPECT_THAT(explanation.qos_reason, ::testing::HasSubstr("Deployment default/web"));
  EXPECT_EQ(scene.message_for("p"), "0/1 nodes are available: 1 node(s) where colocation is off.");
}

TEST(PlacementOwners, TheWaitForAnOwnerIsBounded) {
  Scene scene;
  model::Pod pod = a_pod("p");
  pod.owners = {controlled_by("StatefulSet", "never-seen")};
  scene.with(a_node("n")).with(pod).synced().run();
  ASSERT_EQ(scene.node_of("p"), "");
  scene.now = scene.placement.next_wake().value();
  scene.run();
  EXPECT_EQ(scene.node_of("p"), "n");
}

TEST(PlacementOwners, AnOwnerOfAKindThatIsNotWatchedIsNotWaitedFor) {
  Scene scene;
  model::Pod pod = a_pod("p");
  pod.owners = {controlled_by("RayCluster", "ray")};
  scene.with(a_node("n")).with(pod).synced().run();
  EXPECT_EQ(scene.node_of("p"), "n");
}

TEST(PlacementOwners, AnotherProductsKindOfTheSameNameIsNotWaitedFor) {
  for (const std::string api_version : {"batch.volcano.sh/v1alpha1", "batch/v1"}) {
    Scene scene;
    model::Pod pod = a_pod("p");
    pod.owners = {controlled_by("Job", "training")};
    pod.owners[0].api_version = api_version;
    scene.with(a_node("n")).with(pod).synced().run();
    EXPECT_EQ(scene.node_of("p"), api_version == "batch/v1" ? "" : "n");
  }
}

TEST(PlacementOwners, AJobsCronJobIsWaitedForAndTellsTheClass) {
  Scene scene;
  model::Pod pod = a_pod("p");
  pod.owners = {controlled_by("Job", "nightly-1")};
  model::Owner job = an_owner("Job", "nightly-1");
  job.owners = {controlled_by("CronJob", "nightly")};
  job.owners[0].api_version = "batch/v1";
  scene.with(a_node("n")).with(pod).with(model::OwnerSeen{job}).synced().run();
  EXPECT_EQ(scene.placement.explain(pod.key).state, "awaiting owner");
  model::Owner cron_job = an_owner("CronJob", "nightly");
  cron_job.annotations[std::string(kQosClassAnnotation)] = "best-effort";
  scene.with(model::OwnerSeen{cron_job}).run();
  EXPECT_EQ(scene.placement.explain(pod.key).qos, "BE");
}

TEST(PlacementExplain, TellsWhatRefusedWhomAndWhatWouldHelp) {
  Scene scene;
  model::Node cordoned = a_node("cordoned", 16);
  cordoned.unschedulable = true;
  scene.with(a_node("a", 1)).with(a_node("b", 3)).with(cordoned).with(a_pod("p", cpus(4))).synced().run();
  const Explanation explanation = scene.placement.explain({"default", "p"});
  EXPECT_EQ(explanation.state, "waiting");
  EXPECT_EQ(explanation.message, "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.");
  ASSERT_EQ(explanation.filters.size(), 2u);
  EXPECT_EQ(explanation.filters[1].nodes, 2);
  EXPECT_EQ(explanation.filters[1].example.v, "a");
  EXPECT_THAT(explanation.would_help,
              ::testing::ElementsAre("node cordoned uncordoned", "1 more cpu (it asks 4, 3 of 3 is free) on node b"));
}

TEST(PlacementExplain, ShowsTheScoresOfTheBestNodes) {
  Scene scene;
  for (int i = 0; i < 7; ++i) scene.with(a_node("n" + std::to_string(i), 2 + i));
  scene.with(a_pod("p"));   // not synced: it is still in the queue
  const Explanation explanation = scene.placement.explain({"default", "p"});
  EXPECT_EQ(explanation.state, "queued");
  EXPECT_EQ(explanation.queue_position, 0u);
  ASSERT_EQ(explanation.best.size(), 5u);
  scene.synced().run();
  EXPECT_EQ(scene.node_of("p"), explanation.best[0].node.v);
}

TEST(PlacementExplain, KnowsNothingOfAPodThatDoesNotExist) { EXPECT_FALSE(Scene().placement.explain({"default", "nobody"}).found); }

}   // namespace
}   // namespace ebb::core::placement
