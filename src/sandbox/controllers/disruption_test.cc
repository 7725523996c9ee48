#include "sandbox/controllers/test_plane.h"

namespace ebb::sandbox::control {
namespace {

using resources::kDisruptionBudgets;
using resources::kPods;

class Disruption : public testing::Test {
 protected:
  void run_web(int replicas) {
    plane.create(resources::kDeployments,
                 fmt::format(R"({{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web","namespace":"default"}},
      "spec":{{"replicas":{},"selector":{{"matchLabels":{{"app":"web"}}}},
               "template":{{"metadata":{{"labels":{{"app":"web"}}}},"spec":{{"containers":[{{"name":"main","image":"x"}}]}}}}}}}})",
                             replicas));
    plane.settle();
    plane.start_pods();
  }
  void budget(std::string_view field, json::value value) {
    json::object object =
        from_json(R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"pdb","namespace":"default"},
                                        "spec":{"selector":{"matchLabels":{"app":"web"}}}})");
    child(object, "spec")[field] = std::move(value);
    plane.create(kDisruptionBudgets, std::move(object));
    plane.settle();
  }
  std::int64_t status(std::string_view field) {
    return number_at(*object_at(plane.get(kDisruptionBudgets, "pdb"), "status"), field).value_or(-1);
  }
  std::string condition() {
    const json::object object = plane.get(kDisruptionBudgets, "pdb");
    const json::object* found = find_condition(*object_at(object, "status"), "DisruptionAllowed");
    return found == nullptr ? "" : text_at(*found, "status") + " " + text_at(*found, "reason");
  }

  TestPlane plane;
};

TEST_F(Disruption, AMinimumLeavesWhatIsAboveIt) {
  run_web(5);
  budget("minAvailable", 3);
  EXPECT_EQ(status("expectedPods"), 5);
  EXPECT_EQ(status("currentHealthy"), 5);
  EXPECT_EQ(status("desiredHealthy"), 3);
  EXPECT_EQ(status("disruptionsAllowed"), 2);
  EXPECT_EQ(condition(), "True SufficientPods");
  plane.set_phase(key_of(plane.live_pods()[0]), "Running", false);
  plane.settle();
  EXPECT_EQ(status("disruptionsAllowed"), 1);
}

TEST_F(Disruption, PercentagesAreOfWhatTheOwnersWantAndRoundUp) {
  run_web(7);
  budget("maxUnavailable", "30%");
  EXPECT_EQ(status("expectedPods"), 7);
  EXPECT_EQ(status("desiredHealthy"), 4);   // 30 % of 7 is 2.1: three may be away
  EXPECT_EQ(status("disruptionsAllowed"), 3);
  plane.edit(resources::kDeployments, {"default", "web"}, [](json::object& object) { child(object, "spec")["replicas"] = 10; });
  plane.settle();
  EXPECT_EQ(status("expectedPods"), 10);
  EXPECT_EQ(status("disruptionsAllowed"), 0);   // the new ones are not ready yet
  EXPECT_EQ(condition(), "False InsufficientPods");
}

TEST_F(Disruption, InARolloutTheDeploymentCountsOnce) {
  run_web(4);
  budget("minAvailable", "50%");
  plane.edit(resources::kDeployments, {"default", "web"}, [](json::object& object) {
    child(child(child(object, "spec"), "template"), "spec")["containers"].get_array()[0].get_object()["image"] = "y";
  });
  plane.settle();
  EXPECT_EQ(status("expectedPods"), 4);
  EXPECT_EQ(status("desiredHealthy"), 2);
}

TEST_F(Disruption, PodsWithoutAnOwnerAllowNothingByPercentage) {
  plane.create(kPods, R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"lone","namespace":"default","labels":{"app":"web"}},
                          "spec":{"containers":[{"name":"main","image":"x"}]}})");
  plane.start_pods();
  budget("maxUnavailable", "50%");
  EXPECT_EQ(status("expectedPods"), 0);
  EXPECT_EQ(status("disruptionsAllowed"), 0);
  EXPECT_EQ(condition(), "False InsufficientPods");
  EXPECT_GE(plane.events("UnmanagedPods", "pdb"), 1);
}

TEST_F(Disruption, AnOwnerOfAnUnknownKindFailsSafe) {
  plane.create(kPods, R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"odd","namespace":"default","labels":{"app":"web"},
                          "ownerReferences":[{"apiVersion":"nowhere.io/v1","kind":"Thing","name":"t","uid":"u","controller":true}]},
                          "spec":{"containers":[{"name":"main","image":"x"}]}})");
  plane.start_pods();
  budget("maxUnavailable", "50%");
  EXPECT_EQ(status("disruptionsAllowed"), 0);
  EXPECT_EQ(condition(), "False SyncFailed");
}

TEST_F(Disruption, CustomWorkloadsAreCountedByTheirScale) {
  plane.create(resources::kCustomResourceDefinitions, R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
    "metadata":{"name":"fleets.example.com"},
    "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"fleets","singular":"fleet","kind":"Fleet","listKind":"FleetList"},
            "versions":[{"name":"v1","served":true,"storage":true,
                         "subresources":{"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}},
                         "schema":{"openAPIV3Schema":{"type":"object","properties":{
                           "spec":{"type":"object","properties":{"replicas":{"type":"integer"}}},
                           "status":{"type":"object","properties":{"replicas":{"type":"integer"}}}}}}}]}})");
  const json::object fleet = plane.create({"example.com", "v1", "fleets"}, R"({"apiVersion":"example.com/v1","kind":"Fleet",
    "metadata":{"name":"f","namespace":"default"},"spec":{"replicas":4}})");
  json::object pod = from_json(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"default","labels":{"app":"web"}},
                                   "spec":{"containers":[{"name":"main","image":"x"}]}})");
  child(pod, "metadata")["ownerReferences"] = json::array{make_controller_reference(fleet)};
  plane.create(kPods, std::move(pod));
  plane.start_pods();
  budget("maxUnavailable", "25%");
  EXPECT_EQ(status("expectedPods"), 4);
  EXPECT_EQ(status("desiredHealthy"), 3);
}

TEST_F(Disruption, AnEvictionThatDoesNotComeIsForgottenAfterTwoMinutes) {
  run_web(3);
  budget("minAvailable", 2);
  const std::string pod = text_at(plane.live_pods()[0], "metadata.name");
  plane.edit(
      kDisruptionBudgets, {"default", "pdb"},
      [&](json::object& object) { child(child(object, "status"), "disruptedPods")[pod] = model::to_timestamp_text(plane.now); }, "status");
  plane.settle();
  EXPECT_EQ(status("currentHealthy"), 2);
  EXPECT_EQ(status("disruptionsAllowed"), 0);
  plane.advance(seconds(121));
  EXPECT_EQ(status("disruptionsAllowed"), 1);
  EXPECT_EQ(value_at(plane.get(kDisruptionBudgets, "pdb"), "status.disruptedPods"), nullptr);
}

}   // namespace
}   // namespace ebb::sandbox::control
