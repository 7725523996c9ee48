#include "core/admission/admission.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace ebb::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const model::ColocationPolicy kPolicy;

model::Container container(std::string name, MilliCpu cpu, Bytes memory, MilliCpu cpu_limit, Bytes memory_limit) {
  model::Container c;
  c.name = std::move(name);
  c.requests.cpu = cpu;
  c.requests.memory = memory;
  c.limits.cpu = cpu_limit;
  c.limits.memory = memory_limit;
  return c;
}

// The pod and the owner of deploy/samples/offline-analytics-job.yaml.
model::Pod sample_job_pod() {
  model::Pod pod;
  pod.key = {"offline", "data-analytics-job-x"};
  pod.labels = {{"app", "data-analytics"}, {"workload.type", "offline"}};
  pod.containers = {container("analytics", cpus(1), gibibytes(2), cpus(4), gibibytes(8))};
  return pod;
}

model::Owner sample_job() {
  model::Owner job;
  job.kind = "Job";
  job.key = {"offline", "data-analytics-job"};
  job.annotations = {{"scheduling.openfuyao.io/priority", "low"},
                     {"scheduling.openfuyao.io/qos-class", "best-effort"},
                     {"scheduling.openfuyao.io/resource-pool", "offline"}};
  return job;
}

// Those of deploy/samples/online-web-deployment.yaml.
model::Pod sample_web_pod() {
  model::Pod pod;
  pod.key = {"production", "online-web-service-1-x"};
  pod.labels = {{"app", "online-web"}, {"workload.type", "online"}};
  pod.containers = {container("web-server", cpus(2), gibibytes(4), cpus(2), gibibytes(4))};
  return pod;
}

model::Owner sample_deployment() {
  model::Owner deployment;
  deployment.kind = "Deployment";
  deployment.key = {"production", "online-web-service"};
  deployment.annotations = {{"scheduling.openfuyao.io/priority", "critical"},
                            {"scheduling.openfuyao.io/qos-class", "guaranteed"},
                            {"scheduling.openfuyao.io/resource-pool", "online"}};
  return deployment;
}

Admission admit(const model::Pod& pod, const std::vector<model::Owner>& owners = {}, const model::ColocationPolicy* policy = &kPolicy) {
  std::vector<const model::Owner*> chain;
  for (const model::Owner& owner : owners) chain.push_back(&owner);
  return core::admit(pod, chain, policy);
}

model::Pod be_pod(std::vector<model::Container> containers) {
  model::Pod pod;
  pod.key = {"default", "p"};
  pod.annotations = {{"scheduling.openfuyao.io/qos-class", "BE"}};
  pod.containers = std::move(containers);
  return pod;
}

TEST(Admission, REQ_S1_28_the_sample_job_is_moved_to_the_oversold_resources) {
  const Admission a = admit(sample_job_pod(), {sample_job()});
  EXPECT_EQ(a.refusal, std::nullopt);
  EXPECT_TRUE(a.resolved.offline);
  ASSERT_EQ(a.changes.containers.size(), 1U);
  const ContainerChange& change = a.changes.containers[0];
  EXPECT_EQ(change.name, "analytics");
  EXPECT_FALSE(change.init);
  EXPECT_THAT(change.removed, UnorderedElementsAre("cpu", "memory"));
  EXPECT_THAT(change.set, ElementsAre(Pair("kubernetes.io/batch-cpu", "1000"), Pair("kubernetes.io/batch-memory", "2Gi")));
  EXPECT_THAT(
      a.changes.annotations,
      UnorderedElementsAre(
          Pair("scheduling.openfuyao.io/priority", "low"), Pair("scheduling.openfuyao.io/qos-class", "best-effort"),
          Pair("scheduling.openfuyao.io/resource-pool", "offline"),
          Pair(
              "scheduling.openfuyao.io/original-resources",
              R"({"containers":{"analytics":{"requests":{"cpu":"1","memory":"2Gi"},"limits":{"cpu":"4","memory":"8Gi"}}},"initContainers":{}})")));
}

