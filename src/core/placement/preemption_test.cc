// Pods that make room for pods that matter more.

#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Scene;

model::Pod a_running_pod(const std::string& name, const std::string& node, std::int32_t priority, MilliCpu cpu = cpus(1)) {
  model::Pod pod = a_pod(name, cpu);
  pod.node = model::NodeName(node);
  pod.phase = model::PodPhase::running;
  pod.priority = priority;
  pod.started = Instant{} + minutes(1);
  pod.labels["app"] = name;
  return pod;
}

model::Pod a_pod_of(std::int32_t priority, const std::string& name = "urgent", MilliCpu cpu = cpus(2)) {
  model::Pod pod = a_pod(name, cpu);
  pod.priority = priority;
  return pod;
}

std::vector<std::string> evicted(const Scene& scene) {
  std::vector<std::string> names;
  for (const auto& [id, evict] : scene.all<model::Evict>()) names.push_back(evict.pod.name);
  return names;
}

std::string nominated(const Scene& scene, const std::string& pod) {
  std::string node;
  for (const auto& [id, nominate] : scene.all<model::Nominate>()) {
    if (nominate.pod.name == pod) node = nominate.node.v;
  }
  return node;
}

TEST(Preemption, EvictsTheLeastImportantPodsThatMakeRoomAndNoMore) {
  Scene scene;
  scene.with(a_node("n", 4)).with(a_running_pod("low", "n", 1, cpus(2))).with(a_running_pod("middle", "n", 5, cpus(2)));
  scene.with(a_pod_of(10)).synced().run();
  EXPECT_THAT(evicted(scene), ElementsAre("low"));
  EXPECT_EQ(nominated(scene, "urgent"), "n");
  EXPECT_EQ(scene.node_of("urgent"), "");
}

TEST(Preemption, ThePodGoesWhereItMadeRoomOnceThoseThatWereThereAreGone) {
  Scene scene;
  scene.with(a_node("n", 2)).with(a_running_pod("low", "n", 1, cpus(2))).with(a_pod_of(10)).synced().run();
  ASSERT_THAT(evicted(scene), ElementsAre("low"));
  scene.take();
  model::Pod leaving = a_running_pod("low", "n", 1, cpus(2));
  leaving.deletion_requested = scene.now;
  scene.with(leaving).run();
  EXPECT_THAT(evicted(scene), IsEmpty()) << "who is leaving is not pushed again";
  scene.with(model::PodGone{{"default", "low"}, model::Uid("uid-low")}).run();
  EXPECT_EQ(scene.node_of("urgent"), "n");
}

TEST(Preemption, RoomThatWasMadeIsNotGivenToALessImportantPod) {
  Scene scene;
  scene.with(a_node("n", 2)).with(a_running_pod("low", "n", 1, cpus(2))).with(a_pod_of(10)).synced().run();
  scene.with(a_pod_of(0, "thief", cpus(1))).with(model::PodGone{{"default", "low"}, model::Uid("uid-low")});
  scene.run();
  EXPECT_EQ(scene.node_of("thief"), "");
  EXPECT_EQ(scene.node_of("urgent"), "n");
}

TEST(Preemption, AMoreImportantPodTakesRoomThatWasMadeForALessImportantOne) {
  Scene scene;
  scene.with(a_node("n", 2)).with(a_running_pod("low", "n", 1, cpus(2))).with(a_pod_of(10)).synced().run();
  scene.with(model::PodGone{{"default", "low"}, model::Uid("uid-low")}).with(a_pod_of(20, "first")).run();
  EXPECT_EQ(scene.node_of("first"), "n");
  EXPECT_EQ(scene.node_of("urgent"), "");
  EXPECT_EQ(nominated(scene, "urgent"), "") << "its nomination is withdrawn";
}

