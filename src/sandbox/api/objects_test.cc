#include "sandbox/api/request_fixture.h"

namespace ebb::sandbox {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;

class ObjectsTest : public RequestTest {};

TEST_F(ObjectsTest, ACreatedObjectHasIdentityVersionAndManagers) {
  const Answered made = make(kConfigMaps, config_map("a", "", R"({"k":"v"})"));
  EXPECT_EQ(made.at("metadata.namespace"), "default");
  EXPECT_EQ(made.at("metadata.uid").size(), 36u);
  EXPECT_EQ(made.at("metadata.creationTimestamp"), "2023-11-14T22:13:20Z");
  EXPECT_NE(made.at("metadata.resourceVersion"), "");
  const json::array* managers = array_in(metadata_of(made.body), "managedFields");
  ASSERT_NE(managers, nullptr);
  EXPECT_EQ(text_in(managers->at(0).as_object(), "manager"), "tests");
  EXPECT_EQ(call("GET", at(kConfigMaps, "/a")).body, made.body);
}

TEST_F(ObjectsTest, LabelKeysOfANewPodAreWrittenIntoItsSelectors) {
  const Answered made =
      make("/api/v1/namespaces/default/pods", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"rev":"7","tenant":"t"}},
    "spec":{"containers":[{"name":"c","image":"x"}],
      "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{},"matchLabelKeys":["rev","none"]}],
      "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
        {"topologyKey":"host","labelSelector":{"matchLabels":{"a":"b"}},"matchLabelKeys":["rev"],"mismatchLabelKeys":["tenant"]}]}}}})");
  ASSERT_EQ(made.status, 201) << made.message();
  const json::object& spec = made.body.at("spec").as_object();
  EXPECT_EQ(json::serialize(spec.at("topologySpreadConstraints").at(0).at("labelSelector")),
            R"({"matchExpressions":[{"key":"rev","operator":"In","values":["7"]}]})");
  EXPECT_EQ(
      json::serialize(
          spec.at("affinity").at("podAntiAffinity").at("requiredDuringSchedulingIgnoredDuringExecution").at(0).at("labelSelector")),
      R"({"matchLabels":{"a":"b"},"matchExpressions":[{"key":"rev","operator":"In","values":["7"]},{"key":"tenant","operator":"NotIn","values":["t"]}]})");
}

TEST_F(ObjectsTest, TheSameNameTwiceIsRefused) {
  make(kConfigMaps, config_map("a"));
  const Answered second = call("POST", kConfigMaps, config_map("a"));
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.reason(), "AlreadyExists");
  EXPECT_EQ(second.message(), R"(configmaps "a" already exists)");
  EXPECT_EQ(second.body.at("details"), (json::object{{"name", "a"}, {"kind", "configmaps"}}));
}

TEST_F(ObjectsTest, WhatIsNotThereIsNotFoundUnderItsQualifiedName) {
  EXPECT_EQ(call("GET", at(kConfigMaps, "/x")).message(), R"(configmaps "x" not found)");
  const Answered grouped = call("GET", "/apis/apps/v1/namespaces/default/deployments/x");
  EXPECT_EQ(grouped.status, 404);
  EXPECT_EQ(grouped.message(), R"(deployments.apps "x" not found)");
}

TEST_F(ObjectsTest, ANamespaceThatDoesNotExistTakesNothing) {
  const Answered refused = call("POST", "/api/v1/namespaces/none/configmaps", config_map("a"));
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.message(), R"(namespaces "none" not found)");
}

TEST_F(ObjectsTest, ATerminatingNamespaceTakesNothingNew) {
  make("/api/v1/namespaces", R"({"metadata":{"name":"leaving"}})");
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces/leaving").at("status.phase"), "Terminating");
  const Answered refused = call("POST", "/api/v1/namespaces/leaving/configmaps", config_map("a"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.message(), HasSubstr("unable to create new content in namespace leaving because it is being terminated"));
  EXPECT_THAT(refused.text, HasSubstr("NamespaceTerminating"));
}

TEST_F(ObjectsTest, ANamespaceGoesWhenItsFinalizersAreTakenAway) {
  make("/api/v1/namespaces", R"({"metadata":{"name":"leaving"}})");
  call("DELETE", "/api/v1/namespaces/leaving");
  EXPECT_EQ(call("PUT", "/api/v1/namespaces/leaving", R"({"metadata":{"name":"leaving"},"spec":{"finalizers":[]}})").at("spec.finalizers"),
            "");
  EXPECT_EQ(call("GET", "/api/v1/namespaces/leaving").status, 200) << "only the finalize subresource writes finalizers";
  EXPECT_EQ(call("PUT", "/api/v1/namespaces/leaving/finalize", R"({"metadata":{"name":"leaving"},"spec":{"finalizers":[]}})").status, 200);
  EXPECT_EQ(call("GET", "/api/v1/namespaces/leaving").status, 404);
}

TEST_F(ObjectsTest, BuiltinNamespacesCannotBeDeleted) {
  const Answered refused = call("DELETE", "/api/v1/namespaces/kube-system");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.message(), R"(namespaces "kube-system" is forbidden: this namespace may not be deleted)");
}

