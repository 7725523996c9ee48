#include "kube/kube_cluster.h"

#include "kube/decode.h"
#include "kube/fake_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::kube {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(KubeCluster, IsSyncedWhenEverythingWasListedAndWhatIsNotInstalledIsEmpty) {
  FakeCluster fake;
  fake.holds("/api/v1/pods", R"({"metadata":{"name":"p","namespace":"x","uid":"1"}},{"metadata":{"name":"q","namespace":"x","uid":"2"}})");
  fake.holds("/api/v1/nodes", R"({"metadata":{"name":"n"}})");
  fake.holds("/apis/batch/v1/jobs", R"({"metadata":{"name":"j","namespace":"x"},"spec":{"completions":50}})");
  fake.holds(
      "fieldSelector=metadata.name%3Dopenfuyao-colocation-config&limit=500",
      R"({"metadata":{"name":"openfuyao-colocation-config","namespace":"openfuyao-system"},"data":{"colocation-policy.yaml":"text"}})");
  const auto cluster = fake.start();
  const auto events = until_synced(*cluster);
  EXPECT_EQ(only<model::PodSeen>(events).size(), 2U);
  EXPECT_EQ(only<model::NodeSeen>(events).size(), 1U);
  const auto owners = only<model::OwnerSeen>(events);
  ASSERT_EQ(owners.size(), 1U);
  EXPECT_EQ(owners[0].owner.job->completions, 50);
  const auto documents = only<model::PolicyDocumentSeen>(events);
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(documents[0].document.text, "text");
}

TEST(KubeCluster, IsNotSyncedBeforeTheMetricsWereLookedAt) {
  for (int run = 0; run < 5; ++run) {
    FakeCluster fake;
    fake.holds("/apis/metrics.k8s.io/v1beta1/nodes", R"({"metadata":{"name":"n"},"usage":{"cpu":"2","memory":"1Gi"}})");
    fake.holds("/apis/metrics.k8s.io/v1beta1/pods", R"({"metadata":{"name":"p","namespace":"x"},"containers":[{"usage":{"cpu":"1"}}]})");
    const auto cluster = fake.start();
    const auto events = until_synced(*cluster);
    EXPECT_GE(only<model::NodeUsageSeen>(events).size(), 1U);
    EXPECT_GE(only<model::PodUsageSeen>(events).size(), 1U);
  }
}

TEST(KubeCluster, KeepsAnAcceptedPolicyWithItsObjectAndReadsItBack) {
  FakeCluster fake;
  const auto cluster = fake.start();
  cluster->submit(
      1, model::KeepAcceptedPolicy{.document = {"v1", "ConfigMap", {"openfuyao-system", "c"}, model::Uid("u")}, .text = "spec: {}"});
  cluster->submit(2, model::KeepAcceptedPolicy{
                         .document = {"scheduling.openfuyao.io/v1alpha1", "ColocationPolicy", {"", "p"}, model::Uid("v")}, .text = "{}"});
  results(*cluster, 2);
  EXPECT_THAT(
      fake.writes(),
      testing::UnorderedElementsAre(
          R"(PATCH /api/v1/namespaces/openfuyao-system/configmaps/c {"metadata":{"uid":"u","annotations":{"scheduling.openfuyao.io/last-accepted":"spec: {}"}}})",
          R"(PATCH /apis/scheduling.openfuyao.io/v1alpha1/colocationpolicies/p {"metadata":{"uid":"v","annotations":{"scheduling.openfuyao.io/last-accepted":"{}"}}})"));

  const auto decoded = Decoder(ObjectType::colocation_policy).object(R"({"metadata":{"name":"p","generation":7,
                               "annotations":{"scheduling.openfuyao.io/last-accepted":"{}"}},"spec":{}})");
  ASSERT_TRUE(decoded);
  const auto& document = std::get<model::PolicyDocumentSeen>(decoded->seen).document;
  EXPECT_EQ(document.last_accepted, "{}");
  EXPECT_EQ(document.generation, 7);
}