TEST(Preemption, APodThatNeverPreemptsOrIsNotMoreImportantEvictsNobody) {
  Scene scene;
  model::Pod polite = a_pod_of(10, "polite");
  polite.preemption_never = true;
  scene.with(a_node("n", 2)).with(a_running_pod("low", "n", 1, cpus(2))).with(polite).with(a_pod_of(1, "equal")).synced().run();
  EXPECT_THAT(evicted(scene), IsEmpty());
}

TEST(Preemption, BreaksADisruptionBudgetOnlyWhereThereIsNoOtherWay) {
  Scene scene;
  model::DisruptionBudget budget;
  budget.key = {"default", "guard"};
  budget.selector = model::LabelSelector{{{.key = "app", .op = model::SelectorOperator::in, .values = {"guarded"}}}};
  scene.with(model::DisruptionBudgetSeen{budget}).with(a_node("a", 2)).with(a_node("b", 2));
  scene.with(a_running_pod("guarded", "a", 1, cpus(2))).with(a_running_pod("plain", "b", 5, cpus(2)));
  scene.with(a_pod_of(10)).synced().run();
  EXPECT_THAT(evicted(scene), ElementsAre("plain")) << "although guarded is of lower priority";
  scene.with(model::PodGone{{"default", "plain"}, model::Uid("uid-plain")}).run();
  scene.take();
  scene.with(a_pod_of(10, "second")).run();
  EXPECT_THAT(evicted(scene), ElementsAre("guarded"));
}

TEST(Preemption, AmongNodesTheOneWhoseMostImportantVictimMattersLeastIsChosen) {
  Scene scene;
  scene.with(a_node("a", 2)).with(a_node("b", 2)).with(a_node("c", 2));
  scene.with(a_running_pod("a1", "a", 5, cpus(2)));
  scene.with(a_running_pod("b1", "b", 1)).with(a_running_pod("b2", "b", 2));
  scene.with(a_running_pod("c1", "c", 2)).with(a_running_pod("c2", "c", 2));
  scene.with(a_pod_of(10)).synced().run();
  EXPECT_THAT(evicted(scene), ElementsAre("b2", "b1"));
}

TEST(Preemption, ATaintIsNotLiftedByEvictingAnybody) {
  Scene scene;
  model::Node node = a_node("n", 2);
  node.taints = {{"gpu", "yes", model::TaintEffect::no_schedule}};
  scene.with(node).with(a_running_pod("low", "n", 1, cpus(2))).with(a_pod_of(10)).synced().run();
  EXPECT_THAT(evicted(scene), IsEmpty());
}

TEST(Preemption, ANominationSurvivesANewLeader) {
  Scene scene;
  model::Pod urgent = a_pod_of(10);
  urgent.nominated_node = model::NodeName("n");
  model::Pod leaving = a_running_pod("low", "n", 1, cpus(2));
  leaving.deletion_requested = scene.now;
  scene.with(a_node("n", 2)).with(leaving).with(urgent).with(a_pod_of(0, "thief", cpus(1))).synced().run();
  EXPECT_THAT(evicted(scene), IsEmpty());
  scene.with(model::PodGone{{"default", "low"}, model::Uid("uid-low")}).run();
  EXPECT_EQ(scene.node_of("urgent"), "n");
  EXPECT_EQ(scene.node_of("thief"), "");
}

TEST(Preemption, ManyPodsMakeRoomEachOnANodeOfItsOwn) {
  Scene scene;
  for (int i = 0; i < 20; ++i) {
    const std::string n = "n" + std::to_string(i);
    scene.with(a_node(n, 2)).with(a_running_pod("low-" + n, n, 1, cpus(2)));
  }
  for (int i = 0; i < 15; ++i) scene.with(a_pod_of(10, "urgent-" + std::to_string(i)));
  scene.synced().run();
  EXPECT_EQ(evicted(scene).size(), 15u);
  std::set<std::string> nodes;
  for (int i = 0; i < 15; ++i) nodes.insert(nominated(scene, "urgent-" + std::to_string(i)));
  EXPECT_EQ(nodes.size(), 15u);
}

}   // namespace
}   // namespace ebb::core::placement
