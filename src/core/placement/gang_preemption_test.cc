// Gangs that make room: all of it or none.

#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Scene;
using ::testing::UnorderedElementsAre;

model::PodGroupSeen a_group(const std::string& name, std::int32_t min_member) {
  model::PodGroup group;
  group.key = {"default", name};
  group.uid = model::Uid("uid-group-" + name);
  group.min_member = min_member;
  group.phase = "Inqueue";
  return {group};
}

model::Pod a_member(const std::string& group, int number, std::int32_t priority, MilliCpu cpu = cpus(2)) {
  model::Pod pod = a_pod(group + "-" + std::to_string(number), cpu);
  pod.annotations["scheduling.k8s.io/group-name"] = group;
  pod.priority = priority;
  return pod;
}

model::Pod running(model::Pod pod, const std::string& node) {
  pod.node = model::NodeName(node);
  pod.phase = model::PodPhase::running;
  pod.started = Instant{} + minutes(1);
  return pod;
}

model::Pod a_running_pod(const std::string& name, const std::string& node, std::int32_t priority, MilliCpu cpu = cpus(2)) {
  model::Pod pod = running(a_pod(name, cpu), node);
  pod.priority = priority;
  pod.labels["app"] = name;
  return pod;
}

model::PodGone gone(const std::string& name) { return {{"default", name}, model::Uid("uid-" + name)}; }

std::vector<std::string> evicted(const Scene& scene) {
  std::vector<std::string> names;
  for (const auto& [id, evict] : scene.all<model::Evict>()) names.push_back(evict.pod.name);
  return names;
}

std::size_t bound(const Scene& scene, const std::string& prefix) {
  std::size_t count = 0;
  for (const auto& [id, bind] : scene.all<model::Bind>()) count += bind.pod.name.starts_with(prefix + "-") ? 1u : 0u;
  return count;
}

TEST(GangPreemption, AWholeGangMakesRoomOnSeveralNodesAndStartsWhenAllHaveLeft) {
  Scene scene;
  scene.with(a_node("a", 2)).with(a_node("b", 2)).with(a_running_pod("x", "a", 1)).with(a_running_pod("y", "b", 1));
  scene.with(a_group("g", 2)).with(a_member("g", 0, 10)).with(a_member("g", 1, 10)).synced().run();
  EXPECT_THAT(evicted(scene), UnorderedElementsAre("x", "y"));
  EXPECT_EQ(bound(scene, "g"), 0u);
  EXPECT_THAT(scene.message_for("g-0"), HasSubstr("room is being made"));
  scene.with(gone("x")).run();
  EXPECT_EQ(bound(scene, "g"), 0u);
  scene.with(a_pod("thief", cpus(2))).run();
  EXPECT_EQ(scene.node_of("thief"), "") << "the place is kept";
  scene.with(gone("y")).run();
  EXPECT_EQ(bound(scene, "g"), 2u);
}

TEST(GangPreemption, NobodyIsEvictedUnlessAllWhoMustStartThenHaveRoom) {
  Scene scene;
  scene.with(a_node("a", 2)).with(a_node("b", 2)).with(a_running_pod("x", "a", 1)).with(a_running_pod("y", "b", 20));
  scene.with(a_group("g", 2)).with(a_member("g", 0, 10)).with(a_member("g", 1, 10)).synced().run();
  EXPECT_THAT(evicted(scene), IsEmpty());
  EXPECT_THAT(scene.message_for("g-0"), HasSubstr("even without 1 pod of lower priority there would not be room for all"));
}

TEST(GangPreemption, AMemberThatNeverPreemptsSpeaksForAll) {
  Scene scene;
  model::Pod polite = a_member("g", 1, 10);
  polite.preemption_never = true;
  scene.with(a_node("a", 4)).with(a_running_pod("x", "a", 1, cpus(4)));
  scene.with(a_group("g", 2)).with(a_member("g", 0, 10)).with(polite).synced().run();
  EXPECT_THAT(evicted(scene), IsEmpty());
}

TEST(GangPreemption, MembersBeyondTheMinimumOfAnotherGangGoFirstAndItsCoreOnlyAsAWhole) {
  Scene scene;
  scene.with(a_node("a", 8)).with(a_group("low", 2));
  for (int i = 0; i < 3; ++i) scene.with(running(a_member("low", i, 1), "a"));
  scene.with(a_running_pod("other", "a", 3)).with(a_group("g", 2)).with(a_member("g", 0, 10, cpus(1))).with(a_member("g", 1, 10, cpus(1)));
  scene.synced().run();
  EXPECT_THAT(evicted(scene), UnorderedElementsAre("low-2"));
  scene.take();
  // With more to be freed all of the low gang go rather than one of its two.
  Scene second;
  second.with(a_node("a", 8)).with(a_group("low", 2));
  for (int i = 0; i < 3; ++i) second.with(running(a_member("low", i, 1), "a"));
  second.with(a_running_pod("other", "a", 3)).with(a_group("g", 2)).with(a_member("g", 0, 10)).with(a_member("g", 1, 10)).synced().run();
  EXPECT_THAT(evicted(second), UnorderedElementsAre("low-0", "low-1", "low-2"));
}