TEST(Admission, a_moved_pod_asks_for_nothing_native_and_request_equals_limit) {
  const model::Pod pod = apply(sample_job_pod(), admit(sample_job_pod(), {sample_job()}).changes);
  const model::Container& c = pod.containers[0];
  EXPECT_EQ(c.requests.cpu, MilliCpu{});
  EXPECT_EQ(c.limits.memory, Bytes{});
  EXPECT_EQ(c.requests.scalar("kubernetes.io/batch-memory"), gibibytes(2).v);
  EXPECT_EQ(c.requests.scalars, c.limits.scalars);
}

TEST(Admission, REQ_S1_27_the_sample_deployment_gets_its_annotations_and_keeps_its_resources) {
  const Admission a = admit(sample_web_pod(), {sample_deployment()});
  EXPECT_EQ(a.refusal, std::nullopt);
  EXPECT_EQ(a.resolved.qos, model::QosClass::hls);
  EXPECT_THAT(a.changes.containers, IsEmpty());
  EXPECT_EQ(a.changes.annotations, sample_deployment().annotations);
}

TEST(Admission, a_key_of_the_pod_is_not_overwritten_by_its_owner) {
  model::Pod pod = sample_web_pod();
  pod.annotations = {{"scheduling.openfuyao.io/priority", "high"}};
  const Admission a = admit(pod, {sample_deployment()});
  EXPECT_FALSE(a.changes.annotations.contains("scheduling.openfuyao.io/priority"));
  EXPECT_EQ(a.resolved.qos, model::QosClass::ls);
}

TEST(Admission, labels_of_an_owner_that_tell_the_class_become_labels_of_the_pod) {
  model::Owner owner = sample_job();
  owner.annotations.clear();
  owner.labels = {{"koordinator.sh/qosClass", "BE"}, {"team", "reports"}};
  const Admission a = admit(sample_job_pod(), {owner});
  EXPECT_THAT(a.changes.labels, ElementsAre(Pair("koordinator.sh/qosClass", "BE")));
}

TEST(Admission, what_an_owner_says_about_caches_latency_and_time_becomes_the_pods) {
  model::Owner owner = sample_job();
  const model::Annotations said = {{"volcano.sh/cache-limit", "low"},
                                   {"scheduling.openfuyao.io/l3-cache-percent", "30"},
                                   {"scheduling.openfuyao.io/latency-metric", "p99_ms"},
                                   {"scheduling.openfuyao.io/deadline", "06:00"}};
  owner.annotations.insert(said.begin(), said.end());
  const Admission a = admit(sample_job_pod(), {owner});
  for (const auto& [key, value] : said) EXPECT_EQ(a.changes.annotations.at(key), value);
}

TEST(Admission, a_share_of_the_cache_that_is_none_is_refused_and_somebody_elses_word_is_remarked_on) {
  for (const char* const wrong : {"0", "101", "30%", "", "-1"}) {
    model::Pod pod = sample_job_pod();
    pod.annotations = {{"scheduling.openfuyao.io/l3-cache-percent", wrong}};
    ASSERT_TRUE(admit(pod).refusal) << wrong;
    EXPECT_THAT(*admit(pod).refusal, HasSubstr("from 1 to 100"));
  }
  model::Pod pod = sample_job_pod();
  pod.annotations = {{"volcano.sh/cache-limit", "tiny"}, {"scheduling.openfuyao.io/l3-cache-percent", "100"}};
  EXPECT_EQ(admit(pod).refusal, std::nullopt);
  EXPECT_THAT(admit(pod).warnings, ElementsAre(HasSubstr("allowed are low, middle, high, max, dynamic")));
}

TEST(Admission, a_limit_without_a_request_is_moved_as_the_request) {
  const Admission a = admit(be_pod({container("c", {}, {}, cpus(2), gibibytes(1))}));
  EXPECT_EQ(a.changes.containers[0].set.at("kubernetes.io/batch-cpu"), "2000");
  EXPECT_THAT(a.changes.annotations.at("scheduling.openfuyao.io/original-resources"),
              HasSubstr(R"({"requests":{},"limits":{"cpu":"2","memory":"1Gi"}})"));
}

