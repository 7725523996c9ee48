#include "sandbox/api/request_fixture.h"

namespace ebb::sandbox {
namespace {

using testing::HasSubstr;

class SubresourcesTest : public RequestTest {
 protected:
  Answered bind(std::string_view name, std::string_view node, std::string_view uid = "") {
    return call(
        "POST", at(kPods, fmt::format("/{}/binding", name)),
        fmt::format(
            R"({{"apiVersion":"v1","kind":"Binding","metadata":{{"name":"{}","uid":"{}"}},"target":{{"kind":"Node","name":"{}"}}}})", name,
            uid, node));
  }
  Answered evict(std::string_view name) {
    return call("POST", at(kPods, fmt::format("/{}/eviction", name)),
                fmt::format(R"({{"apiVersion":"policy/v1","kind":"Eviction","metadata":{{"name":"{}"}}}})", name));
  }
  void make_running(std::string_view name, bool ready) {
    make(kPods, pod(name, R"(,"labels":{"app":"web"})", R"(,"nodeName":"n")"));
    const std::string status =
        fmt::format(R"({{"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"{}"}}]}}}})", ready ? "True" : "False");
    EXPECT_EQ(call("PATCH", at(kPods, fmt::format("/{}/status", name)), status, std::string(kMerge)).status, 200);
  }
  void make_budget(std::string_view status) {
    make(kBudgets, R"({"metadata":{"name":"b"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"web"}}}})");
    EXPECT_EQ(call("PATCH", at(kBudgets, "/b/status"), fmt::format(R"({{"status":{}}})", status), std::string(kMerge)).status, 200);
  }

  static constexpr std::string_view kBudgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
  static constexpr std::string_view kDeployments = "/apis/apps/v1/namespaces/default/deployments";
};

TEST_F(SubresourcesTest, APodIsBoundOnceAndOnlyTheOneThatWasMeant) {
  const std::string uid = make(kPods, pod("p")).at("metadata.uid");
  EXPECT_EQ(call("PATCH", at(kPods, "/p/status"), R"({"status":{"nominatedNodeName":"n"}})", std::string(kMerge)).status, 200);
  EXPECT_EQ(bind("p", "n", "another").status, 409);
  EXPECT_EQ(bind("p", "n", uid).status, 201);
  const Answered bound = call("GET", at(kPods, "/p"));
  EXPECT_EQ(bound.at("spec.nodeName"), "n");
  EXPECT_EQ(bound.at("status.nominatedNodeName"), "") << "the room that was made is taken";
  EXPECT_THAT(bound.text, HasSubstr(R"("type":"PodScheduled","status":"True")"));
  const Answered again = bind("p", "m");
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.message(), HasSubstr(R"(pod p is already assigned to node "n")"));
  EXPECT_EQ(bind("q", "n").status, 404);
  EXPECT_EQ(bind("p", "").status, 422);
}

TEST_F(SubresourcesTest, AnEvictionWithoutABudgetDeletes) {
  make_running("p", true);
  EXPECT_EQ(evict("p").status, 201);
  EXPECT_NE(call("GET", at(kPods, "/p")).at("metadata.deletionTimestamp"), "");
  EXPECT_THAT(call("GET", at(kPods, "/p")).text, HasSubstr("EvictionByEvictionAPI"));
}

TEST_F(SubresourcesTest, ABudgetIsSpentAndThenRefuses) {
  make_running("p", true);
  make_running("q", true);
  make_budget(R"({"observedGeneration":1,"disruptionsAllowed":1,"currentHealthy":2,"desiredHealthy":1,"expectedPods":2})");
  EXPECT_EQ(evict("p").status, 201);
  const Answered budget = call("GET", at(kBudgets, "/b"));
  EXPECT_EQ(budget.at("status.disruptionsAllowed"), "0");
  EXPECT_EQ(budget.at("status.disruptedPods.p"), "2023-11-14T22:13:20Z");
  const Answered refused = evict("q");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.reason(), "TooManyRequests");
  EXPECT_EQ(refused.message(), "Cannot evict pod as it would violate the pod's disruption budget.");
  EXPECT_THAT(refused.text,
              HasSubstr(R"("reason":"DisruptionBudget","message":"The disruption budget b needs 1 healthy pods and has 2 currently")"));
}