TEST(GangPreemption, WhoeverWasAskedToLeaveAndDoesNotKeepsThePlacesForAWhileOnly) {
  Scene scene;
  scene.with(a_node("a", 4)).with(a_running_pod("x", "a", 1, cpus(3)));
  scene.with(a_group("g", 2)).with(a_member("g", 0, 10)).with(a_member("g", 1, 10)).synced().run();
  ASSERT_THAT(evicted(scene), UnorderedElementsAre("x"));
  scene.take();
  scene.with(a_pod("small", cpus(1))).run();
  EXPECT_EQ(scene.node_of("small"), "");
  ASSERT_TRUE(scene.placement.next_wake().has_value());
  scene.now = scene.now + minutes(5);
  scene.run();
  EXPECT_EQ(scene.node_of("small"), "a") << "what was kept is for everybody again";
  scene.now = scene.now + minutes(2);
  scene.run();
  EXPECT_THAT(evicted(scene), IsEmpty()) << "nobody else has to go while the first has not left";
}

TEST(GangPreemption, ARefusedEvictionGivesThePlacesBack) {
  Scene scene;
  scene.with(a_node("a", 4)).with(a_running_pod("x", "a", 1, cpus(3)));
  scene.with(a_group("g", 2)).with(a_member("g", 0, 10)).with(a_member("g", 1, 10)).synced().run();
  const auto evictions = scene.all<model::Evict>();
  ASSERT_EQ(evictions.size(), 1u);
  scene.answer(evictions.front().first, Error{Errc::denied, "not now"});
  scene.with(a_pod("small", cpus(1))).run();
  EXPECT_EQ(scene.node_of("small"), "a");
}

TEST(GangPreemption, AnotherLeaderGoesOnWhereTheFirstEnded) {
  Scene scene;
  model::Pod leaving = a_running_pod("x", "a", 1);
  leaving.deletion_requested = scene.now;
  model::Pod first = a_member("g", 0, 10);
  model::Pod second = a_member("g", 1, 10);
  first.nominated_node = model::NodeName("a");
  second.nominated_node = model::NodeName("b");
  scene.with(a_node("a", 2)).with(a_node("b", 2)).with(a_node("c", 2)).with(leaving).with(a_running_pod("z", "c", 2));
  scene.with(a_group("g", 2)).with(first).with(second).with(a_pod("thief", cpus(2))).synced().run();
  EXPECT_THAT(evicted(scene), IsEmpty());
  EXPECT_EQ(scene.node_of("thief"), "") << "b is kept";
  EXPECT_THAT(scene.all<model::Nominate>(), IsEmpty()) << "and its members stay nominated";
  EXPECT_THAT(scene.message_for("g-0"), HasSubstr("room is being made"));
  scene.with(gone("x")).run();
  EXPECT_EQ(bound(scene, "g"), 2u);
}

TEST(GangPreemption, APlaceThatIsLostIsReplacedAtOnce) {
  Scene scene;
  scene.with(a_node("a", 4)).with(a_running_pod("x", "a", 1, cpus(4)));
  scene.with(a_group("g", 2)).with(a_member("g", 0, 10)).with(a_member("g", 1, 10)).synced().run();
  ASSERT_THAT(evicted(scene), UnorderedElementsAre("x"));
  scene.take();
  scene.with(model::NodeGone{model::NodeName("a")}).with(a_node("b", 4)).with(a_running_pod("y", "b", 1, cpus(4))).run();
  scene.run();
  EXPECT_THAT(evicted(scene), UnorderedElementsAre("y"));
}

TEST(GangPreemption, MembersThatDifferFindTheOnlyWayToFit) {
  Scene scene;
  // The large one fits on one node only, and there only without the small ones.
  scene.with(a_node("a", 4)).with(a_node("b", 3)).with(a_group("g", 3));
  model::Pod small = a_member("g", 0, 5, MilliCpu{1500});
  small.priority = 5;
  scene.with(small).with(a_member("g", 1, 5, MilliCpu{1500})).with(a_member("g", 2, 0, cpus(4))).synced().run();
  EXPECT_EQ(bound(scene, "g"), 3u);
}