TEST(KubeCluster, PollsMetricsWhereSomebodyMeasures) {
  FakeCluster fake;
  fake.holds("/apis/metrics.k8s.io/v1beta1/nodes", R"({"metadata":{"name":"n"},"usage":{"cpu":"2","memory":"1Gi"}})");
  const auto cluster = fake.start();
  std::size_t polls = 0;
  for (int turns = 0; turns < 20'000 && polls < 3; ++turns)
    polls += only<model::NodeUsageSeen>(cluster->take_events(10, seconds(1))).size();
  EXPECT_GE(polls, 3U);
}

TEST(KubeCluster, PerformsEveryActionAndReportsHowItWent) {
  FakeCluster fake;
  fake.refuses("POST /api/v1/namespaces/x/pods/q/binding", 409);
  const auto cluster = fake.start();
  cluster->submit(1, model::Bind{.pod = {"x", "p"}, .uid = model::Uid("u"), .node = model::NodeName("n")});
  cluster->submit(2, model::Bind{.pod = {"x", "q"}, .uid = model::Uid("v"), .node = model::NodeName("n")});
  cluster->submit(3, model::MarkUnschedulable{.pod = {"x", "r"}, .uid = model::Uid("w"), .message = "0/3 nodes"});
  cluster->submit(4, model::PublishOversold{.node = model::NodeName("n"), .cpu = MilliCpu{1500}, .memory = std::nullopt});
  const auto done = results(*cluster, 4);
  EXPECT_FALSE(done.at(1));
  ASSERT_TRUE(done.at(2));
  EXPECT_EQ(done.at(2)->code, Errc::conflict);
  const auto writes = fake.writes();
  EXPECT_THAT(writes, Contains(StartsWith("POST /api/v1/namespaces/x/pods/p/binding")));
  EXPECT_THAT(
      writes,
      Contains(
          R"(PATCH /api/v1/namespaces/x/pods/r/status {"status":{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes","lastTransitionTime":"2026-11-18T11:06:40Z"}]},"metadata":{"uid":"w"}})"));
  EXPECT_THAT(
      writes,
      Contains(
          R"(PATCH /api/v1/nodes/n/status {"metadata":{"annotations":{"scheduling.openfuyao.io/oversold-by":"ebb"}},"status":{"capacity":{"kubernetes.io/batch-cpu":"1500","kubernetes.io/batch-memory":null},"allocatable":{"kubernetes.io/batch-cpu":"1500","kubernetes.io/batch-memory":null}}})"));
}