TEST_F(SubresourcesTest, ABudgetThatNobodyHasLookedAtYetRefusesForNow) {
  make_running("p", true);
  make(kBudgets, R"({"metadata":{"name":"b"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"web"}}}})");
  const Answered refused = evict("p");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.find("Retry-After")->second, "10");
}

TEST_F(SubresourcesTest, APodThatIsNotReadySpendsNothingWhileTheBudgetIsMet) {
  make_running("sick", false);
  make_budget(R"({"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":1,"expectedPods":2})");
  EXPECT_EQ(evict("sick").status, 201);
}

TEST_F(SubresourcesTest, TwoBudgetsForOnePodAreAnError) {
  make_running("p", true);
  for (const char* name : {"b", "c"}) {
    make(kBudgets,
         fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{"minAvailable":1,"selector":{{"matchLabels":{{"app":"web"}}}}}}}})", name));
  }
  EXPECT_EQ(evict("p").status, 500);
}

TEST_F(SubresourcesTest, ScaleReadsAndWritesReplicas) {
  make(kDeployments, R"({"metadata":{"name":"d"},"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}},
      "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  const Answered scale = call("GET", at(kDeployments, "/d/scale"));
  EXPECT_EQ(scale.at("kind"), "Scale");
  EXPECT_EQ(scale.at("spec.replicas"), "2");
  EXPECT_EQ(scale.at("status.selector"), "a=b");
  EXPECT_EQ(call("PATCH", at(kDeployments, "/d/scale"), R"({"spec":{"replicas":5}})", std::string(kMerge)).at("spec.replicas"), "5");
  const Answered scaled = call("GET", at(kDeployments, "/d"));
  EXPECT_EQ(scaled.at("spec.replicas"), "5");
  EXPECT_EQ(scaled.at("metadata.generation"), "2");
  EXPECT_EQ(call("PUT", at(kDeployments, "/d/scale"), json::serialize(scale.body)).status, 409) << "an old scale";
  EXPECT_EQ(call("PATCH", at(kDeployments, "/d/scale"), R"({"spec":{"replicas":-1}})", std::string(kMerge)).status, 422);
}

TEST_F(SubresourcesTest, SimulatedContainersSaySo) {
  make(kPods, pod("p"));
  for (const char* name : {"log", "exec", "attach", "portforward"}) {
    const Answered refused = call("GET", at(kPods, fmt::format("/p/{}", name)));
    EXPECT_EQ(refused.status, 501) << name;
    EXPECT_THAT(refused.message(), HasSubstr("simulated")) << name;
  }
  EXPECT_EQ(call("GET", at(kPods, "/none/log")).status, 404);
  EXPECT_EQ(call("GET", at(kPods, "/p/nothing")).status, 404);
}

TEST_F(SubresourcesTest, AServiceAccountGetsAnOpaqueToken) {
  make("/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"s"}})");
  const Answered token = call("POST", "/api/v1/namespaces/default/serviceaccounts/s/token", R"({"spec":{"expirationSeconds":600}})");
  EXPECT_EQ(token.status, 201);
  EXPECT_EQ(token.at("status.token").size(), 43u);
  EXPECT_EQ(token.at("status.expirationTimestamp"), "2023-11-14T22:23:20Z");
}

