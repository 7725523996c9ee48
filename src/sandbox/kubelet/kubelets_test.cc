#include "sandbox/kubelet/kubelets.h"

#include "kube/decode.h"
#include "model/custom_resources.h"
#include "sandbox/store/persistence.h"
#include "sandbox/store/stored.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace ebb::sandbox {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Le;

constexpr Instant kStart{1'700'000'000'000'000'000};
const ResourceId kPods{"", "v1", "pods"};
const ResourceId kNodes{"", "v1", "nodes"};
const ResourceId kLeases{"coordination.k8s.io", "v1", "leases"};
const ResourceId kJobs{"batch", "v1", "jobs"};
const ResourceId kEvents{"", "v1", "events"};
const ResourceId kBudgets{"policy", "v1", "poddisruptionbudgets"};
const ResourceId kConfigMaps{"", "v1", "configmaps"};
const ResourceId kNamespaces{"", "v1", "namespaces"};
const ResourceId kReports{"scheduling.openfuyao.io", "v1alpha1", "nodereports"};

// A real API and its simulated kubelets, driven by hand.
class Plane {
 public:
  explicit Plane(KubeletOptions options = {}) : api_(make_api({.now = kStart, .seed = 7})) {
    api_->observe([this](const Change& change) {
      if (kubelets_) kubelets_->observe(change);
    });
    for (const std::string& text : model::custom_resource_definitions()) {
      EXPECT_TRUE(make({"apiextensions.k8s.io", "v1", "customresourcedefinitions"}, text));
    }
    EXPECT_TRUE(make(kNamespaces, R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"offline"}})"));
    EXPECT_TRUE(make(kNamespaces, R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"openfuyao-system"}})"));
    restart(std::move(options));
  }

  // The kubelets of a restarted sandbox, on what the API kept.
  void restart(KubeletOptions options = {}) {
    kubelets_ = std::make_unique<Kubelets>(std::move(options), now_);
    kubelets_->connect(*api_);
    kubelets_->run(now_);
  }

  void pass(Duration time) {
    const Instant until = now_ + time;
    for (;;) {
      const Instant next = kubelets_->run(now_);
      if (next > until) break;
      now_ = std::max(next, now_ + milliseconds(1));
    }
    now_ = until;
    kubelets_->run(now_);
  }

  bool make(const ResourceId& resource, const std::string& text) {
    const auto made = api_->create(resource, json::parse(text).as_object(), {}, now_);
    if (!made) ADD_FAILURE() << made.error().message;
    return made.has_value();
  }
  json::value get(const ResourceId& resource, const model::ObjectKey& key) {
    auto found = api_->get(resource, key);
    return found ? json::value(*std::move(found)) : json::value(nullptr);
  }
  json::value pod(std::string name) { return get(kPods, {"offline", std::move(name)}); }
  std::string phase(std::string name) { return std::string(string_at(pod(std::move(name)), "status.phase")); }

  std::vector<std::string> event_reasons() {
    std::vector<std::string> reasons;
    for (const auto& stored : api_->list(kEvents)) reasons.emplace_back(string_at(json::value(stored->parse()), "reason"));
    return reasons;
  }
  Kubelets& kubelets() { return *kubelets_; }
  Api& api() { return *api_; }
  Instant now() const { return now_; }

 private:
  Instant now_ = kStart;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Kubelets> kubelets_;
};

struct PodText {
  std::string name = "p";
  std::string cpu = "1";
  std::string memory = "1Gi";
  std::string restart = "Always";
  std::string annotations;   // ,"k":"v"
  std::string labels;        // "k":"v"
  std::string owner;         // a JSON array
  std::string node = "node-1";
};

std::string text_of(const PodText& pod) {
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{}","namespace":"offline","labels":{{{}}},"annotations":{{"a":"b"{}}},"ownerReferences":{}}},
          "spec":{{"nodeName":"{}","restartPolicy":"{}","containers":[{{"name":"main","image":"spark:3.2.0",
          "resources":{{"requests":{{"cpu":"{}","memory":"{}"}}}}}}]}}}})",
      pod.name, pod.labels, pod.annotations, pod.owner.empty() ? "[]" : pod.owner, pod.node, pod.restart, pod.cpu, pod.memory);
}

