// Gangs and queues through the whole of placement.

#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;
using testing::Scene;

model::PodGroupSeen a_group(const std::string& name, std::int32_t min_member, const std::string& queue = "", Instant created = {}) {
  model::PodGroup group;
  group.key = {"default", name};
  group.uid = model::Uid("uid-group-" + name);
  group.api_version = "scheduling.volcano.sh/v1beta1";
  group.min_member = min_member;
  group.queue = queue;
  group.created = created;
  group.phase = "Inqueue";
  return {group};
}

model::Pod a_member(const std::string& group, int number, MilliCpu cpu = cpus(1)) {
  model::Pod pod = a_pod(group + "-" + std::to_string(number), cpu);
  pod.annotations["scheduling.k8s.io/group-name"] = group;
  return pod;
}

model::QueueSeen a_queue(const std::string& name, std::int64_t weight = 1, model::NamedAmounts cap = {}) {
  model::Queue queue;
  queue.name = name;
  queue.weight = weight;
  queue.capability = std::move(cap);
  return {queue};
}

std::size_t bound(const Scene& scene, const std::string& prefix) {
  std::size_t count = 0;
  for (const auto& [id, bind] : scene.all<model::Bind>()) count += bind.pod.name.starts_with(prefix + "-") ? 1u : 0u;
  return count;
}

TEST(GangPlacement, AllMembersAreBoundTogetherOrNone) {
  Scene scene;
  scene.with(a_node("n", 3)).with(a_group("g", 4));
  for (int i = 0; i < 4; ++i) scene.with(a_member("g", i));
  scene.synced().run();
  EXPECT_EQ(bound(scene, "g"), 0u);
  scene.with(a_node("m", 1)).run();
  scene.now = scene.now + minutes(2);
  scene.run();
  EXPECT_EQ(bound(scene, "g"), 4u);
}

TEST(GangPlacement, AGangWaitsForItsMembers) {
  Scene scene;
  scene.with(a_node("n", 8)).with(a_group("g", 3)).with(a_member("g", 0)).with(a_member("g", 1)).synced().run();
  EXPECT_EQ(bound(scene, "g"), 0u);
  EXPECT_THAT(scene.message_for("g-0"), ::testing::HasSubstr("2 of the 3 members"));
  scene.with(a_member("g", 2)).run();
  EXPECT_EQ(bound(scene, "g"), 3u);
}

TEST(GangPlacement, SmallerWorkRunsMeanwhileAndTheGangStillGetsItsTurn) {
  Scene scene;
  scene.with(a_node("n", 4)).with(a_group("g", 4)).synced();
  for (int i = 0; i < 3; ++i) {
    model::Pod pod = a_pod("small-" + std::to_string(i));
    pod.node = model::NodeName("n");
    pod.phase = model::PodPhase::running;
    scene.with(pod);
  }
  for (int i = 0; i < 4; ++i) scene.with(a_member("g", i));
  scene.run();
  EXPECT_EQ(bound(scene, "g"), 0u);
  // Each second one small pod ends and another one comes.
  for (int i = 3; i < 60 && bound(scene, "g") == 0; ++i) {
    scene.now = scene.now + seconds(1);
    const std::string oldest = "small-" + std::to_string(i - 3);
    scene.with(a_pod("small-" + std::to_string(i)));
    scene.with(model::PodGone{{"default", oldest}, model::Uid("uid-" + oldest)}).run();
  }
  EXPECT_EQ(bound(scene, "g"), 4u) << "room is kept for a gang that has waited";
}

TEST(GangPlacement, TwoGangsThatWouldEachFitHalfNeverBlockEachOther) {
  Scene scene;
  scene.with(a_node("n", 4)).with(a_group("a", 3)).with(a_group("b", 3));
  for (int i = 0; i < 3; ++i) scene.with(a_member("a", i)).with(a_member("b", i));
  scene.synced().run();
  EXPECT_EQ(bound(scene, "a") + bound(scene, "b"), 3u);
  for (int i = 0; i < 3; ++i) {
    const std::string name = "a-" + std::to_string(i);
    scene.with(model::PodGone{{"default", name}, model::Uid("uid-" + name)});
  }
  scene.now = scene.now + minutes(2);
  scene.run();
  EXPECT_EQ(bound(scene, "b"), 3u);
}