TEST_F(SubresourcesTest, EverythingIsAllowedToWhoeverAsks) {
  const std::string url = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  EXPECT_EQ(call("POST", url, R"({"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}})").at("status.allowed"), "true");
  // As `kubectl auth can-i get pods` sends it: envelope, type meta, and a spec with verb and resource.
  const std::string spec = std::string("\x0a\x0b", 2) + std::string("\x12\x03get\x2a\x04pods", 11);
  const std::string review = std::string("\x0a\x00\x12", 3) + static_cast<char>(spec.size()) + spec;
  const std::string bytes =
      std::string("k8s\0", 4) + std::string("\x0a\x19\x12\x17SelfSubjectAccessReview\x12", 28) + static_cast<char>(review.size()) + review;
  const Answered allowed = call("POST", url, bytes, "application/vnd.kubernetes.protobuf");
  EXPECT_EQ(allowed.status, 201) << allowed.text;
  EXPECT_EQ(allowed.at("spec.resourceAttributes.verb"), "get");
  EXPECT_EQ(call("POST", url, bytes.substr(0, 12), "application/vnd.kubernetes.protobuf").status, 400);
  const std::string config_map = std::string("k8s\0\x0a\x0b\x12\x09", 8) + "ConfigMap";
  EXPECT_EQ(call("POST", kConfigMaps, config_map, "application/vnd.kubernetes.protobuf").status, 415);
  accept_ = "application/json;as=Table;v=v1;g=meta.k8s.io";
  EXPECT_EQ(call("POST", url, R"({"spec":{}})").status, 406);
}

TEST_F(SubresourcesTest, EventsAreOneThingUnderTwoNames) {
  make("/api/v1/namespaces/default/events", R"({"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},
      "reason":"Started","message":"hello","type":"Normal","source":{"component":"kubelet"},"count":2})");
  const Answered event = call("GET", "/apis/events.k8s.io/v1/namespaces/default/events/e");
  EXPECT_EQ(event.at("apiVersion"), "events.k8s.io/v1");
  EXPECT_EQ(event.at("regarding.name"), "p");
  EXPECT_EQ(event.at("note"), "hello");
  EXPECT_EQ(event.at("deprecatedSource.component"), "kubelet");
  EXPECT_EQ(event.at("deprecatedCount"), "2");
  EXPECT_EQ(call("GET", "/apis/events.k8s.io/v1/events?fieldSelector=regarding.name=p").names().size(), 1u);
  EXPECT_EQ(call("GET", "/api/v1/events?fieldSelector=involvedObject.name=p,reason=Started,source=kubelet").names().size(), 1u);
  EXPECT_EQ(call("GET", "/api/v1/events?fieldSelector=reason=Other").names().size(), 0u);
}

TEST_F(SubresourcesTest, UseIsReadFromTheSandbox) {
  ApiOptions options = RequestTest::options();
  options.metrics.snapshot = [this] { return UsageSnapshot{.time = now_}; };
  options.metrics.nodes = [] { return std::vector<NodeUsage>{{.name = "n", .labels = {{"zone", "z"}}, .cpu = "250m", .memory = "1Gi"}}; };
  options.metrics.pods = [] {
    return std::vector<PodUsage>{{.ns = "default", .name = "p", .labels = {}, .containers = {{.name = "c", .cpu = "1", .memory = "2Gi"}}}};
  };
  api_ = make_api(std::move(options));
  const std::string base = "/apis/metrics.k8s.io/v1beta1";
  EXPECT_EQ(call("GET", base + "/nodes/n").at("usage.cpu"), "250m");
  EXPECT_EQ(call("GET", base + "/nodes?labelSelector=zone%3Dy").names().size(), 0u);
  EXPECT_THAT(call("GET", base + "/namespaces/default/pods").text,
              HasSubstr(R"("containers":[{"name":"c","usage":{"cpu":"1","memory":"2Gi"}}])"));
  EXPECT_EQ(call("GET", base + "/namespaces/other/pods").names().size(), 0u);
  EXPECT_EQ(call("GET", base + "/nodes/m").status, 404);
  EXPECT_EQ(call("DELETE", base + "/nodes/n").status, 405);
  EXPECT_THAT(call("GET", "/apis").text, HasSubstr("metrics.k8s.io/v1beta1"));
}

}   // namespace
}   // namespace ebb::sandbox