constexpr const char* kOffline = R"(,"scheduling.openfuyao.io/qos-class":"best-effort")";

void colocate(Plane& plane) {
  ASSERT_TRUE(plane.make(kConfigMaps, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"openfuyao-colocation-config",
    "namespace":"openfuyao-system"},"data":{"colocation-policy.yaml":"apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nmetadata:\n  name: default-colocation-policy\nspec:\n  enabled: true\n"}})"));
}

std::string container_field(const json::value& pod, std::string_view path) {
  const json::value* statuses = find_path(pod, "status.containerStatuses");
  if (statuses == nullptr || statuses->as_array().empty()) return "(none)";
  const json::value* found = find_path(statuses->as_array()[0], path);
  return found == nullptr ? "(missing)" : json::serialize(*found);
}

TEST(Kubelets, RegisterTheirNodesWithLabelsCapacityAndALease) {
  Plane plane;
  plane.pass(seconds(1));
  ASSERT_EQ(plane.api().list(kNodes).size(), 3u);
  const auto node = kube::decode_node(json::serialize(plane.get(kNodes, {"", "node-2"})));
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_TRUE(node->ready);
  EXPECT_EQ(node->allocatable.cpu, cpus(16));
  EXPECT_EQ(node->allocatable.memory, gibibytes(64));
  EXPECT_EQ(node->allocatable.pods, 110);
  EXPECT_EQ(node->labels.at("kubernetes.io/hostname"), "node-2");
  EXPECT_EQ(node->labels.at("workload.type"), "mixed");
  EXPECT_EQ(node->labels.at("node-role.kubernetes.io/worker"), "true");
  const auto shown = plane.get(kNodes, {"", "node-2"});
  EXPECT_EQ(string_at(shown, "status.nodeInfo.kubeletVersion"), "v1.37.2+ebb");
  EXPECT_EQ(string_at(plane.get(kLeases, {"kube-node-lease", "node-2"}), "spec.holderIdentity"), "node-2");
}

TEST(Kubelets, RenewTheirLeasesEveryTenSecondsSpreadOverTime) {
  Plane plane;
  plane.pass(seconds(60));
  std::vector<std::string> times;
  for (const char* name : {"node-1", "node-2", "node-3"}) {
    const auto lease = plane.get(kLeases, {"kube-node-lease", name});
    times.emplace_back(string_at(lease, "spec.renewTime").substr(17, 6));
  }
  EXPECT_THAT(times, ElementsAre("20.000", "13.333", "16.666"));   // of 22:14:20
}

TEST(Kubelets, APodThatIsBoundRunsWithItsAddresses) {
  Plane plane;
  plane.pass(seconds(1));
  ASSERT_TRUE(plane.make(kPods, text_of({})));
  plane.pass(milliseconds(10));
  EXPECT_EQ(plane.phase("p"), "Pending");
  EXPECT_EQ(container_field(plane.pod("p"), "state.waiting.reason"), "\"ContainerCreating\"");
  plane.pass(milliseconds(500));
  const auto pod = plane.pod("p");
  EXPECT_EQ(plane.phase("p"), "Running");
  EXPECT_EQ(string_at(pod, "status.hostIP"), "172.16.0.1");
  EXPECT_TRUE(string_at(pod, "status.podIP").starts_with("10.0.1."));
  const auto decoded = kube::decode_pod(json::serialize(pod));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->ready);
  EXPECT_THAT(plane.event_reasons(), AllOf(Contains("Pulled"), Contains("Created"), Contains("Started")));
}

TEST(SimNode, GivesNoAddressTwiceWhileItIsInUse) {
  SimNode node({}, 0, kStart);
  std::vector<std::string> taken;
  for (int i = 0; i < 254; ++i) taken.push_back(node.take_address());
  EXPECT_EQ(node.addresses.size(), 254u);
  node.addresses.erase(taken[99]);
  node.addresses.erase(taken[7]);
  EXPECT_EQ(node.take_address(), taken[7]);
  EXPECT_EQ(node.take_address(), taken[99]);
}

TEST(Kubelets, WriteAStatusOnlyWhenItChanges) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({}));
  plane.pass(seconds(2));
  const std::string version(string_at(plane.pod("p"), "metadata.resourceVersion"));
  plane.pass(minutes(5));
  EXPECT_EQ(string_at(plane.pod("p"), "metadata.resourceVersion"), version);
}

