// What is written when room is made, a volume is bound or a gang's status changes.

#include "kube/fake_cluster.h"

#include <gmock/gmock.h>

namespace ebb::kube {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What one action writes, in order, and how it went.
struct Written {
  std::vector<std::string> writes;
  std::optional<Error> error;
};

Written perform(FakeCluster& fake, model::ClusterAction action) {
  const auto cluster = fake.start();
  cluster->submit(1, std::move(action));
  auto done = results(*cluster, 1);
  return {fake.writes(), std::move(done[1])};
}

const model::Evict kEvict{.pod = {"x", "p"}, .uid = model::Uid("u"), .reason = "PreemptionByScheduler", .message = "room for y/q"};
constexpr std::string_view kDelete =
    R"(DELETE /api/v1/namespaces/x/pods/p {"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"u"}})";

TEST(SchedulingActions, AnEvictedPodIsToldWhyAndThenDeletedWithItsOwnGrace) {
  FakeCluster fake;
  const Written done = perform(fake, kEvict);
  EXPECT_FALSE(done.error);
  EXPECT_THAT(
      done.writes,
      ElementsAre(
          R"(PATCH /api/v1/namespaces/x/pods/p/status {"metadata":{"uid":"u"},"status":{"conditions":[{"type":"DisruptionTarget","status":"True","reason":"PreemptionByScheduler","message":"room for y/q","lastTransitionTime":"2026-11-18T11:06:40Z"}]}})",
          kDelete));
}

TEST(SchedulingActions, AVictimThatIsGoneAlreadyIsWhatWasWanted) {
  FakeCluster before;
  before.refuses("PATCH", 404);
  EXPECT_FALSE(perform(before, kEvict).error);
  FakeCluster between;
  between.refuses("DELETE", 404);
  EXPECT_FALSE(perform(between, kEvict).error);
}

TEST(SchedulingActions, AnotherPodOfTheVictimsNameIsLeftAlone) {
  FakeCluster fake;
  fake.refuses("PATCH", 409);
  const Written done = perform(fake, kEvict);
  ASSERT_TRUE(done.error);
  EXPECT_EQ(done.error->code, Errc::conflict);
  EXPECT_EQ(done.writes.size(), 1U) << "and nothing is deleted";
}

TEST(SchedulingActions, ANominationIsWrittenAndWithdrawn) {
  FakeCluster fake;
  const auto cluster = fake.start();
  cluster->submit(1, model::Nominate{.pod = {"x", "p"}, .uid = model::Uid("u"), .node = model::NodeName("n")});
  cluster->submit(2, model::Nominate{.pod = {"x", "p"}, .uid = model::Uid("u"), .node = {}});
  results(*cluster, 2);
  EXPECT_THAT(fake.writes(),
              ElementsAre(R"(PATCH /api/v1/namespaces/x/pods/p/status {"metadata":{"uid":"u"},"status":{"nominatedNodeName":"n"}})",
                          R"(PATCH /api/v1/namespaces/x/pods/p/status {"metadata":{"uid":"u"},"status":{"nominatedNodeName":null}})"));
}

TEST(SchedulingActions, AClaimIsToldWhereItsConsumerGoes) {
  FakeCluster fake;
  const auto cluster = fake.start();
  cluster->submit(1, model::SelectClaimNode{.claim = {"x", "c"}, .uid = model::Uid("u"), .node = model::NodeName("n")});
  cluster->submit(2, model::SelectClaimNode{.claim = {"x", "c"}, .uid = model::Uid("u"), .node = {}});
  results(*cluster, 2);
  EXPECT_THAT(
      fake.writes(),
      ElementsAre(
          R"(PATCH /api/v1/namespaces/x/persistentvolumeclaims/c {"metadata":{"uid":"u","annotations":{"volume.kubernetes.io/selected-node":"n"}}})",
          R"(PATCH /api/v1/namespaces/x/persistentvolumeclaims/c {"metadata":{"uid":"u","annotations":{"volume.kubernetes.io/selected-node":null}}})"));
}

const model::BindVolume kBind{.volume = "pv", .resource_version = "5", .claim = {"x", "c"}, .claim_uid = model::Uid("cu")};

Written bind_volume(std::string spec) {
  FakeCluster fake;
  fake.holds("/api/v1/persistentvolumes/pv", R"({"one":1,"metadata":{"name":"pv","resourceVersion":"6"},"spec":)" + std::move(spec) + "}");
  return perform(fake, kBind);
}

