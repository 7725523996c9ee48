#include "sandbox/controllers/test_plane.h"

namespace ebb::sandbox::control {
namespace {

using resources::kPods;
using resources::kReplicaSets;

json::object set_of(int replicas) {
  json::object set = from_json(R"({"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"rs","namespace":"default"},
    "spec":{"selector":{"matchLabels":{"app":"x"}},
            "template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"main","image":"x"}]}}}})");
  child(set, "spec")["replicas"] = replicas;
  return set;
}
void scale(TestPlane& plane, int replicas) {
  plane.edit(kReplicaSets, {"default", "rs"}, [&](json::object& set) { child(set, "spec")["replicas"] = replicas; });
}

TEST(ReplicaSet, MakesExactlyAsManyPodsAsAskedForAndReplacesTheLost) {
  TestPlane plane;
  plane.create(kReplicaSets, set_of(4));
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 4u);
  plane.remove(kPods, text_at(plane.live_pods()[0], "metadata.name"));
  plane.set_phase(key_of(plane.live_pods()[0]), "Failed");
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 4u);
  const json::object pod = plane.live_pods()[0];
  EXPECT_TRUE(text_at(pod, "metadata.name").starts_with("rs-"));
  EXPECT_EQ(controller_of(pod)->uid, uid_of(plane.get(kReplicaSets, "rs")));
  EXPECT_TRUE(controller_of(pod)->blocks);
  EXPECT_EQ(plane.events("SuccessfulCreate", "rs"), 6);
}

TEST(ReplicaSet, CountsReadyAndAvailableApart) {
  TestPlane plane;
  json::object set = set_of(2);
  child(set, "spec")["minReadySeconds"] = 10;
  plane.create(kReplicaSets, std::move(set));
  plane.settle();
  plane.start_pods();
  EXPECT_EQ(number_at(plane.get(kReplicaSets, "rs"), "status.readyReplicas"), 2);
  EXPECT_EQ(number_at(plane.get(kReplicaSets, "rs"), "status.availableReplicas"), std::nullopt);
  plane.advance(seconds(10));
  EXPECT_EQ(number_at(plane.get(kReplicaSets, "rs"), "status.availableReplicas"), 2);
  EXPECT_EQ(number_at(plane.get(kReplicaSets, "rs"), "status.fullyLabeledReplicas"), 2);
}

TEST(ReplicaSet, TakesTheCheapestPodsAwayFirst) {
  TestPlane plane;
  plane.create(kReplicaSets, set_of(3));
  plane.settle();
  plane.start_pods();
  const std::string cheap = text_at(plane.live_pods()[1], "metadata.name");
  plane.edit(kPods, {"default", cheap},
             [](json::object& pod) { child(child(pod, "metadata"), "annotations")["controller.kubernetes.io/pod-deletion-cost"] = "-5"; });
  scale(plane, 2);
  plane.settle();
  EXPECT_FALSE(plane.exists(kPods, cheap));
  EXPECT_EQ(plane.live_pods().size(), 2u);
  EXPECT_EQ(plane.events("SuccessfulDelete", "rs"), 1);
}

TEST(ReplicaSet, LetsGoOfAPodWhoseLabelsChangeAndTakesItBack) {
  TestPlane plane;
  plane.create(kReplicaSets, set_of(2));
  plane.settle();
  const model::ObjectKey pod = key_of(plane.live_pods()[0]);
  plane.edit(kPods, pod, [](json::object& object) { child(child(object, "metadata"), "labels")["app"] = "debug"; });
  plane.settle();
  EXPECT_FALSE(controller_of(plane.get(kPods, pod.name)).has_value());
  EXPECT_EQ(plane.live_pods().size(), 3u);
  plane.edit(kPods, pod, [](json::object& object) { child(child(object, "metadata"), "labels")["app"] = "x"; });
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 2u);
}

TEST(ReplicaSet, AdoptsMatchingPodsInsteadOfMakingMore) {
  TestPlane plane;
  plane.create(kPods, R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"lone","namespace":"default","labels":{"app":"x"}},
                          "spec":{"containers":[{"name":"main","image":"x"}]}})");
  plane.settle();
  plane.create(kReplicaSets, set_of(2));
  plane.settle();
  EXPECT_EQ(plane.live_pods().size(), 2u);
  EXPECT_EQ(controller_of(plane.get(kPods, "lone"))->name, "rs");
}

TEST(ReplicaSet, ARefusalIsToldAndTriedAgainLater) {
  bool refuse = true;
  TestPlane plane([&](const AdmissionReview&, json::object&) -> Status {
    if (refuse) return fail(Errc::denied, "not today");
    return {};
  });
  plane.create(kReplicaSets, set_of(2));
  plane.settle();
  plane.advance(seconds(3));
  const json::object failed = plane.get(kReplicaSets, "rs");
  const json::object* condition = find_condition(*object_at(failed, "status"), "ReplicaFailure");
  ASSERT_NE(condition, nullptr);
  EXPECT_EQ(text_at(*condition, "reason"), "FailedCreate");
  EXPECT_NE(text_at(*condition, "message").find("not today"), std::string::npos);
  EXPECT_GT(plane.events("FailedCreate", "rs"), 3);
  EXPECT_LT(plane.events("FailedCreate", "rs"), 20);   // it backs off
  refuse = false;
  plane.advance(seconds(60));
  EXPECT_EQ(plane.live_pods().size(), 2u);
  EXPECT_EQ(find_condition(*object_at(plane.get(kReplicaSets, "rs"), "status"), "ReplicaFailure"), nullptr);
}

TEST(ReplicaSet, ABigOneComesIntoBeingInBursts) {
  TestPlane plane;
  plane.create(kReplicaSets, set_of(1200));
  plane.settle();
  plane.advance(seconds(1));
  EXPECT_EQ(plane.live_pods().size(), 1200u);
  EXPECT_EQ(number_at(plane.get(kReplicaSets, "rs"), "status.replicas"), 1200);
  EXPECT_LE(plane.events("SuccessfulCreate", "rs"), 25);   // a flood of one reason is cut off
  EXPECT_EQ(plane.list(resources::kEvents).size(), 10u);   // and from the tenth on it shares an event
}

}   // namespace
}   // namespace ebb::sandbox::control