TEST(Kubelets, APodThatDoesNotFitFailsAsAtARealKubelet) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.name = "big", .cpu = "15"}));
  plane.make(kPods, text_of({.name = "more", .cpu = "2"}));
  plane.pass(seconds(1));
  EXPECT_EQ(plane.phase("big"), "Running");
  EXPECT_EQ(plane.phase("more"), "Failed");
  EXPECT_EQ(string_at(plane.pod("more"), "status.reason"), "OutOfcpu");
  EXPECT_THAT(std::string(string_at(plane.pod("more"), "status.message")), HasSubstr("requested: 2000, used: 15000, capacity: 16000"));
  EXPECT_THAT(plane.event_reasons(), Contains("OutOfcpu"));
}

TEST(Kubelets, WhatAnEndedPodHeldIsFreeAgain) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods,
             text_of({.name = "first", .cpu = "16", .restart = "Never", .annotations = R"(,"sandbox.openfuyao.io/run-seconds":"2")"}));
  plane.pass(seconds(4));
  EXPECT_EQ(plane.phase("first"), "Succeeded");
  plane.make(kPods, text_of({.name = "second", .cpu = "16"}));
  plane.pass(seconds(1));
  EXPECT_EQ(plane.phase("second"), "Running");
}

TEST(Kubelets, FixedWorkEndsWhenItWasGrantedItsCpu) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.restart = "OnFailure",
                             .annotations = R"(,"sandbox.openfuyao.io/work-cpu-seconds":"3","sandbox.openfuyao.io/load-low":"100")"}));
  plane.pass(seconds(3));
  EXPECT_EQ(plane.phase("p"), "Running");
  plane.pass(seconds(2));
  EXPECT_EQ(plane.phase("p"), "Succeeded");
  EXPECT_EQ(container_field(plane.pod("p"), "state.terminated.reason"), "\"Completed\"");
}

TEST(Kubelets, FailingWorkIsRestartedAndCounted) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(
      kPods,
      text_of(
          {.restart = "OnFailure",
           .annotations =
               R"(,"sandbox.openfuyao.io/run-seconds":"1","sandbox.openfuyao.io/exit-code":"3","sandbox.openfuyao.io/fail-times":"2")"}));
  plane.pass(seconds(8));
  EXPECT_EQ(container_field(plane.pod("p"), "state.waiting.reason"), "\"CrashLoopBackOff\"");
  EXPECT_EQ(container_field(plane.pod("p"), "lastState.terminated.exitCode"), "3");
  EXPECT_THAT(plane.event_reasons(), Contains("BackOff"));
  plane.pass(seconds(20));
  EXPECT_EQ(plane.phase("p"), "Succeeded");
  EXPECT_EQ(container_field(plane.pod("p"), "restartCount"), "2");
}

TEST(Kubelets, OfflineWorkRunsUnderTheLimitsItWasWrittenWith) {
  Plane plane;
  plane.pass(seconds(1));
  const std::string limits =
      R"(,"sandbox.openfuyao.io/load-low":"300","sandbox.openfuyao.io/memory":"200",
          "scheduling.openfuyao.io/original-resources":"{\"containers\":{\"main\":{\"limits\":{\"cpu\":\"2\",\"memory\":\"1536Mi\"}}}}")";
  plane.make(kPods, text_of({.annotations = kOffline + limits}));
  plane.pass(seconds(3));
  EXPECT_EQ(plane.kubelets().measurements().nodes[0].use.be.cpu, cpus(2));
  EXPECT_EQ(plane.kubelets().measurements().nodes[0].use.be.memory, mebibytes(1536));
}

TEST(Kubelets, ABadWorkloadAnnotationIsToldAndThePodRunsAllTheSame) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.annotations = R"(,"sandbox.openfuyao.io/exit-code":"many")"}));
  plane.pass(seconds(1));
  EXPECT_THAT(plane.event_reasons(), Contains("InvalidWorkload"));
  EXPECT_EQ(plane.phase("p"), "Running");
}