TEST(GangPlacement, MembersBeyondTheMinimumFollowOneByOne) {
  Scene scene;
  scene.with(a_node("n", 4)).with(a_group("g", 2));
  for (int i = 0; i < 6; ++i) scene.with(a_member("g", i));
  scene.synced().run();
  EXPECT_EQ(bound(scene, "g"), 4u);
}

TEST(GangPlacement, AThousandMembersFindTheirPlacesInOneGo) {
  Scene scene;
  for (int i = 0; i < 100; ++i) scene.with(a_node("n" + std::to_string(i), 10, 100));
  scene.with(a_group("g", 1000));
  for (int i = 0; i < 1000; ++i) scene.with(a_member("g", i));
  scene.synced().run();
  EXPECT_EQ(bound(scene, "g"), 1000u);
}

TEST(QueuePlacement, QueuesShareByWeight) {
  Scene scene;
  scene.with(a_node("n", 9, 100)).with(a_queue("a", 2)).with(a_queue("b", 1));
  for (int i = 0; i < 12; ++i) {
    for (const std::string queue : {"a", "b"}) {
      model::Pod pod = a_pod(queue + "-" + std::to_string(i));
      pod.annotations["scheduling.volcano.sh/queue-name"] = queue;
      scene.with(pod);
    }
  }
  scene.synced().run();
  EXPECT_EQ(bound(scene, "a"), 6u);
  EXPECT_EQ(bound(scene, "b"), 3u);
}

TEST(QueuePlacement, ACapHoldsAndIsNamedAndWhatIsGivenBackIsUsed) {
  Scene scene;
  scene.with(a_node("n", 9, 100)).with(a_queue("a", 1, {{"cpu", 2000}}));
  for (int i = 0; i < 4; ++i) {
    model::Pod pod = a_pod("a-" + std::to_string(i));
    pod.annotations["scheduling.volcano.sh/queue-name"] = "a";
    scene.with(pod);
  }
  scene.synced().run();
  EXPECT_EQ(bound(scene, "a"), 2u);
  EXPECT_THAT(scene.message_for("a-2"), ::testing::HasSubstr("a"));
  scene.with(model::PodGone{{"default", "a-0"}, model::Uid("uid-a-0")}).run();
  EXPECT_EQ(bound(scene, "a"), 3u);
}

TEST(QueuePlacement, APodWhoseQueueDoesNotExistWaitsForIt) {
  Scene scene;
  model::Pod pod = a_pod("a-0");
  pod.annotations["scheduling.volcano.sh/queue-name"] = "later";
  scene.with(a_node("n")).with(a_queue("other")).with(pod).synced().run();
  EXPECT_EQ(scene.message_for("a-0"), "queue later does not exist");
  scene.with(a_queue("later")).run();
  EXPECT_EQ(bound(scene, "a"), 1u);
}

TEST(QueuePlacement, AGangIsInTheQueueOfItsGroup) {
  Scene scene;
  scene.with(a_node("n", 9, 100)).with(a_queue("q", 1, {{"cpu", 2000}})).with(a_group("g", 3, "q"));
  for (int i = 0; i < 3; ++i) scene.with(a_member("g", i));
  scene.synced().run();
  EXPECT_EQ(bound(scene, "g"), 0u);
  scene.with(a_queue("q", 1, {{"cpu", 3000}})).run();
  scene.now = scene.now + minutes(2);
  scene.run();
  EXPECT_EQ(bound(scene, "g"), 3u);
}

}   // namespace
}   // namespace ebb::core::placement