TEST_F(ObjectsTest, GeneratedNamesAreUnique) {
  const std::string body = R"({"metadata":{"generateName":"job-"}})";
  const std::string first = make(kConfigMaps, body).at("metadata.name");
  const std::string second = make(kConfigMaps, body).at("metadata.name");
  EXPECT_THAT(first, AllOf(StartsWith("job-"), SizeIs(9)));
  EXPECT_NE(first, second);
}

TEST_F(ObjectsTest, ADryRunLeavesNothing) {
  const std::string version = call("GET", kConfigMaps).at("metadata.resourceVersion");
  EXPECT_EQ(make(at(kConfigMaps, "?dryRun=All"), config_map("a")).at("metadata.name"), "a");
  EXPECT_EQ(call("GET", at(kConfigMaps, "/a")).status, 404);
  EXPECT_EQ(call("GET", kConfigMaps).at("metadata.resourceVersion"), version);
  EXPECT_EQ(call("POST", at(kConfigMaps, "?dryRun=Some"), config_map("a")).status, 422);
}

TEST_F(ObjectsTest, AnUpdateFromAStaleVersionConflicts) {
  json::object first = make(kConfigMaps, config_map("a")).body;
  first["data"] = json::object{{"k", "1"}};
  EXPECT_EQ(call("PUT", at(kConfigMaps, "/a"), json::serialize(first)).status, 200);
  const Answered stale = call("PUT", at(kConfigMaps, "/a"), json::serialize(first));
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.message(),
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the "
            "latest version and try again");
}

TEST_F(ObjectsTest, AnUpdateThatChangesNothingKeepsTheVersion) {
  const Answered made = make(kConfigMaps, config_map("a", "", R"({"k":"v"})"));
  now_ = now_ + seconds(10);
  EXPECT_EQ(call("PUT", at(kConfigMaps, "/a"), json::serialize(made.body)).at("metadata.resourceVersion"),
            made.at("metadata.resourceVersion"));
}

TEST_F(ObjectsTest, AnUpdateCannotChangeIdentity) {
  json::object body = make(kConfigMaps, config_map("a")).body;
  const json::value uid = body.at("metadata").at("uid");
  body["metadata"].as_object()["creationTimestamp"] = "2000-01-01T00:00:00Z";
  EXPECT_EQ(call("PUT", at(kConfigMaps, "/a"), json::serialize(body)).at("metadata.creationTimestamp"), "2023-11-14T22:13:20Z");
  body["metadata"].as_object().erase("resourceVersion");
  body["metadata"].as_object()["uid"] = "other";
  EXPECT_EQ(call("PUT", at(kConfigMaps, "/a"), json::serialize(body)).status, 409);
  EXPECT_EQ(call("PUT", at(kConfigMaps, "/b"), json::serialize(body)).status, 400);
  EXPECT_EQ(call("GET", at(kConfigMaps, "/a")).body.at("metadata").at("uid"), uid);
}

TEST_F(ObjectsTest, LeasesAreCreatedByUpdateAndUpdatedByVersionOnly) {
  const std::string url = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n";
  const std::string body = R"({"metadata":{"name":"n"},"spec":{"holderIdentity":"n"}})";
  EXPECT_EQ(call("PUT", url, body).status, 201);
  const Answered blind = call("PUT", url, R"({"metadata":{"name":"n"},"spec":{"holderIdentity":"m"}})");
  EXPECT_EQ(blind.status, 422);
  EXPECT_THAT(blind.message(), HasSubstr("metadata.resourceVersion: Invalid value: 0: must be specified for an update"));
}

