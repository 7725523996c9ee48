#include "sandbox/controllers/rollout_sets.h"
#include "sandbox/controllers/test_plane.h"

#include <limits>

namespace ebb::sandbox::control {
namespace {

using resources::kDeployments;
using resources::kPods;
using resources::kReplicaSets;

const model::ObjectKey kWeb{"default", "web"};

json::object web(int replicas,
                 std::string_view strategy = R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}})") {
  json::object deployment = from_json(R"({"apiVersion":"apps/v1","kind":"Deployment",
    "metadata":{"name":"web","namespace":"default","annotations":{"team":"shop"}},
    "spec":{"selector":{"matchLabels":{"app":"web"}},
            "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"web:1"}]}}}})");
  child(deployment, "spec")["replicas"] = replicas;
  child(deployment, "spec")["strategy"] = json::parse(json::string_view(strategy.data(), strategy.size()));
  return deployment;
}

void set_image(TestPlane& plane, const std::string& image) {
  plane.edit(kDeployments, kWeb, [&](json::object& object) {
    child(child(child(object, "spec"), "template"), "spec")["containers"].get_array()[0].get_object()["image"] = image;
  });
}
void set_spec(TestPlane& plane, std::string_view field, const json::value& value) {
  plane.edit(kDeployments, kWeb, [&](json::object& object) { child(object, "spec")[field] = value; });
}

std::string image_of(const json::object& workload) {
  const json::array* containers = array_at(workload, "spec.template.spec.containers");
  if (containers == nullptr) containers = array_at(workload, "spec.containers");
  return text_at((*containers)[0].get_object(), "image");
}

json::object set_with(TestPlane& plane, const std::string& image) {
  for (auto& set : plane.list(kReplicaSets)) {
    if (image_of(set) == image) return set;
  }
  return {};
}

std::string reason_of(TestPlane& plane, std::string_view condition) {
  const json::object deployment = plane.get(kDeployments, "web");
  const json::object* status = object_at(deployment, "status");
  const json::object* found = status == nullptr ? nullptr : find_condition(*status, condition);
  return found == nullptr ? "" : text_at(*found, "reason");
}

// Makes pods ready one at a time, so that every step of a rollout is seen.
void start_one_by_one(TestPlane& plane) {
  for (int step = 0; step < 100; ++step) {
    const auto pods = plane.live_pods();
    const auto waiting = std::ranges::find_if(pods, [](const json::object& pod) { return text_at(pod, "status.phase") != "Running"; });
    if (waiting == pods.end()) return;
    plane.set_phase(key_of(*waiting), "Running", true);
    plane.advance(seconds(1));
  }
}

TEST(Deployment, BecomesAReplicaSetWithPodsAndSaysSo) {
  TestPlane plane;
  plane.create(kDeployments, web(3));
  plane.settle();
  const auto sets = plane.list(kReplicaSets);
  ASSERT_EQ(sets.size(), 1u);
  const std::string hash = labels_at(sets[0], "metadata.labels")["pod-template-hash"];
  EXPECT_EQ(text_at(sets[0], "metadata.name"), "web-" + hash);
  EXPECT_EQ(labels_at(sets[0], "spec.selector.matchLabels")["pod-template-hash"], hash);
  EXPECT_EQ(annotation(sets[0], kRevision), "1");
  EXPECT_EQ(annotation(sets[0], kDesiredReplicas), "3");
  EXPECT_EQ(annotation(sets[0], kMaxReplicas), "4");
  EXPECT_EQ(annotation(sets[0], "team"), "shop");
  const auto pods = plane.live_pods();
  ASSERT_EQ(pods.size(), 3u);
  EXPECT_EQ(labels_at(pods[0], "metadata.labels")["pod-template-hash"], hash);
  EXPECT_EQ(annotation(pods[0], "team"), "");
  EXPECT_EQ(reason_of(plane, "Available"), "MinimumReplicasUnavailable");

  plane.start_pods();
  const json::object done = plane.get(kDeployments, "web");
  EXPECT_EQ(number_at(done, "status.availableReplicas"), 3);
  EXPECT_EQ(number_at(done, "status.updatedReplicas"), 3);
  EXPECT_EQ(number_at(done, "status.unavailableReplicas"), std::nullopt);
  EXPECT_EQ(number_at(done, "status.observedGeneration"), number_at(done, "metadata.generation"));
  EXPECT_EQ(number_at(done, "metadata.generation"), 1);
  EXPECT_EQ(annotation(done, kRevision), "1");
  EXPECT_EQ(reason_of(plane, "Available"), "MinimumReplicasAvailable");
  EXPECT_EQ(reason_of(plane, "Progressing"), "NewReplicaSetAvailable");
  EXPECT_EQ(plane.events("ScalingReplicaSet", "web"), 1);
}