TEST(Kubelets, ADeletedPodStopsAndIsGone) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({}));
  plane.pass(seconds(2));
  ASSERT_TRUE(plane.api().remove(kPods, {"offline", "p"}, {.grace_seconds = 30, .propagation = {}, .uid = {}, .resource_version = {}}, {},
                                 plane.now()));
  plane.pass(milliseconds(100));
  EXPECT_FALSE(plane.pod("p").is_null()) << "it has its grace";
  plane.pass(seconds(1));
  EXPECT_TRUE(plane.pod("p").is_null());
  EXPECT_THAT(plane.event_reasons(), Contains("Killing"));
  EXPECT_EQ(plane.kubelets().measurements().nodes[0].running_pods, 0);
}

TEST(Kubelets, APodOfAnotherNodeIsNoneOfTheirBusiness) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.node = "somewhere"}));
  plane.pass(seconds(5));
  EXPECT_EQ(plane.phase("p"), "Pending");
}

TEST(Kubelets, NodesReportTheirUseByClass) {
  Plane plane;
  colocate(plane);
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.name = "batch", .cpu = "2", .annotations = kOffline}));
  plane.make(kPods, text_of({.name = "web", .cpu = "4", .annotations = R"(,"sandbox.openfuyao.io/load-low":"50")"}));
  plane.pass(seconds(5));
  const auto report = kube::decode_node_report(json::serialize(plane.get(kReports, {"", "node-1"})));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->use.be.cpu, cpus(2));
  EXPECT_EQ(report->use.ls.cpu, cpus(2));
  EXPECT_EQ(report->numa.size(), 2u);
  EXPECT_FALSE(report->cpu_pressure);
  EXPECT_EQ(report->be_cpu_limit, share_of(cpus(16), Permille{600}) - cpus(2) - MilliCpu{100});
}

TEST(Kubelets, UsageIsThereForTheMetricsApi) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.cpu = "4", .annotations = R"(,"sandbox.openfuyao.io/load-low":"50")"}));
  plane.pass(seconds(3));
  const auto source = plane.kubelets().metrics_source();
  ASSERT_EQ(source.pods().size(), 1u);
  EXPECT_EQ(source.pods()[0].containers[0].cpu, "2");
  EXPECT_EQ(source.nodes()[0].cpu, "2100m");
  EXPECT_EQ(source.snapshot().time, plane.now());
}

TEST(Kubelets, REQ_S1_16_OfflineWorkIsPushedBackToTheWaterLineAndOnlineWorkGetsItsWish) {
  Plane plane;
  colocate(plane);
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.name = "web", .cpu = "8", .annotations = R"(,"sandbox.openfuyao.io/load-low":"100")"}));
  plane.make(kPods, text_of({.name = "batch", .cpu = "6", .annotations = kOffline}));
  plane.pass(seconds(10));
  const auto measured = plane.kubelets().measurements();
  EXPECT_EQ(measured.nodes[0].use.ls.cpu, cpus(8));
  EXPECT_EQ(measured.nodes[0].use.be.cpu, share_of(cpus(16), Permille{600}) - cpus(8) - MilliCpu{100});
  EXPECT_EQ(measured.violations.violated, 0);
  EXPECT_GT(measured.violations.windows, 0);
  EXPECT_EQ(measured.evictions, 0);
}

TEST(Kubelets, WithoutAPolicyNothingIsRestricted) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.name = "web", .cpu = "8", .annotations = R"(,"sandbox.openfuyao.io/load-low":"100")"}));
  plane.make(kPods, text_of({.name = "batch", .cpu = "8", .annotations = kOffline}));
  plane.pass(seconds(10));
  const auto measured = plane.kubelets().measurements();
  EXPECT_EQ(measured.nodes[0].be_cpu_limit, MilliCpu{0});
  EXPECT_GT(measured.nodes[0].use.be.cpu, MilliCpu{7900});
}

std::string make_job(Plane& plane, int backoff_limit) {
  EXPECT_TRUE(plane.make(kJobs, fmt::format(R"({{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"j","namespace":"offline"}},
    "spec":{{"backoffLimit":{},"parallelism":3,"completions":9,"template":{{"metadata":{{"labels":{{"app":"j"}}}},"spec":{{"restartPolicy":"OnFailure",
    "containers":[{{"name":"main","image":"i"}}]}}}}}}}})",
                                            backoff_limit)));
  const std::string uid(string_at(plane.get(kJobs, {"offline", "j"}), "metadata.uid"));
  return fmt::format(R"([{{"apiVersion":"batch/v1","kind":"Job","name":"j","uid":"{}","controller":true}}])", uid);
}

