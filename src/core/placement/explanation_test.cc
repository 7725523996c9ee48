// Why a pod is where it is, or nowhere: as facts and as the text that people read.

#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Scene;

model::Pod running(const std::string& name, const std::string& node, MilliCpu cpu, std::int32_t priority = 0) {
  model::Pod pod = a_pod(name, cpu);
  pod.node = model::NodeName(node);
  pod.phase = model::PodPhase::running;
  pod.priority = priority;
  return pod;
}

model::Pod queued(model::Pod pod, const std::string& queue) {
  pod.annotations["scheduling.volcano.sh/queue-name"] = queue;
  return pod;
}

model::QueueSeen a_queue(const std::string& name, std::int64_t weight = 1, model::NamedAmounts cap = {}) {
  model::Queue queue;
  queue.name = name;
  queue.weight = weight;
  queue.capability = std::move(cap);
  return {queue};
}

model::PodGroupSeen a_group(const std::string& name, std::int32_t min_member) {
  model::PodGroup group;
  group.dialect = model::PodGroupDialect::scheduler_plugins;
  group.key = {"default", name};
  group.uid = model::Uid("uid-" + name);
  group.min_member = min_member;
  return {group};
}

model::Pod a_member(const std::string& group, const std::string& name, MilliCpu cpu = cpus(1)) {
  model::Pod pod = a_pod(name, cpu);
  pod.labels["scheduling.x-k8s.io/pod-group"] = group;
  return pod;
}

Explanation of(const Scene& scene, const std::string& pod) { return scene.placement.explain({"default", pod}); }
std::string text_of(const Scene& scene, const std::string& pod) { return to_text(of(scene, pod)); }

TEST(ExplainQueue, TellsTheExactShareAndWhatIsHeldOfTheDominantResource) {
  Scene scene;
  scene.with(a_node("n", 9, 100)).with(a_queue("batch", 2, {{"cpu", 4000}})).with(queued(running("old", "n", cpus(4)), "batch"));
  scene.with(queued(a_pod("first"), "batch")).with(queued(a_pod("second"), "batch")).synced().run();
  const Explanation why = of(scene, "second");
  ASSERT_TRUE(why.queue);
  EXPECT_EQ(fairness::to_string(why.queue->share), "4/9");
  EXPECT_EQ(fairness::to_string(why.queue->weighted), "2/9");
  EXPECT_EQ(why.queue->held, "4 cpu");
  EXPECT_EQ(why.queue->total, "9 cpu");
  EXPECT_EQ(why.queue->position, 1u);
  EXPECT_EQ(why.queue->placed_pods, 1);
  EXPECT_EQ(why.queue->waiting_pods, 2);
  EXPECT_THAT(why.queue->refused, HasSubstr("capped at 4 cpu"));
  EXPECT_THAT(why.would_help, ElementsAre("1 cpu given back by pods of queue \"batch\", or a cap of 5 cpu there"));
  EXPECT_EQ(why.needed, 1u);
  EXPECT_THAT(to_text(why), HasSubstr("Queue     batch: holds 4 cpu of 9 cpu, share 4/9 (44 %), weighted 2/9; deserves 4 cpu\n"));
  EXPECT_THAT(to_text(why), HasSubstr("Is needed:\n  - 1 cpu given back"));
}

TEST(ExplainQueue, SaysThatTheQueueDoesNotExist) {
  Scene scene;
  scene.with(a_node("n")).with(a_queue("other")).with(queued(a_pod("p"), "later")).synced().run();
  EXPECT_THAT(of(scene, "p").would_help, ElementsAre("queue later created"));
  EXPECT_THAT(text_of(scene, "p"), HasSubstr("Queue     later: it does not exist\n"));
}

TEST(ExplainQueue, APodOutsideOfQueuesHasNone) {
  Scene scene;
  scene.with(a_node("n")).with(a_queue("other")).with(a_pod("p")).synced();
  EXPECT_FALSE(of(scene, "p").queue);
}

TEST(ExplainGang, CountsItsMembersAndSaysHowManyAreMissing) {
  Scene scene;
  scene.with(a_node("n", 8)).with(a_group("g", 3)).with(a_member("g", "a")).synced().run();
  const Explanation why = of(scene, "a");
  ASSERT_TRUE(why.gang);
  EXPECT_EQ(why.gang->phase, gangs::GangPhase::waiting_for_members);
  EXPECT_EQ(why.gang->present, 1);
  EXPECT_EQ(why.state, "held for its gang");
  EXPECT_THAT(why.would_help, ElementsAre("2 more members of default/g, or minMember down to 1"));
  EXPECT_THAT(to_text(why),
              HasSubstr("Gang      default/g (scheduler-plugins): waiting for members; 3 must start together, 1 there, 0 placed"));
}