TEST(Admission, a_request_without_a_limit_leaves_no_limit_to_enforce) {
  const Admission a = admit(be_pod({container("c", MilliCpu{1500}, {}, {}, {})}));
  EXPECT_THAT(a.changes.containers[0].removed, ElementsAre("cpu"));
  EXPECT_THAT(a.changes.annotations.at("scheduling.openfuyao.io/original-resources"),
              HasSubstr(R"({"requests":{"cpu":"1500m"},"limits":{}})"));
}

TEST(Admission, init_containers_and_sidecars_are_moved_too_and_a_bare_container_is_not) {
  model::Pod pod = be_pod({container("bare", {}, {}, {}, {}), container("main", cpus(1), gibibytes(1), {}, {})});
  pod.init_containers = {container("prepare", cpus(2), gibibytes(2), cpus(2), gibibytes(2))};
  const Admission a = admit(pod);
  ASSERT_EQ(a.changes.containers.size(), 2U);
  EXPECT_TRUE(a.changes.containers[0].init);
  EXPECT_EQ(a.changes.containers[1].index, 1U);
  EXPECT_THAT(a.changes.annotations.at("scheduling.openfuyao.io/original-resources"), HasSubstr(R"("initContainers":{"prepare":)"));
}

TEST(Admission, aliases_become_the_published_names) {
  model::Pod pod = be_pod({container("c", {}, {}, {}, {})});
  pod.containers[0].requests.scalars =
      pod.containers[0].limits.scalars = {{"kubernetes.io/be-cpu", 500}, {"kubernetes.io/be-memory", 1 << 30}};
  const Admission a = admit(pod);
  EXPECT_THAT(a.changes.containers[0].removed, UnorderedElementsAre("kubernetes.io/be-cpu", "kubernetes.io/be-memory"));
  EXPECT_THAT(a.changes.containers[0].set, ElementsAre(Pair("kubernetes.io/batch-cpu", "500"), Pair("kubernetes.io/batch-memory", "1Gi")));
  EXPECT_FALSE(a.changes.annotations.contains("scheduling.openfuyao.io/original-resources"));
}

TEST(Admission, an_oversold_request_beside_a_native_one_counts_as_the_larger) {
  model::Pod pod = be_pod({container("c", cpus(2), {}, {}, {})});
  pod.containers[0].requests.scalars = pod.containers[0].limits.scalars = {{"kubernetes.io/batch-cpu", 3000}};
  EXPECT_EQ(admit(pod).changes.containers[0].set.at("kubernetes.io/batch-cpu"), "3000");
}

TEST(Admission, an_oversold_request_that_differs_from_its_limit_is_refused) {
  model::Pod pod = be_pod({container("c", {}, {}, {}, {})});
  pod.containers[0].requests.scalars = {{"kubernetes.io/be-cpu", 500}};
  pod.containers[0].limits.scalars = {{"kubernetes.io/be-cpu", 1000}};
  EXPECT_EQ(admit(pod).refusal, "container c: kubernetes.io/be-cpu is requested as 500 and limited to 1000; the two must be equal");
}

TEST(Admission, resources_of_the_pod_as_a_whole_stay_and_are_remarked_on) {
  model::Pod pod = be_pod({container("c", {}, {}, {}, {})});
  pod.pod_requests = model::Resources{};
  pod.pod_requests->cpu = cpus(1);
  const Admission a = admit(pod);
  EXPECT_TRUE(a.changes.empty());
  EXPECT_THAT(a.warnings, ElementsAre(HasSubstr("state them on the containers")));
}