TEST(SchedulingActions, AFreeVolumeIsReservedForTheClaimUnlessItHasChanged) {
  EXPECT_THAT(
      bind_volume("{}").writes,
      ElementsAre(
          R"(PATCH /api/v1/persistentvolumes/pv {"metadata":{"resourceVersion":"5","annotations":{"pv.kubernetes.io/bound-by-controller":"yes"}},"spec":{"claimRef":{"apiVersion":"v1","kind":"PersistentVolumeClaim","namespace":"x","name":"c","uid":"cu"}}})"));
  EXPECT_THAT(
      bind_volume(R"({"claimRef":{"namespace":"x","name":"c"}})").writes,
      ElementsAre(
          R"(PATCH /api/v1/persistentvolumes/pv {"metadata":{"resourceVersion":"5"},"spec":{"claimRef":{"apiVersion":"v1","kind":"PersistentVolumeClaim","namespace":"x","name":"c","uid":"cu"}}})"))
      << "whoever reserved it by hand keeps the reservation";
}

TEST(SchedulingActions, AVolumeThatIsTakenStaysWithItsClaim) {
  const Written ours = bind_volume(R"({"claimRef":{"namespace":"x","name":"c","uid":"cu"}})");
  EXPECT_THAT(ours.writes, IsEmpty());
  EXPECT_FALSE(ours.error);
  for (const char* spec :
       {R"({"claimRef":{"namespace":"x","name":"other","uid":"o"}})", R"({"claimRef":{"namespace":"x","name":"c","uid":"older"}})"}) {
    const Written taken = bind_volume(spec);
    EXPECT_THAT(taken.writes, IsEmpty());
    ASSERT_TRUE(taken.error);
    EXPECT_EQ(taken.error->code, Errc::conflict);
  }
}

constexpr std::string_view kVolcanoPath = "/apis/scheduling.volcano.sh/v1beta1/namespaces/x/podgroups/g";

model::SetPodGroupStatus volcano_status() {
  return {.dialect = model::PodGroupDialect::volcano,
          .group = {"x", "g"},
          .api_version = "scheduling.volcano.sh/v1beta1",
          .phase = "Running",
          .running = 3,
          .condition_type = "Scheduled",
          .condition = true,
          .reason = "tasks in gang are ready to be scheduled",
          .message = "m"};
}

TEST(SchedulingActions, AVolcanoGroupGetsItsPhaseCountsAndANumberedTransition) {
  FakeCluster fake;
  fake.holds(std::string(kVolcanoPath), R"({"one":1,"metadata":{"uid":"gu","resourceVersion":"9"},"status":{"phase":"Inqueue","failed":1,
      "conditions":[{"type":"Unschedulable","status":"True","transitionID":"t"}]}})");
  EXPECT_THAT(
      perform(fake, volcano_status()).writes,
      ElementsAre(fmt::format(
          R"(PATCH {}/status {{"metadata":{{"resourceVersion":"9"}},"status":{{"phase":"Running","running":3,"failed":0,"conditions":[{{"type":"Unschedulable","status":"True","transitionID":"t"}},{{"type":"Scheduled","status":"True","reason":"tasks in gang are ready to be scheduled","message":"m","lastTransitionTime":"2026-11-18T11:06:40Z","transitionID":"gu/9"}}]}}}})",
          kVolcanoPath)));
}

TEST(SchedulingActions, AGroupWithoutAStatusSubresourceIsWrittenAsAWhole) {
  FakeCluster fake;
  fake.holds(std::string(kVolcanoPath), R"({"one":1,"metadata":{"resourceVersion":"9"}})");
  fake.refuses(fmt::format("PATCH {}/status", kVolcanoPath), 404);
  const Written done = perform(fake, volcano_status());
  EXPECT_FALSE(done.error);
  ASSERT_EQ(done.writes.size(), 2U);
  EXPECT_THAT(done.writes[1], testing::StartsWith(fmt::format("PATCH {} {{", kVolcanoPath)));
}

TEST(SchedulingActions, AStatusThatSaysItAlreadyIsNotWrittenAgain) {
  FakeCluster fake;
  fake.holds(std::string(kVolcanoPath),
             R"({"one":1,"metadata":{"resourceVersion":"9"},"status":{"phase":"Running","running":3,"conditions":[
      {"type":"Scheduled","status":"True","reason":"tasks in gang are ready to be scheduled","message":"m","transitionID":"old"}]}})");
  EXPECT_THAT(perform(fake, volcano_status()).writes, IsEmpty());
}

TEST(SchedulingActions, APluginsGroupHasPhaseAndCountsOnly) {
  FakeCluster fake;
  const std::string path = "/apis/scheduling.x-k8s.io/v1alpha1/namespaces/x/podgroups/g";
  fake.holds(path, R"({"one":1,"metadata":{"resourceVersion":"9"},"status":{"phase":"Pending"}})");
  model::SetPodGroupStatus status = volcano_status();
  status.dialect = model::PodGroupDialect::scheduler_plugins;
  status.api_version = "scheduling.x-k8s.io/v1alpha1";
  status.phase = "Scheduling";
  EXPECT_THAT(perform(fake, status).writes,
              ElementsAre("PATCH " + path + R"(/status {"metadata":{"resourceVersion":"9"},"status":{"phase":"Scheduling","running":3}})"));
}

