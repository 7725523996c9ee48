#include "sandbox/api/request_fixture.h"

namespace ebb::sandbox {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DeletionTest : public RequestTest {
 protected:
  static std::string finalizers(const Answered& answer) {
    const json::value* value = value_at(answer.body, "metadata.finalizers");
    return value == nullptr ? "" : json::serialize(*value);
  }
};

TEST_F(DeletionTest, ADeletedObjectIsAnsweredWithItsIdentity) {
  const std::string uid = make(kConfigMaps, config_map("a")).at("metadata.uid");
  const Answered deleted = call("DELETE", at(kConfigMaps, "/a"));
  EXPECT_EQ(deleted.at("status"), "Success");
  EXPECT_EQ(deleted.body.at("details"), (json::object{{"name", "a"}, {"kind", "configmaps"}, {"uid", uid}}));
  EXPECT_EQ(call("GET", at(kConfigMaps, "/a")).status, 404);
}

TEST_F(DeletionTest, FinalizersHoldAnObjectUntilTheLastIsGone) {
  make(kConfigMaps, config_map("a", R"(,"finalizers":["x.io/one","x.io/two"])"));
  EXPECT_NE(call("DELETE", at(kConfigMaps, "/a")).at("metadata.deletionTimestamp"), "");
  call("PATCH", at(kConfigMaps, "/a"), R"({"metadata":{"finalizers":["x.io/two"]}})", std::string(kMerge));
  EXPECT_EQ(call("GET", at(kConfigMaps, "/a")).status, 200);
  const Answered added =
      call("PATCH", at(kConfigMaps, "/a"), R"({"metadata":{"finalizers":["x.io/two","x.io/three"]}})", std::string(kMerge));
  EXPECT_EQ(added.status, 422);
  EXPECT_THAT(added.message(), HasSubstr("no new finalizers can be added if the object is being deleted"));
  call("PATCH", at(kConfigMaps, "/a"), R"({"metadata":{"finalizers":null}})", std::string(kMerge));
  EXPECT_EQ(call("GET", at(kConfigMaps, "/a")).status, 404);
}

TEST_F(DeletionTest, PreconditionsProtectASuccessor) {
  const Answered made = make(kConfigMaps, config_map("a"));
  EXPECT_EQ(call("DELETE", at(kConfigMaps, "/a"), R"({"preconditions":{"uid":"other"}})").status, 409);
  EXPECT_EQ(call("DELETE", at(kConfigMaps, "/a"), R"({"preconditions":{"resourceVersion":"1"}})").status, 409);
  const std::string right = fmt::format(R"({{"preconditions":{{"uid":"{}","resourceVersion":"{}"}}}})", made.at("metadata.uid"),
                                        made.at("metadata.resourceVersion"));
  EXPECT_EQ(call("DELETE", at(kConfigMaps, "/a"), right).status, 200);
}

TEST_F(DeletionTest, AnUnboundPodGoesAtOnceAndABoundOneWaitsForItsKubelet) {
  make(kPods, pod("free"));
  EXPECT_EQ(call("DELETE", at(kPods, "/free")).at("kind"), "Pod");
  EXPECT_EQ(call("GET", at(kPods, "/free")).status, 404);

  make(kPods, pod("bound", "", R"(,"nodeName":"n")"));
  const Answered deleted = call("DELETE", at(kPods, "/bound"));
  EXPECT_EQ(deleted.at("metadata.deletionGracePeriodSeconds"), "30");
  EXPECT_EQ(deleted.at("metadata.deletionTimestamp"), "2023-11-14T22:13:50Z");
  EXPECT_EQ(call("DELETE", at(kPods, "/bound?gracePeriodSeconds=60")).at("metadata.deletionGracePeriodSeconds"), "30") << "never longer";
  EXPECT_EQ(call("DELETE", at(kPods, "/bound?gracePeriodSeconds=5")).at("metadata.deletionTimestamp"), "2023-11-14T22:13:25Z");
  EXPECT_EQ(call("DELETE", at(kPods, "/bound")).at("metadata.deletionGracePeriodSeconds"), "5");
  call("DELETE", at(kPods, "/bound?gracePeriodSeconds=0"));
  EXPECT_EQ(call("GET", at(kPods, "/bound")).status, 404);
}

TEST_F(DeletionTest, PropagationIsAFinalizerForTheGarbageCollector) {
  const std::string sets = "/apis/apps/v1/namespaces/default/replicasets";
  const std::string body = R"({"metadata":{"name":"r"},"spec":{"selector":{"matchLabels":{"a":"b"}},
      "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})";
  make(sets, body);
  EXPECT_EQ(finalizers(call("DELETE", sets + "/r?propagationPolicy=Foreground")), R"(["foregroundDeletion"])");
  EXPECT_EQ(call("DELETE", sets + "/r", R"({"propagationPolicy":"Background"})").status, 200);
  EXPECT_EQ(call("GET", sets + "/r").status, 404);
  make(sets, body);
  EXPECT_EQ(finalizers(call("DELETE", sets + "/r", R"({"orphanDependents":true})")), R"(["orphan"])");
  EXPECT_EQ(call("DELETE", sets + "/r?propagationPolicy=Sideways").status, 422);
}

TEST_F(DeletionTest, ACollectionIsDeletedBySelector) {
  make(kConfigMaps, config_map("a", R"(,"labels":{"g":"x"})"));
  make(kConfigMaps, config_map("b", R"(,"labels":{"g":"x"})"));
  make(kConfigMaps, config_map("c"));
  EXPECT_THAT(call("DELETE", at(kConfigMaps, "?labelSelector=g%3Dx")).names(), ElementsAre("a", "b"));
  EXPECT_THAT(call("GET", kConfigMaps).names(), ElementsAre("c"));
}

TEST_F(DeletionTest, OfANamespacesGraceNothingIsSaid) {
  make("/api/v1/namespaces", R"({"metadata":{"name":"shop"}})");
  const Answered deleted = call("DELETE", "/api/v1/namespaces/shop");
  EXPECT_EQ(deleted.at("metadata.deletionTimestamp"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(value_at(deleted.body, "metadata.deletionGracePeriodSeconds"), nullptr);
  make(kConfigMaps, config_map("held", R"(,"finalizers":["x.io/one"])"));
  EXPECT_EQ(call("DELETE", at(kConfigMaps, "/held")).at("metadata.deletionGracePeriodSeconds"), "0") << "as of any other kind";
}

TEST_F(DeletionTest, ADryRunDeletesNothing) {
  make(kConfigMaps, config_map("a"));
  EXPECT_EQ(call("DELETE", at(kConfigMaps, "/a"), R"({"dryRun":["All"]})").status, 200);
  EXPECT_EQ(call("GET", at(kConfigMaps, "/a")).status, 200);
}

}   // namespace
}   // namespace ebb::sandbox