TEST(GangPreemption, AnEqualBacklogSearchesOnce) {
  Scene scene;
  scene.with(a_node("a", 2)).with(a_running_pod("x", "a", 1));
  for (int g = 0; g < 3; ++g) {
    const std::string name = "g" + std::to_string(g);
    scene.with(a_group(name, 2)).with(a_member(name, 0, 10)).with(a_member(name, 1, 10));
  }
  scene.synced().run();
  EXPECT_THAT(evicted(scene), IsEmpty());
  // A second node gives one of them room for all, by an eviction on the first.
  scene.with(a_node("b", 2));
  for (int i = 0; i < 10; ++i) {
    scene.now = scene.now + seconds(30);
    scene.run();
  }
  EXPECT_THAT(evicted(scene), UnorderedElementsAre("x"));
}

// Who is evicted comes again, as its controller makes it: the one that made room stays, and nobody goes twice.
struct Again {
  Scene scene;
  std::map<std::string, model::Pod> made;   // by the name without its number of times
  std::map<std::string, int> times;
  std::size_t evictions = 0;

  void bring(model::Pod pod) {
    made[pod.key.name] = pod;
    scene.with(pod);
  }
  void minute() {
    scene.now = scene.now + minutes(1);
    for (int turn = 0; turn < 5; ++turn) {
      scene.run();
      for (const NumberedAction& action : scene.take()) {
        scene.answer(action.id);
        if (const auto* bind = std::get_if<model::Bind>(&action.action)) {
          model::Pod pod = made.at(bind->pod.name);
          pod.node = bind->node;
          pod.phase = model::PodPhase::running;
          pod.started = scene.now;
          scene.with(pod);
        } else if (const auto* evict = std::get_if<model::Evict>(&action.action)) {
          ++evictions;
          const model::Pod old = made.at(evict->pod.name);
          scene.with(model::PodGone{old.key, old.uid});
          model::Pod pod = old;
          pod.uid = model::Uid(old.uid.v + "+");
          bring(pod);
        }
      }
    }
  }
};

TEST(GangPreemption, TwoGangsDoNotPushEachOtherOutForEver) {
  Again again;
  again.scene.with(a_node("a", 2)).with(a_node("b", 2)).with(a_group("low", 2)).with(a_group("high", 2)).synced();
  for (int i = 0; i < 2; ++i) again.bring(a_member("low", i, 1));
  again.minute();
  for (int i = 0; i < 2; ++i) again.bring(a_member("high", i, 10));
  for (int i = 0; i < 60; ++i) again.minute();
  EXPECT_EQ(again.evictions, 2u);
}

TEST(GangPreemption, GangsOfTwoQueuesDoNotTakeTheSameBackFromEachOther) {
  Again again;
  for (const std::string name : {"qa", "qb"}) {
    model::Queue queue;
    queue.name = name;
    queue.deserved = {{"cpu", 4000}};
    again.scene.with(model::QueueSeen{queue});
  }
  again.scene.with(a_node("a", 4, 64)).with(a_node("b", 4, 64)).synced();
  for (const std::string name : {"a1", "a2", "b1", "b2"}) {
    model::PodGroupSeen group = a_group(name, 2);
    group.group.queue = "q" + name.substr(0, 1);
    again.scene.with(group);
  }
  for (const std::string name : {"a1", "a2"}) {
    for (int i = 0; i < 2; ++i) again.bring(a_member(name, i, 1));
  }
  again.minute();
  for (const std::string name : {"b1", "b2"}) {
    for (int i = 0; i < 2; ++i) again.bring(a_member(name, i, 1));
  }
  for (int i = 0; i < 60; ++i) again.minute();
  EXPECT_EQ(again.evictions, 2u) << "one gang of the queue that held everything, once";
}

// Found by the comparison with the optimum: a gang's surplus member was counted as gone for two places.
TEST(GangPreemption, ASurplusMemberOnAnotherNodeGoesOnceForTwoPlaces) {
  Scene scene;
  scene.with(a_node("a", 2)).with(a_node("b", 2)).with(a_node("c", 2)).with(a_group("low", 2));
  scene.with(running(a_member("low", 0, 1), "a")).with(running(a_member("low", 1, 1), "b")).with(running(a_member("low", 2, 1), "c"));
  scene.with(a_group("g", 3));
  for (int i = 0; i < 3; ++i) scene.with(a_member("g", i, 10));
  scene.synced().run();
  EXPECT_THAT(evicted(scene), UnorderedElementsAre("low-0", "low-1", "low-2"));
}

}   // namespace
}   // namespace ebb::core::placement