TEST(Admission, REQ_S1_22_a_band_that_does_not_exist_is_refused_with_or_without_a_policy) {
  model::Pod pod = sample_job_pod();
  pod.annotations = {{"scheduling.openfuyao.io/priority", "urgent"}};
  for (const model::ColocationPolicy* policy : {&kPolicy, static_cast<const model::ColocationPolicy*>(nullptr)}) {
    const Admission a = admit(pod, {}, policy);
    ASSERT_TRUE(a.refusal);
    EXPECT_THAT(*a.refusal, HasSubstr("allowed are critical, high, normal, low"));
    EXPECT_TRUE(a.changes.empty());
  }
}

TEST(Admission, every_problem_of_a_pod_is_told_at_once) {
  model::Pod pod = sample_job_pod();
  pod.annotations = {{"scheduling.openfuyao.io/priority", "urgent"}, {"scheduling.openfuyao.io/qos-class", "silver"}};
  EXPECT_THAT(*admit(pod).refusal, ::testing::AllOf(HasSubstr("urgent"), HasSubstr("silver"), HasSubstr("best-effort")));
}

TEST(Admission, hls_in_another_shape_is_refused_and_told_what_to_change) {
  model::Pod pod = sample_job_pod();
  pod.annotations = {{"scheduling.openfuyao.io/qos-class", "HLS"}};
  EXPECT_THAT(*admit(pod).refusal, HasSubstr("set requests equal to limits for CPU and memory of every container"));
  pod.containers = {container("c", MilliCpu{1500}, gibibytes(1), MilliCpu{1500}, gibibytes(1))};
  EXPECT_THAT(*admit(pod).refusal, HasSubstr("give at least one container a whole number of CPUs"));
  EXPECT_EQ(admit(pod, {}, nullptr).refusal, std::nullopt);
}

TEST(Admission, REQ_S1_32_without_a_policy_in_force_nothing_is_changed) {
  model::ColocationPolicy off;
  off.enabled = false;
  EXPECT_TRUE(admit(sample_job_pod(), {sample_job()}, nullptr).changes.empty());
  EXPECT_TRUE(admit(sample_job_pod(), {sample_job()}, &off).changes.empty());
}

TEST(Admission, a_pod_of_kube_system_and_a_static_pod_are_never_touched) {
  model::Pod system = sample_job_pod();
  system.key.ns = "kube-system";
  model::Pod mirror = sample_job_pod();
  mirror.is_static = true;
  for (model::Pod pod : {system, mirror}) {
    EXPECT_TRUE(admit(pod, {sample_job()}).changes.empty());
    pod.annotations = {{"scheduling.openfuyao.io/priority", "urgent"}};
    EXPECT_EQ(admit(pod, {sample_job()}).refusal, std::nullopt);
  }
}

TEST(Admission, a_pod_that_said_nothing_is_left_as_it_is) {
  model::Pod pod;
  pod.key = {"default", "p"};
  pod.containers = {container("c", cpus(1), {}, {}, {}), container("idle", {}, {}, {}, {})};
  EXPECT_TRUE(admit(pod).changes.empty());
}

TEST(Admission, a_container_injected_after_the_first_admission_is_added_to_the_originals) {
  model::Pod pod = apply(sample_job_pod(), admit(sample_job_pod(), {sample_job()}).changes);
  pod.containers.push_back(container("injected", MilliCpu{100}, {}, {}, {}));
  const Admission again = admit(pod);
  ASSERT_EQ(again.changes.containers.size(), 1U);
  const auto originals = parse_original_resources(again.changes.annotations.at("scheduling.openfuyao.io/original-resources"));
  ASSERT_TRUE(originals) << originals.error().message;
  EXPECT_EQ(originals->containers.at("analytics").limits.cpu, cpus(4));
  EXPECT_EQ(originals->containers.at("injected").requests.cpu, MilliCpu{100});
}

TEST(Admission, originals_that_no_admission_wrote_are_ignored_with_a_remark) {
  model::Pod pod = be_pod({container("c", cpus(1), {}, {}, {})});
  pod.annotations["scheduling.openfuyao.io/original-resources"] = "[1]";
  const Admission a = admit(pod);
  EXPECT_THAT(a.warnings, ElementsAre(HasSubstr("is not what an admission writes")));
  EXPECT_THAT(a.changes.annotations.at("scheduling.openfuyao.io/original-resources"), HasSubstr(R"("c":)"));
}