TEST(KubeCluster, ActionsOnOneObjectKeepTheirOrder) {
  FakeCluster fake;
  const auto cluster = fake.start();
  std::vector<std::string> expected;
  for (std::uint64_t i = 1; i <= 30; ++i) {
    cluster->submit(i, model::PublishOversold{.node = model::NodeName("n"), .cpu = MilliCpu{static_cast<std::int64_t>(i)}, .memory = {}});
    expected.push_back(fmt::format("\"kubernetes.io/batch-cpu\":\"{}\"", i));
  }
  results(*cluster, 30);
  const auto writes = fake.writes();
  ASSERT_EQ(writes.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_THAT(writes[i], HasSubstr(expected[i]));
}

TEST(KubeCluster, CountsARepeatedEventInsteadOfPostingItAgain) {
  FakeCluster fake;
  const auto cluster = fake.start();
  model::PostEvent event{.regarding = {.api_version = "v1", .kind = "Node", .key = {"", "n1"}, .uid = model::Uid("u")},
                         .warning = false,
                         .reason = "ColocationScheduled",
                         .action = "Binding",
                         .note = std::string(1023, 'x') + "é"};
  for (std::uint64_t i = 1; i <= 3; ++i) cluster->submit(i, event);
  event.note = "another";
  cluster->submit(4, event);
  results(*cluster, 4);
  const auto writes = fake.writes();
  ASSERT_EQ(writes.size(), 3U);
  EXPECT_THAT(writes[0], StartsWith("POST /apis/events.k8s.io/v1/namespaces/default/events "));
  EXPECT_THAT(writes[0], HasSubstr(R"("type":"Normal","reason":"ColocationScheduled","action":"Binding","note":"xxx)"));
  EXPECT_THAT(writes[0], testing::Not(HasSubstr("é"))) << "a note holds 1024 bytes, and no half characters";
  EXPECT_THAT(writes[1], HasSubstr(R"({"series":{"count":2,"lastObservedTime":"2026-11-18T11:06:40.000000Z"}})"));
  EXPECT_THAT(writes[1], StartsWith("PATCH /apis/events.k8s.io/v1/namespaces/default/events/n1."));
  EXPECT_THAT(writes[2], StartsWith("POST "));
}

TEST(KubeCluster, WritesAPolicysConditionOnlyWhereItSaysSomethingNew) {
  FakeCluster fake;
  const std::string path = "/apis/scheduling.openfuyao.io/v1alpha1/colocationpolicies/p";
  fake.holds(path, R"({"one":1,"metadata":{"name":"p","uid":"u","resourceVersion":"7","generation":3},"status":{"conditions":[
    {"type":"Other","status":"True"},
    {"type":"Accepted","status":"True","reason":"Applied","message":"","lastTransitionTime":"2026-01-01T00:00:00Z","observedGeneration":3}]}})");
  const auto cluster = fake.start();
  cluster->submit(
      1, model::SetPolicyCondition{.policy = {"", "p"}, .uid = model::Uid("u"), .accepted = true, .reason = "Applied", .message = ""});
  cluster->submit(
      2, model::SetPolicyCondition{.policy = {"", "p"}, .uid = model::Uid("u"), .accepted = false, .reason = "Invalid", .message = "m"});
  cluster->submit(3, model::SetPolicyCondition{
                         .policy = {"", "p"}, .uid = model::Uid("other"), .accepted = false, .reason = "Invalid", .message = "m"});
  const auto done = results(*cluster, 3);
  EXPECT_FALSE(done.at(1));
  EXPECT_FALSE(done.at(2));
  ASSERT_TRUE(done.at(3));
  EXPECT_EQ(done.at(3)->code, Errc::conflict);
  EXPECT_THAT(
      fake.writes(),
      ElementsAre(
          "PATCH " + path +
          R"(/status {"metadata":{"resourceVersion":"7"},"status":{"conditions":[{"type":"Other","status":"True"},{"type":"Accepted","status":"False","reason":"Invalid","message":"m","lastTransitionTime":"2026-11-18T11:06:40Z","observedGeneration":3}]}})"));
}

TEST(KubeCluster, ActionsOverTheLimitComeBackAtOnce) {
  FakeCluster fake;
  const auto cluster = fake.start({.workers = 0, .actions_max = 1});
  cluster->submit(1, model::Bind{.pod = {"x", "p"}, .uid = model::Uid("u"), .node = model::NodeName("n")});
  cluster->submit(2, model::Bind{.pod = {"x", "p"}, .uid = model::Uid("u"), .node = model::NodeName("n")});
  const auto done = results(*cluster, 1);
  ASSERT_TRUE(done.at(2));
  EXPECT_EQ(done.at(2)->code, Errc::overloaded);
}

TEST(KubeCluster, StopsWhileItsQueueIsFullAndNobodyTakes) {
  FakeCluster fake;
  std::string pods;
  for (int i = 0; i < 50; ++i)
    pods += fmt::format(R"({}{{"metadata":{{"name":"p{}","namespace":"x","uid":"{}"}}}})", i == 0 ? "" : ",", i, i);
  fake.holds("/api/v1/pods", pods);
  auto cluster = fake.start({.events_max = 3});
  EXPECT_EQ(cluster->take_events(2, seconds(1000)).empty(), false);
  cluster.reset();
}

}   // namespace
}   // namespace ebb::kube