TEST(ExplainGang, AGangWithoutRoomSaysWhatItLacksAndUntilWhenRoomIsKept) {
  Scene scene;
  scene.with(a_node("n", 2)).with(a_group("g", 3));
  for (const std::string name : {"a", "b", "c"}) scene.with(a_member("g", name));
  scene.synced().run();
  const Explanation why = of(scene, "a");
  ASSERT_TRUE(why.gang);
  EXPECT_THAT(why.gang->waiting_for, HasSubstr("3 members must find room at once"));
  EXPECT_EQ(why.gang->position, 0u);
  ASSERT_TRUE(why.gang->reservation_until);
  EXPECT_THAT(to_text(why), HasSubstr("capacity is kept for it until 1970-01-01T01:"));
}

TEST(ExplainGang, AGroupThatIsNotThereIsNamed) {
  Scene scene;
  scene.with(a_node("n", 2)).with(a_member("g", "a")).synced().run();
  EXPECT_THAT(of(scene, "a").would_help, ElementsAre("PodGroup default/g (scheduler-plugins) created"));
}

TEST(ExplainPod, NamesThoseWhoMakeRoomForIt) {
  Scene scene;
  model::Pod urgent = a_pod("urgent", cpus(2));
  urgent.priority = 10;
  scene.with(a_node("n", 2)).with(running("low", "n", cpus(2))).with(urgent).synced().run();
  model::Pod leaving = running("low", "n", cpus(2));
  leaving.deletion_requested = scene.now;
  scene.with(leaving).run();
  const Explanation why = of(scene, "urgent");
  EXPECT_EQ(why.nominated, model::NodeName("n"));
  EXPECT_THAT(why.leaving, ElementsAre(model::ObjectKey{"default", "low"}));
  EXPECT_THAT(why.filters, IsEmpty()) << "it does not stand in its own way";
  EXPECT_THAT(to_text(why), HasSubstr("Room      is made for it on n: default/low leaves\n"));
}

TEST(ExplainPod, CountsTheNodesWherePodsOfLowerPriorityStand) {
  Scene scene;
  model::Pod urgent = a_pod("urgent", cpus(3));
  urgent.priority = 10;
  scene.with(a_node("big", 4)).with(a_node("small", 2));
  scene.with(running("low", "big", cpus(2))).with(running("lower", "small", cpus(2))).with(urgent);   // not synced: not tried yet
  const Explanation why = of(scene, "urgent");
  EXPECT_EQ(why.could_make_room, 1) << "the small node is too small with nobody on it";
  urgent.preemption_never = true;
  scene.with(urgent);
  EXPECT_FALSE(of(scene, "urgent").could_make_room);
}

TEST(ExplainPod, ADeadlineIsATimeOrADurationFromItsCreation) {
  Scene scene;
  model::Pod pod = a_pod("p");
  pod.created = scene.now - hours(1);
  pod.annotations[std::string(kDeadlineAnnotation)] = "3h30m";
  scene.with(a_node("n")).with(pod).synced();
  scene.placement.schedule(scene.now, scene.actions, 0);
  ASSERT_TRUE(of(scene, "p").deadline);
  EXPECT_EQ(of(scene, "p").deadline->slack, hours(2) + minutes(30));
  EXPECT_THAT(text_of(scene, "p"), HasSubstr("Deadline  1970-01-01T03:30:00Z, 2h30m left\n"));
  pod.annotations[std::string(kDeadlineAnnotation)] = "1970-01-01T00:20:00Z";
  EXPECT_THAT(text_of(scene.with(pod), "p"), HasSubstr("Deadline  1970-01-01T00:20:00Z, not met, 40m ago\n"));
  pod.annotations[std::string(kDeadlineAnnotation)] = "soon";
  EXPECT_THAT(text_of(scene.with(pod), "p"), HasSubstr("Deadline  \"soon\" is neither a time nor a duration: ignored\n"));
}