// Three offline pods on a node whose memory is above the pressure line.
void crowd_a_node(Plane& plane, const std::string& owner, const std::string& node, std::vector<std::string> names) {
  const std::string endless =
      std::string(kOffline) +
      R"(,"sandbox.openfuyao.io/work-cpu-seconds":"99999","sandbox.openfuyao.io/memory":"100","sandbox.openfuyao.io/stop-seconds":"60")";
  for (const std::string& name : names) {
    const PodText pod{.name = name,
                      .memory = "7Gi",
                      .restart = "OnFailure",
                      .annotations = endless,
                      .labels = R"("app":"j")",
                      .owner = owner,
                      .node = node};
    ASSERT_TRUE(plane.make(kPods, text_of(pod)));
  }
  const std::string steady = R"(,"sandbox.openfuyao.io/memory":"105")";
  ASSERT_TRUE(plane.make(kPods, text_of({.name = "web-" + node, .memory = "40Gi", .annotations = steady, .node = node})));
}

std::int64_t terminating_or_gone(Plane& plane, std::vector<std::string> names = {"a", "b", "c"}) {
  std::int64_t count = 0;
  for (const std::string& name : names) {
    const auto pod = plane.pod(name);
    count += pod.is_null() || find_path(pod, "metadata.deletionTimestamp") != nullptr;
  }
  return count;
}

TEST(Kubelets, REQ_S1_42_AboveTheMemoryPressureLineOfflineWorkIsEvictedThroughTheEvictionApi) {
  Plane plane;
  colocate(plane);
  plane.pass(seconds(1));
  crowd_a_node(plane, make_job(plane, 6), "node-1", {"a", "b", "c"});
  plane.pass(seconds(20));
  // 42 GiB online and 0.5 system, and 3 x 7 GiB offline of which reclaim takes 30 %: 57.2 of 64 is over 0.85.
  EXPECT_EQ(terminating_or_gone(plane), 1);
  EXPECT_EQ(plane.kubelets().measurements().evictions_by_reason.at("pressure"), 1);
  EXPECT_EQ(plane.phase("web-node-1"), "Running");
  EXPECT_THAT(plane.event_reasons(), Contains("Evicted"));
}

TEST(Kubelets, AnEvictionNeverCostsAJobItsLastAttempt) {
  Plane plane;
  colocate(plane);
  plane.pass(seconds(1));
  crowd_a_node(plane, make_job(plane, 1), "node-1", {"a", "b", "c"});
  plane.pass(seconds(60));
  EXPECT_EQ(terminating_or_gone(plane), 0);
  EXPECT_EQ(plane.kubelets().measurements().evictions, 0);
}

TEST(Kubelets, NodesThatEvictPodsOfOneJobAtOnceLeaveItAnAttemptTogether) {
  Plane plane;
  colocate(plane);
  plane.pass(seconds(1));
  const std::string job = make_job(plane, 2);
  crowd_a_node(plane, job, "node-1", {"a", "b", "c"});
  crowd_a_node(plane, job, "node-2", {"d", "e", "f"});
  plane.pass(seconds(20));   // the first one takes its grace, so it is still terminating
  EXPECT_EQ(terminating_or_gone(plane, {"a", "b", "c", "d", "e", "f"}), 1);
  EXPECT_EQ(plane.kubelets().measurements().evictions, 1);
}

TEST(Kubelets, ADisruptionBudgetIsNeverBypassed) {
  Plane plane;
  colocate(plane);
  plane.pass(seconds(1));
  ASSERT_TRUE(plane.make(kBudgets, R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"b","namespace":"offline"},
    "spec":{"maxUnavailable":0,"selector":{"matchLabels":{"app":"j"}}}})"));
  crowd_a_node(plane, make_job(plane, 6), "node-1", {"a", "b", "c"});
  plane.pass(seconds(60));
  EXPECT_EQ(terminating_or_gone(plane), 0);
  EXPECT_EQ(plane.kubelets().measurements().evictions, 0);
}