TEST_F(ObjectsTest, TheGenerationCountsChangesOfWhatIsDesired) {
  const std::string url = "/apis/apps/v1/namespaces/default/deployments";
  make(url, R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
      "spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  EXPECT_EQ(call("PATCH", url + "/d", R"({"metadata":{"labels":{"x":"y"}}})", std::string(kMerge)).at("metadata.generation"), "1");
  EXPECT_EQ(call("PATCH", url + "/d", R"({"spec":{"paused":true}})", std::string(kMerge)).at("metadata.generation"), "2");
  EXPECT_EQ(call("PATCH", url + "/d/status", R"({"status":{"replicas":3}})", std::string(kMerge)).at("metadata.generation"), "2");
}

TEST_F(ObjectsTest, StatusAndTheRestAreWrittenApart) {
  make(kPods, pod("p"));
  const Answered status =
      call("PATCH", at(kPods, "/p/status"), R"({"spec":{"nodeName":"x"},"status":{"message":"m"}})", std::string(kMerge));
  EXPECT_EQ(status.at("status.message"), "m");
  EXPECT_EQ(status.at("spec.nodeName"), "");
  EXPECT_EQ(call("PATCH", at(kPods, "/p"), R"({"status":{"message":"n"}})", std::string(kMerge)).at("status.message"), "m");
}

TEST_F(ObjectsTest, ANewPodIsPendingWithItsQualityOfServiceTolerationsAndPriority) {
  const Answered made = make(kPods, pod("p"));
  EXPECT_EQ(made.at("status.phase"), "Pending");
  EXPECT_EQ(made.at("status.qosClass"), "BestEffort");
  EXPECT_EQ(made.at("spec.priority"), "0");
  EXPECT_EQ(made.at("spec.serviceAccountName"), "default");
  EXPECT_THAT(made.body.at("spec").at("tolerations").as_array(), SizeIs(2));
}

TEST_F(ObjectsTest, APriorityClassBecomesAPriority) {
  EXPECT_EQ(make(kPods, pod("p", "", R"(,"priorityClassName":"system-node-critical")")).at("spec.priority"), "2000001000");
  const Answered refused = call("POST", kPods, pod("q", "", R"(,"priorityClassName":"none")"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.message(), R"(pods "q" is forbidden: no PriorityClass with name none was found)");
}

TEST_F(ObjectsTest, UnknownAndDuplicateFieldsAreIgnoredWarnedOfOrRefused) {
  const std::string body = R"({"metadata":{"name":"a"},"datum":{},"data":{"k":"1","k":"2"}})";
  EXPECT_THAT(make(at(kConfigMaps, "?fieldValidation=Ignore"), body).headers, IsEmpty());
  call("DELETE", at(kConfigMaps, "/a"));
  const Answered warned = make(kConfigMaps, body);
  EXPECT_THAT(warned.headers, testing::UnorderedElementsAre(Pair("Warning", R"(299 - "unknown field \"datum\"")"),
                                                            Pair("Warning", R"(299 - "duplicate field \"data.k\"")")));
  EXPECT_FALSE(warned.body.contains("datum"));
  const Answered strict = call("POST", at(kConfigMaps, "?fieldValidation=Strict"), body);
  EXPECT_EQ(strict.status, 400);
  EXPECT_EQ(strict.message(),
            R"(ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "datum", )"
            R"(duplicate field "data.k")");
  EXPECT_EQ(call("POST", at(kConfigMaps, "?fieldValidation=Maybe"), body).status, 422);
}

TEST_F(ObjectsTest, BodiesThatAreNotWhatThePathTakesAreBadRequests) {
  EXPECT_EQ(call("POST", kConfigMaps, R"({"kind": )").reason(), "BadRequest");
  EXPECT_EQ(call("POST", kConfigMaps, "[]").status, 400);
  EXPECT_EQ(call("POST", kConfigMaps, pod("p")).status, 400);
  EXPECT_EQ(call("POST", kConfigMaps, config_map("a", R"(,"namespace":"other")")).message(),
            "the namespace of the provided object does not match the namespace sent on the request");
  EXPECT_EQ(call("POST", kConfigMaps, "x", "application/vnd.kubernetes.protobuf").status, 400);
  EXPECT_EQ(call("POST", kConfigMaps, config_map("a", "", fmt::format(R"({{"k":"{}"}})", std::string(3u << 20, 'x')))).status, 413);
  EXPECT_EQ(call("PATCH", at(kConfigMaps, "/a"), "{}", "text/plain").status, 415);
}

TEST_F(ObjectsTest, AnObjectToCreateHasNoVersionYet) {
  EXPECT_EQ(call("POST", kConfigMaps, config_map("a", R"(,"resourceVersion":"7")")).message(),
            "resourceVersion should not be set on objects to be created");
}

TEST_F(ObjectsTest, MethodsThatAPathHasNotAreNotAllowed) {
  EXPECT_EQ(call("PUT", kConfigMaps, config_map("a")).reason(), "MethodNotAllowed");
  EXPECT_EQ(call("POST", "/api/v1/configmaps", config_map("a")).status, 405);
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces").status, 405);
  EXPECT_EQ(call("BREW", kConfigMaps).status, 405);
}

TEST_F(ObjectsTest, PathsThatNameNothingAreNotFound) {
  for (const char* url : {"/apis/none/v1/things", "/api/v2/pods", "/api/v1/namespaces/default/things", "/api/v1/namespaces/default/nodes",
                          "/api/v1/pods/p", "/api/v1/namespaces/default/pods/p/status/more", "/nothing"}) {
    const Answered missing = call("GET", url);
    EXPECT_EQ(missing.status, 404) << url;
    EXPECT_EQ(missing.at("kind"), "Status") << url;
  }
}

TEST_F(ObjectsTest, ServerSideApplyCreatesOwnsAndConflicts) {
  const std::string apply = "application/apply-patch+yaml";
  const Answered made = call("PATCH", at(kConfigMaps, "/a?fieldManager=one"), config_map("a", "", R"({"k":"1","l":"2"})"), apply);
  EXPECT_EQ(made.status, 201) << made.text;
  const Answered again = call("PATCH", at(kConfigMaps, "/a?fieldManager=one"), config_map("a", "", R"({"k":"1"})"), apply);
  EXPECT_EQ(again.body.at("data"), (json::object{{"k", "1"}}));
  const Answered taken = call("PATCH", at(kConfigMaps, "/a?fieldManager=two"), config_map("a", "", R"({"k":"3"})"), apply);
  EXPECT_EQ(taken.status, 409);
  EXPECT_THAT(taken.message(), StartsWith("Apply failed with 1 conflict: conflict with \"one\""));
  EXPECT_THAT(taken.text, HasSubstr("FieldManagerConflict"));
  EXPECT_EQ(call("PATCH", at(kConfigMaps, "/a?fieldManager=two&force=true"), config_map("a", "", R"({"k":"3"})"), apply).at("data.k"), "3");
  EXPECT_EQ(call("PATCH", at(kConfigMaps, "/a"), config_map("a"), apply).status, 422) << "a manager must be named";
}

TEST_F(ObjectsTest, APatchThatNamesAVersionIsOptimistic) {
  make(kConfigMaps, config_map("a"));
  EXPECT_EQ(call("PATCH", at(kConfigMaps, "/a"), R"({"metadata":{"resourceVersion":"1"},"data":{"k":"v"}})", std::string(kMerge)).status,
            409);
}

TEST_F(ObjectsTest, AFailedTestOfAJsonPatchIsUnprocessable) {
  make(kConfigMaps, config_map("a", "", R"({"k":"1"})"));
  const std::string type = "application/json-patch+json";
  EXPECT_EQ(call("PATCH", at(kConfigMaps, "/a"), R"([{"op":"test","path":"/data/k","value":"2"}])", type).status, 422);
  EXPECT_EQ(call("PATCH", at(kConfigMaps, "/a"), R"([{"op":"replace","path":"/data/k","value":"2"}])", type).at("data.k"), "2");
}

TEST_F(ObjectsTest, TheSandboxsAdmissionChangesAndRefusesPods) {
  ApiOptions options = RequestTest::options();
  options.pod_admission = [](const AdmissionReview& review, json::object& object) -> Status {
    if (metadata_text(object, "name") == "bad") return fail(Errc::denied, "not on {}s watch", review.user);
    ensure_object(ensure_object(object, "metadata"), "labels")["seen"] = "yes";
    return {};
  };
  api_ = make_api(std::move(options));
  EXPECT_EQ(make(kPods, pod("p")).at("metadata.labels.seen"), "yes");
  const Answered refused = call("POST", kPods, pod("bad"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.message(), R"(pods "bad" is forbidden: not on testers watch)");
}

TEST_F(ObjectsTest, InProcessCallsHaveTheSameSemantics) {
  const ResourceId config_maps{"", "v1", "configmaps"};
  const Caller caller{.user = "c", .field_manager = "controller"};
  std::vector<std::string> seen;
  api_->observe([&seen](const Change& change) {
    seen.push_back(fmt::format("{} {} {}", static_cast<int>(change.type), change.resource.resource, change.object->key.name));
  });
  json::object body = json::parse(config_map("a", R"(,"namespace":"default")")).as_object();
  ASSERT_TRUE(api_->create(config_maps, body, caller, now_).has_value());
  EXPECT_EQ(api_->create(config_maps, body, caller, now_).error().code, Errc::exists);
  EXPECT_TRUE(
      api_->patch(config_maps, {"default", "a"}, PatchType::merge, json::object{{"data", json::object{{"k", "v"}}}}, "", caller, now_));
  json::object stale = *api_->get(config_maps, {"default", "a"});
  stale["metadata"].as_object()["resourceVersion"] = "1";
  EXPECT_EQ(api_->update(config_maps, stale, "", caller, now_).error().code, Errc::conflict);
  EXPECT_THAT(api_->list(config_maps), SizeIs(1));
  EXPECT_TRUE(api_->remove(config_maps, {"default", "a"}, {}, caller, now_));
  EXPECT_EQ(api_->remove(config_maps, {"default", "a"}, {}, caller, now_).error().code, Errc::not_found);
  EXPECT_THAT(seen, ElementsAre("0 configmaps a", "1 configmaps a", "2 configmaps a"));
}

}   // namespace
}   // namespace ebb::sandbox