model::SetPodGroupStatus kubernetes_status(bool scheduled) {
  return {.dialect = model::PodGroupDialect::kubernetes,
          .group = {"x", "g"},
          .api_version = "scheduling.k8s.io/v1beta1",
          .phase = "Running",
          .condition_type = "PodGroupInitiallyScheduled",
          .condition = scheduled,
          .reason = scheduled ? "Scheduled" : "Unschedulable",
          .message = "m"};
}

TEST(SchedulingActions, AKubernetesGroupHasConditionsOnlyAndOnceScheduledStaysSo) {
  const std::string path = "/apis/scheduling.k8s.io/v1beta1/namespaces/x/podgroups/g";
  FakeCluster fresh;
  fresh.holds(path, R"({"one":1,"metadata":{"resourceVersion":"9","generation":2},"status":{"conditions":[
      {"type":"PodGroupInitiallyScheduled","status":"False","reason":"Unschedulable","message":"old","lastTransitionTime":"2026-01-01T00:00:00Z"}]}})");
  EXPECT_THAT(
      perform(fresh, kubernetes_status(false)).writes,
      ElementsAre(
          "PATCH " + path +
          R"(/status {"metadata":{"resourceVersion":"9"},"status":{"conditions":[{"type":"PodGroupInitiallyScheduled","status":"False","reason":"Unschedulable","message":"m","lastTransitionTime":"2026-01-01T00:00:00Z","observedGeneration":2}]}})"));
  FakeCluster scheduled;
  scheduled.holds(
      path,
      R"({"one":1,"metadata":{"resourceVersion":"9"},"status":{"conditions":[{"type":"PodGroupInitiallyScheduled","status":"True","reason":"Scheduled"}]}})");
  EXPECT_THAT(perform(scheduled, kubernetes_status(false)).writes, IsEmpty());
}

TEST(KubeClusterKinds, EveryKindIsListedAndACustomOneIsPickedUpWhenItIsInstalledLater) {
  FakeCluster fake;
  fake.holds("/api/v1/namespaces", R"({"metadata":{"name":"x","uid":"1","labels":{"a":"b"}}})");
  fake.holds("/api/v1/services", R"({"metadata":{"name":"s","namespace":"x","uid":"2"},"spec":{"selector":{"a":"b"}}})");
  fake.holds("/apis/policy/v1/poddisruptionbudgets", R"({"metadata":{"name":"b","namespace":"x","uid":"3"},"spec":{}})");
  fake.holds("/api/v1/persistentvolumeclaims", R"({"metadata":{"name":"c","namespace":"x","uid":"4"},"spec":{}})");
  fake.holds("/api/v1/persistentvolumes", R"({"metadata":{"name":"v","uid":"5"},"spec":{}})");
  fake.holds("/apis/storage.k8s.io/v1/storageclasses", R"({"metadata":{"name":"k","uid":"6"},"provisioner":"p"})");
  fake.holds("/apis/storage.k8s.io/v1/csinodes", R"({"metadata":{"name":"n","uid":"7"},"spec":{"drivers":[]}})");
  fake.holds("/apis/storage.k8s.io/v1/csidrivers", R"({"metadata":{"name":"d","uid":"8"},"spec":{}})");
  fake.holds("/apis/storage.k8s.io/v1/csistoragecapacities",
             R"({"metadata":{"name":"z","namespace":"x","uid":"9"},"storageClassName":"k"})");
  fake.holds("/api/v1/replicationcontrollers", R"({"metadata":{"name":"r","namespace":"x","uid":"10"},"spec":{"selector":{"a":"b"}}})");
  fake.holds("/apis/scheduling.k8s.io/v1beta1/podgroups", R"({"metadata":{"name":"g","namespace":"x","uid":"11"},"spec":{}})");
  const auto cluster = fake.start();
  const auto events = until_synced(*cluster);
  EXPECT_EQ(only<model::NamespaceSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::ServiceSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::DisruptionBudgetSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::VolumeClaimSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::VolumeSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::StorageClassSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::CsiNodeSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::CsiDriverSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::CsiStorageCapacitySeen>(events).size(), 1U);
  EXPECT_EQ(only<model::OwnerSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::PodGroupSeen>(events).size(), 1U);
  EXPECT_EQ(only<model::QueueSeen>(events).size(), 0U);
  fake.holds("/apis/scheduling.volcano.sh/v1beta1/queues", R"({"metadata":{"name":"q","uid":"12"},"spec":{"weight":2}})");
  std::vector<model::QueueSeen> queues;
  for (int turns = 0; turns < 20'000 && queues.empty(); ++turns) queues = only<model::QueueSeen>(cluster->take_events(10, seconds(1)));
  ASSERT_EQ(queues.size(), 1U);
  EXPECT_EQ(queues[0].queue.weight, 2);
}

}   // namespace
}   // namespace ebb::kube