TEST(Kubelets, REQ_S1_32_WhereColocationIsSwitchedOffWhatLivesOnOversoldResourcesLeaves) {
  Plane plane;
  colocate(plane);
  plane.pass(seconds(1));
  const auto oversold =
      json::parse(R"({"status":{"capacity":{"kubernetes.io/batch-cpu":"4000"},"allocatable":{"kubernetes.io/batch-cpu":"4000"}}})");
  ASSERT_TRUE(plane.api().patch(kNodes, {"", "node-1"}, PatchType::merge, oversold, "status", {}, plane.now()));
  plane.pass(seconds(1));
  const std::string on_oversold =
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"batch","namespace":"offline","annotations":{"scheduling.openfuyao.io/qos-class":"best-effort"}},
          "spec":{"nodeName":"node-1","containers":[{"name":"main","image":"spark:3.2.0","resources":{
          "requests":{"kubernetes.io/batch-cpu":"2000"},"limits":{"kubernetes.io/batch-cpu":"2000"}}}]}})";
  ASSERT_TRUE(plane.make(kPods, on_oversold));
  plane.make(kPods, text_of({.name = "native", .annotations = kOffline}));
  plane.make(kPods, text_of({.name = "web"}));
  plane.pass(seconds(5));
  ASSERT_EQ(plane.phase("batch"), "Running");

  ASSERT_TRUE(plane.api().remove(kConfigMaps, {"openfuyao-system", "openfuyao-colocation-config"}, {}, {}, plane.now()));
  plane.pass(seconds(25));
  EXPECT_EQ(plane.phase("batch"), "Running") << "it may be switched on again";
  plane.pass(seconds(10));
  EXPECT_TRUE(plane.pod("batch").is_null());
  EXPECT_EQ(plane.kubelets().measurements().evictions_by_reason.at("label"), 1);
  EXPECT_EQ(plane.phase("native"), "Running");
  EXPECT_EQ(plane.phase("web"), "Running");
}

TEST(Kubelets, ARestartedSandboxGoesOnWithItsPods) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.name = "web", .cpu = "10"}));
  plane.make(kPods, text_of({.name = "done", .restart = "Never", .annotations = R"(,"sandbox.openfuyao.io/run-seconds":"1")"}));
  plane.pass(seconds(5));
  const auto before = plane.pod("web");
  plane.restart();
  plane.pass(seconds(5));
  EXPECT_EQ(plane.phase("web"), "Running");
  EXPECT_EQ(string_at(plane.pod("web"), "status.podIP"), string_at(before, "status.podIP"));
  EXPECT_EQ(string_at(plane.pod("web"), "status.startTime"), string_at(before, "status.startTime"));
  EXPECT_EQ(container_field(plane.pod("web"), "restartCount"), "0");
  EXPECT_EQ(plane.phase("done"), "Succeeded");
  plane.make(kPods, text_of({.name = "more", .cpu = "7"}));
  plane.pass(seconds(1));
  EXPECT_EQ(string_at(plane.pod("more"), "status.reason"), "OutOfcpu") << "what runs already is counted";
}

TEST(Kubelets, ADeadlineEndsAPod) {
  Plane plane;
  plane.pass(seconds(1));
  std::string text = text_of({});
  text.insert(text.find("\"nodeName\""), "\"activeDeadlineSeconds\":5,");
  plane.make(kPods, text);
  plane.pass(seconds(10));
  EXPECT_EQ(plane.phase("p"), "Failed");
  EXPECT_EQ(string_at(plane.pod("p"), "status.reason"), "DeadlineExceeded");
}

TEST(Kubelets, MeasurementsSumUseOverTimeAndCountPodsByOwner) {
  Plane plane;
  plane.pass(seconds(1));
  plane.make(kPods, text_of({.cpu = "4", .annotations = R"(,"sandbox.openfuyao.io/load-low":"50")"}));
  plane.pass(seconds(2));
  const auto before = plane.kubelets().measurements();
  plane.pass(seconds(10));
  const auto after = plane.kubelets().measurements();
  const auto mean = static_cast<std::int64_t>((after.used.cpu - before.used.cpu) / (after.time - before.time).v);
  EXPECT_EQ(mean, 2000 + 3 * 100);
  EXPECT_EQ(after.allocatable.cpu, cpus(48));
  EXPECT_EQ(after.running_by_owner.at("Pod offline/p"), 1);
}

}   // namespace
}   // namespace ebb::sandbox