TEST(Deployment, ARollingUpdateStaysWithinItsBoundsAtEveryStep) {
  TestPlane plane;
  plane.create(kDeployments, web(8));
  plane.settle();
  plane.start_pods();
  std::size_t most = 0, fewest_ready = 100;
  plane.on_round = [&] {
    const auto pods = plane.live_pods();
    most = std::max(most, pods.size());
    const auto ready = static_cast<std::size_t>(
        std::ranges::count_if(pods, [](const json::object& pod) { return text_at(pod, "status.phase") == "Running"; }));
    fewest_ready = std::min(fewest_ready, ready);
  };
  set_image(plane, "web:2");
  plane.settle();
  start_one_by_one(plane);
  EXPECT_EQ(most, 10u);          // 8 + 25 %
  EXPECT_EQ(fewest_ready, 6u);   // 8 - 25 %
  for (const auto& pod : plane.live_pods()) EXPECT_EQ(image_of(pod), "web:2");
  EXPECT_EQ(plane.live_pods().size(), 8u);
  EXPECT_EQ(number_at(set_with(plane, "web:1"), "spec.replicas"), 0);
  EXPECT_EQ(annotation(plane.get(kDeployments, "web"), kRevision), "2");
  EXPECT_EQ(reason_of(plane, "Progressing"), "NewReplicaSetAvailable");
}

TEST(Deployment, RollingBackReusesTheOldSetUnderANewRevision) {
  TestPlane plane;
  plane.create(kDeployments, web(2));
  plane.settle();
  plane.start_pods();
  plane.advance(seconds(2));
  set_image(plane, "web:2");
  plane.settle();
  start_one_by_one(plane);
  set_image(plane, "web:1");
  plane.settle();
  start_one_by_one(plane);
  EXPECT_EQ(plane.list(kReplicaSets).size(), 2u);
  const json::object back = set_with(plane, "web:1");
  EXPECT_EQ(number_at(back, "spec.replicas"), 2);
  EXPECT_EQ(annotation(back, kRevision), "3");
  EXPECT_EQ(annotation(back, kRevisionHistory), "1");
  EXPECT_EQ(annotation(plane.get(kDeployments, "web"), kRevision), "3");
}

TEST(Deployment, ScalingWithoutAChangeOfTemplateKeepsTheSet) {
  TestPlane plane;
  plane.create(kDeployments, web(2));
  plane.settle();
  plane.start_pods();
  set_spec(plane, "replicas", 5);
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 5u);
  EXPECT_EQ(annotation(set_with(plane, "web:1"), kDesiredReplicas), "5");
  plane.start_pods();
  set_spec(plane, "replicas", 0);
  plane.settle();
  EXPECT_TRUE(plane.live_pods().empty());
  EXPECT_EQ(plane.list(kReplicaSets).size(), 1u);
}

TEST(Deployment, ScalingInTheMiddleOfARolloutGrowsBothSets) {
  TestPlane plane;
  plane.create(kDeployments, web(10, R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":3,"maxUnavailable":2}})"));
  plane.settle();
  plane.start_pods();
  plane.advance(seconds(1));
  set_image(plane, "web:2");
  plane.settle();   // 8 old, 5 new that do not become ready
  ASSERT_EQ(number_at(set_with(plane, "web:1"), "spec.replicas"), 8);
  ASSERT_EQ(number_at(set_with(plane, "web:2"), "spec.replicas"), 5);
  set_spec(plane, "replicas", 15);
  plane.settle();
  EXPECT_EQ(number_at(set_with(plane, "web:1"), "spec.replicas"), 11);
  EXPECT_EQ(number_at(set_with(plane, "web:2"), "spec.replicas"), 7);
}