model::Pod any_pod() {
  const auto cpu = [] { return MilliCpu{*rc::gen::element<std::int64_t>(0, 250, 1000, 2000)}; };
  const auto memory = [] { return Bytes{*rc::gen::element<std::int64_t>(0, 1 << 20, std::int64_t{3} << 30)}; };
  const auto any_container = [&](int i) {
    model::Container c = container("c" + std::to_string(i), cpu(), memory(), cpu(), memory());
    if (*rc::gen::inRange(0, 4) == 0) c.requests.scalars["kubernetes.io/be-cpu"] = c.limits.scalars["kubernetes.io/be-cpu"] = 500;
    return c;
  };
  model::Pod pod;
  pod.key = {*rc::gen::element<std::string>("default", "kube-system"), "p"};
  for (int i = 0; i < *rc::gen::inRange(1, 4); ++i) pod.containers.push_back(any_container(i));
  if (*rc::gen::inRange(0, 3) == 0) pod.init_containers.push_back(any_container(9));
  if (*rc::gen::inRange(0, 2) == 0) pod.labels["workload.type"] = *rc::gen::element<std::string>("online", "offline");
  return pod;
}

model::Owner any_owner() {
  model::Owner owner = sample_job();
  owner.annotations.clear();
  const auto maybe = [&](const char* key, std::string value) {
    if (*rc::gen::inRange(0, 2) == 0) owner.annotations[key] = std::move(value);
  };
  maybe("scheduling.openfuyao.io/qos-class", *rc::gen::element<std::string>("BE", "LS", "guaranteed", "HLS"));
  maybe("scheduling.openfuyao.io/priority", *rc::gen::element<std::string>("low", "critical"));
  maybe("volcano.sh/preemptable", *rc::gen::element<std::string>("true", "false"));
  maybe("scheduling.openfuyao.io/resource-pool", "online");
  return owner;
}

TEST(Admission, holds_for_any_pod_a_second_admission_changes_nothing_and_the_class_stays) {
  EXPECT_TRUE(rc::check([] {
    const model::Pod pod = any_pod();
    const model::Owner owner = any_owner();
    const Admission first = admit(pod, {owner});
    if (first.refusal) {
      RC_ASSERT(first.changes.empty());
      return;
    }
    const model::Pod changed = apply(pod, first.changes);
    RC_ASSERT(admit(changed, {owner}).changes.empty());
    if (pod.key.ns == "kube-system") return;
    const Resolved alone = resolve(changed, {});
    RC_ASSERT(alone.qos == first.resolved.qos);
    RC_ASSERT(alone.offline == first.resolved.offline);
    RC_ASSERT(alone.band == first.resolved.band);
    RC_ASSERT(alone.pool == first.resolved.pool);
  }));
}

TEST(Admission, holds_for_any_pod_what_is_moved_is_what_was_asked_for) {
  EXPECT_TRUE(rc::check([] {
    model::Pod pod = any_pod();
    pod.key.ns = "default";
    pod.annotations["scheduling.openfuyao.io/qos-class"] = "BE";
    const Admission a = admit(pod);
    RC_ASSERT(!a.refusal);
    const model::Pod changed = apply(pod, a.changes);
    for (std::size_t i = 0; i < pod.containers.size(); ++i) {
      const model::Container& before = pod.containers[i];
      const model::Container& after = changed.containers[i];
      RC_ASSERT(after.requests.cpu == MilliCpu{} && after.limits.cpu == MilliCpu{});
      RC_ASSERT(after.requests.scalars == after.limits.scalars);
      const std::int64_t native = before.requests.memory.v != 0 ? before.requests.memory.v : before.limits.memory.v;
      RC_ASSERT(after.requests.scalar(model::kBatchMemory) == native);
    }
  }));
}

}   // namespace
}   // namespace ebb::core