TEST(ExplainPod, NodesThatJustEvictedItsWorkloadAreNamedWithTheTime) {
  Scene scene;
  model::OwnerRef owner;
  owner.kind = "RayCluster";
  owner.name = "ray";
  owner.uid = model::Uid("uid-ray");
  owner.controller = true;
  model::Pod evicted = running("before", "n", cpus(1));
  evicted.owners = {owner};
  evicted.evicted = true;
  evicted.phase = model::PodPhase::failed;
  model::Pod pod = a_pod("p");
  pod.owners = {owner};
  scene.with(a_node("n")).with(evicted).synced().with(pod).run();
  const Explanation why = of(scene, "p");
  EXPECT_THAT(why.avoided, ElementsAre(model::NodeName("n")));
  EXPECT_THAT(why.filter_names, ElementsAre("RecentEviction"));
  EXPECT_THAT(to_text(why), HasSubstr("Avoids    n: a pod of its workload was evicted there; offered again from 1970-01-01T01:05:00Z\n"));
}

TEST(ExplainPod, ABindThatFailedIsTriedAgainAtATimeThatIsTold) {
  Scene scene;
  scene.with(a_node("n")).with(a_pod("p")).synced().run();
  scene.answer(scene.all<model::Bind>().at(0).first, Error{Errc::unavailable, "timed out"});
  const Explanation why = of(scene, "p");
  EXPECT_EQ(why.state, "backing off");
  EXPECT_EQ(why.backoff_until, scene.now + seconds(1));
  EXPECT_THAT(to_text(why), HasSubstr("Back-off  until 1970-01-01T01:00:01Z\n"));
}

TEST(ExplainPod, VolumesAreRefusedUnderThePluginsOwnName) {
  Scene scene;
  model::VolumeClaim claim;
  claim.key = {"default", "data"};
  claim.uid = model::Uid("uid-data");
  claim.storage_class = "";
  claim.access_modes = {"ReadWriteOnce"};
  claim.volume_name = "disk";
  claim.bound = true;
  model::Volume volume;
  volume.name = "disk";
  volume.access_modes = claim.access_modes;
  volume.claim = claim.key;
  volume.claim_uid = claim.uid;
  volume.phase = "Bound";
  volume.labels["topology.kubernetes.io/zone"] = "east";
  model::Node west = a_node("n");
  west.labels["topology.kubernetes.io/zone"] = "west";
  model::Pod pod = a_pod("p");
  pod.volumes = {{.name = "data", .id = "data", .monitors = {}}};
  scene.with(model::VolumeClaimSeen{claim}).with(model::VolumeSeen{volume}).with(west).with(pod).synced().run();
  EXPECT_THAT(of(scene, "p").filter_names, ElementsAre("VolumeZone"));
  EXPECT_THAT(of(scene, "p").would_help, ElementsAre("a volume in the zone of node n: node(s) had no available volume zone"));
}

TEST(ExplainPod, AClaimThatIsNotThereIsWhatItLacksOnAnyNode) {
  Scene scene;
  model::Pod pod = a_pod("p");
  pod.volumes = {{.name = "data", .id = "missing", .monitors = {}}};
  scene.with(a_node("n")).with(pod).synced().run();
  EXPECT_THAT(of(scene, "p").filter_names, ElementsAre("VolumeRestrictions"));
  EXPECT_THAT(of(scene, "p").would_help, ElementsAre("what its claims lack on any node: persistentvolumeclaim \"missing\" not found"));
}

TEST(ExplainPod, TheTermsOfAScoreAddUpToIt) {
  Scene scene;
  for (int i = 0; i < 7; ++i) scene.with(a_node("n" + std::to_string(i), 2 + i));
  scene.with(a_pod("p"));   // not synced: it is still in the queue
  const Explanation why = of(scene, "p");
  ASSERT_EQ(why.best.size(), 5u);
  for (const NodeScore& node : why.best) EXPECT_EQ(total(node.terms), node.total);
}

TEST(ExplainPod, AColumnOfFactsAndNothingThatDoesNotApply) {
  Scene scene;
  scene.with(a_node("a", 1)).with(a_node("b", 3)).with(a_pod("p", cpus(4))).synced().run();
  const std::string text = text_of(scene, "p");
  EXPECT_THAT(text, HasSubstr("Pod       default/p\nScheduler openfuyao-scheduler\n"));
  EXPECT_THAT(text, HasSubstr("State     waiting, waits for a node that takes it\n"));
  EXPECT_THAT(text, HasSubstr("\nNodes (2):\n  NodeResourcesFit   refused     2   Insufficient cpu   e.g. a\n"));
  for (const std::string absent : {"Queue ", "Gang ", "Deadline ", "Room ", "Volumes ", "Avoids ", "Back-off "}) {
    EXPECT_THAT(text, Not(HasSubstr("\n" + absent)));
  }
}

}   // namespace
}   // namespace ebb::core::placement