TEST(Deployment, APausedOneScalesButDoesNotRollUntilItIsResumed) {
  TestPlane plane;
  plane.create(kDeployments, web(2));
  plane.settle();
  plane.start_pods();
  set_spec(plane, "paused", true);
  set_image(plane, "web:2");
  plane.settle();
  EXPECT_EQ(plane.list(kReplicaSets).size(), 1u);
  EXPECT_EQ(reason_of(plane, "Progressing"), "DeploymentPaused");
  set_spec(plane, "replicas", 3);
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 3u);
  set_spec(plane, "paused", false);
  plane.settle();
  start_one_by_one(plane);
  EXPECT_EQ(number_at(set_with(plane, "web:2"), "spec.replicas"), 3);
  EXPECT_EQ(reason_of(plane, "Progressing"), "NewReplicaSetAvailable");
}

TEST(Deployment, ARolloutThatStandsStillExceedsItsDeadlineAndRecovers) {
  TestPlane plane;
  json::object deployment = web(1);
  child(deployment, "spec")["progressDeadlineSeconds"] = 60;
  plane.create(kDeployments, std::move(deployment));
  plane.settle();
  plane.advance(seconds(59));
  EXPECT_EQ(reason_of(plane, "Progressing"), "ReplicaSetUpdated");
  plane.advance(seconds(5));
  EXPECT_EQ(reason_of(plane, "Progressing"), "ProgressDeadlineExceeded");
  plane.start_pods();
  EXPECT_EQ(reason_of(plane, "Progressing"), "NewReplicaSetAvailable");
}

TEST(Deployment, RecreateStartsNothingNewWhileAnOldPodIsThere) {
  TestPlane plane;
  plane.create(kDeployments, web(2, R"({"type":"Recreate"})"));
  plane.create(resources::kNodes,
               R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}})");
  plane.settle();
  for (const auto& pod : plane.live_pods()) plane.bind(key_of(pod), "n1");   // a bound pod ends only when its kubelet says so
  plane.start_pods();
  set_image(plane, "web:2");
  plane.settle();
  EXPECT_TRUE(plane.live_pods().empty());
  const auto ending = plane.list(kPods);
  ASSERT_EQ(ending.size(), 2u);
  plane.remove(kPods, text_at(ending[0], "metadata.name"), {.grace_seconds = 0});
  plane.settle();
  EXPECT_TRUE(plane.live_pods().empty());
  plane.remove(kPods, text_at(ending[1], "metadata.name"), {.grace_seconds = 0});
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 2u);
  EXPECT_EQ(image_of(plane.live_pods()[0]), "web:2");
}

TEST(Deployment, KeepsAsManyOldSetsAsItsHistoryAllows) {
  TestPlane plane;
  json::object deployment = web(1);
  child(deployment, "spec")["revisionHistoryLimit"] = 2;
  plane.create(kDeployments, std::move(deployment));
  plane.settle();
  plane.start_pods();
  for (int version = 2; version <= 6; ++version) {
    plane.advance(seconds(1));
    set_image(plane, fmt::format("web:{}", version));
    plane.settle();
    start_one_by_one(plane);
  }
  plane.advance(seconds(1));
  EXPECT_EQ(plane.list(kReplicaSets).size(), 3u);
  EXPECT_TRUE(set_with(plane, "web:3").empty());
  EXPECT_FALSE(set_with(plane, "web:4").empty());
}

TEST(Deployment, AdoptsASetThatWasOrphanedWithItsPods) {
  TestPlane plane;
  plane.create(kDeployments, web(2));
  plane.settle();
  plane.start_pods();
  plane.remove(kDeployments, "web", {.propagation = Propagation::orphan});
  plane.settle();
  ASSERT_EQ(plane.list(kReplicaSets).size(), 1u);
  EXPECT_FALSE(controller_of(plane.list(kReplicaSets)[0]).has_value());
  EXPECT_EQ(plane.live_pods().size(), 2u);
  plane.create(kDeployments, web(2));
  plane.settle();
  const auto sets = plane.list(kReplicaSets);
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_EQ(controller_of(sets[0])->uid, uid_of(plane.get(kDeployments, "web")));
  EXPECT_EQ(plane.live_pods().size(), 2u);
}

TEST(Deployment, WithoutADeadlineSaysNothingAboutProgress) {
  TestPlane plane;
  json::object deployment = web(1);
  child(deployment, "spec")["progressDeadlineSeconds"] = std::numeric_limits<std::int32_t>::max();
  plane.create(kDeployments, std::move(deployment));
  plane.settle();
  plane.start_pods();
  EXPECT_EQ(reason_of(plane, "Progressing"), "");
  EXPECT_EQ(reason_of(plane, "Available"), "MinimumReplicasAvailable");
}

}   // namespace
}   // namespace ebb::sandbox::control
