#include "core/colocation/qos.h"

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <vector>

namespace ebb::core {
namespace {

using model::QosClass;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

model::Container container(MilliCpu cpu, Bytes memory, MilliCpu cpu_limit, Bytes memory_limit) {
  model::Container c;
  c.name = "main";
  c.requests.cpu = cpu;
  c.requests.memory = memory;
  c.limits.cpu = cpu_limit;
  c.limits.memory = memory_limit;
  return c;
}

model::Pod burstable() {
  model::Pod pod;
  pod.key = {"default", "p"};
  pod.containers.push_back(container(cpus(1), gibibytes(2), cpus(4), gibibytes(8)));
  return pod;
}

model::Pod guaranteed(MilliCpu cpu = cpus(2)) {
  model::Pod pod;
  pod.key = {"default", "p"};
  pod.containers.push_back(container(cpu, gibibytes(4), cpu, gibibytes(4)));
  return pod;
}

model::Pod best_effort() {
  model::Pod pod;
  pod.key = {"default", "p"};
  pod.containers.push_back(container({}, {}, {}, {}));
  return pod;
}

model::Owner owner(std::string kind, std::string ns, std::string name) {
  model::Owner o;
  o.kind = std::move(kind);
  o.key = {std::move(ns), std::move(name)};
  return o;
}

Resolved resolve_alone(const model::Pod& pod) { return resolve(pod, {}); }

// One row of the table: what the pod says, and the class. HLS rows use a pod of HLS' own shape.
struct Row {
  const char* name;
  model::Annotations annotations;
  model::Labels labels;
  QosClass qos;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class REQ_S1_23_ClassTable : public ::testing::TestWithParam<Row> {};

TEST_P(REQ_S1_23_ClassTable, gives_the_class_of_its_row) {
  model::Pod pod = guaranteed();
  pod.annotations = GetParam().annotations;
  pod.labels = GetParam().labels;
  const Resolved resolved = resolve_alone(pod);
  EXPECT_EQ(resolved.qos, GetParam().qos) << resolved.reason;
  EXPECT_TRUE(resolved.explicit_class);
  EXPECT_TRUE(resolved.restricted);
  EXPECT_EQ(resolved.offline, GetParam().qos == QosClass::be);
  EXPECT_EQ(resolved.pool, GetParam().qos == QosClass::be ? model::Pool::offline : model::Pool::online);
  EXPECT_THAT(remarks(resolved), IsEmpty());
}

const Row kRows[] = {
    {"qos_level_HLS", {{"openfuyao.com/qos-level", "HLS"}}, {}, QosClass::hls},
    {"qos_level_LLS", {{"openfuyao.com/qos-level", "LLS"}}, {}, QosClass::hls},
    {"qos_level_as_label", {}, {{"openfuyao.com/qos-level", "HLS"}}, QosClass::hls},
    {"qos_class_HLS", {{"scheduling.openfuyao.io/qos-class", "HLS"}}, {}, QosClass::hls},
    {"qos_class_LLS", {{"scheduling.openfuyao.io/qos-class", "LLS"}}, {}, QosClass::hls},
    {"volcano_LC", {{"volcano.sh/qos-level", "LC"}}, {}, QosClass::hls},
    {"volcano_HLS", {{"volcano.sh/qos-level", "HLS"}}, {}, QosClass::hls},
    {"koordinator_LSE", {}, {{"koordinator.sh/qosClass", "LSE"}}, QosClass::hls},
    {"koordinator_LSR", {}, {{"koordinator.sh/qosClass", "LSR"}}, QosClass::hls},
    {"guaranteed_and_critical",
     {{"scheduling.openfuyao.io/qos-class", "guaranteed"}, {"scheduling.openfuyao.io/priority", "critical"}},
     {},
     QosClass::hls},
    {"guaranteed_and_high",
     {{"scheduling.openfuyao.io/qos-class", "guaranteed"}, {"scheduling.openfuyao.io/priority", "high"}},
     {},
     QosClass::ls},
    {"guaranteed_alone", {{"scheduling.openfuyao.io/qos-class", "guaranteed"}}, {}, QosClass::ls},
    {"burstable", {{"scheduling.openfuyao.io/qos-class", "burstable"}}, {}, QosClass::ls},
    {"qos_class_LS", {{"scheduling.openfuyao.io/qos-class", "LS"}}, {}, QosClass::ls},
    {"qos_level_LS", {{"openfuyao.com/qos-level", "LS"}}, {}, QosClass::ls},
    {"volcano_LS", {{"volcano.sh/qos-level", "LS"}}, {}, QosClass::ls},
    {"koordinator_LS", {}, {{"koordinator.sh/qosClass", "LS"}}, QosClass::ls},
    {"best_effort", {{"scheduling.openfuyao.io/qos-class", "best-effort"}}, {}, QosClass::be},
    {"qos_class_BE", {{"scheduling.openfuyao.io/qos-class", "BE"}}, {}, QosClass::be},
    {"qos_level_BE", {{"openfuyao.com/qos-level", "BE"}}, {}, QosClass::be},
    {"volcano_BE", {{"volcano.sh/qos-level", "BE"}}, {}, QosClass::be},
    {"koordinator_BE", {}, {{"koordinator.sh/qosClass", "BE"}}, QosClass::be},
    {"rubik_preemptable", {{"volcano.sh/preemptable", "true"}}, {}, QosClass::be},
    {"rubik_not_preemptable", {{"volcano.sh/preemptable", "false"}}, {}, QosClass::ls},
    {"workload_online", {}, {{"workload.type", "online"}}, QosClass::ls},
    {"workload_offline", {}, {{"workload.type", "offline"}}, QosClass::be},
};
INSTANTIATE_TEST_SUITE_P(Rows, REQ_S1_23_ClassTable, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Qos, REQ_S1_23_requests_of_oversold_resources_only_are_be) {
  for (const std::string_view name : {model::kBatchCpu, model::kBeCpu, model::kBatchMemory, model::kBeMemory}) {
    model::Pod pod = best_effort();
    pod.containers[0].requests.scalars.emplace(name, 1000);
    const Resolved resolved = resolve_alone(pod);
    EXPECT_EQ(resolved.qos, QosClass::be) << name;
    EXPECT_TRUE(resolved.offline) << name;
    EXPECT_EQ(resolved.reason, "requests only oversold resources");
  }
  model::Pod mixed = burstable();
  mixed.containers[0].requests.scalars.emplace(model::kBatchCpu, 1000);
  EXPECT_EQ(resolve_alone(mixed).qos, QosClass::ls);
  EXPECT_FALSE(resolve_alone(mixed).explicit_class);
}

TEST(Qos, REQ_S1_23_a_pod_that_said_nothing_has_a_class_by_weight_only) {
  EXPECT_EQ(resolve_alone(guaranteed()).qos, QosClass::ls);
  EXPECT_EQ(resolve_alone(burstable()).qos, QosClass::ls);
  EXPECT_EQ(resolve_alone(best_effort()).qos, QosClass::be);
  for (const model::Pod& pod : {guaranteed(), burstable(), best_effort()}) {
    const Resolved resolved = resolve_alone(pod);
    EXPECT_FALSE(resolved.explicit_class);
    EXPECT_FALSE(resolved.offline);
    EXPECT_FALSE(resolved.restricted);
    EXPECT_EQ(resolved.pool, model::Pool::online);
    EXPECT_THAT(resolved.reason, HasSubstr("by kernel weight only"));
  }
}

TEST(Qos, REQ_S1_23_system_pods_are_never_be_whatever_they_say) {
  std::vector<model::Pod> pods(5, burstable());
  pods[0].key.ns = "kube-system";
  pods[1].owners.push_back({"apps/v1", "DaemonSet", "agent", model::Uid("u"), true});
  pods[2].is_static = true;
  pods[3].priority = 2'000'000'000;
  pods[4].priority_class = "system-node-critical";
  for (model::Pod& pod : pods) {
    pod.annotations.emplace("scheduling.openfuyao.io/qos-class", "best-effort");
    const Resolved resolved = resolve_alone(pod);
    EXPECT_EQ(resolved.qos, QosClass::ls) << resolved.reason;
    EXPECT_FALSE(resolved.offline);
    EXPECT_FALSE(resolved.restricted);
    EXPECT_THAT(resolved.reason, HasSubstr("never BE"));
    EXPECT_THAT(resolved.warnings, ElementsAre(HasSubstr("runs as LS")));
  }
}

TEST(Qos, REQ_S1_23_a_silent_best_effort_pod_of_a_daemon_set_is_not_even_be_by_weight) {
  model::Pod pod = best_effort();
  pod.owners.push_back({"apps/v1", "DaemonSet", "agent", model::Uid("u"), true});
  EXPECT_EQ(resolve_alone(pod).qos, QosClass::ls);
  EXPECT_THAT(resolve_alone(pod).warnings, IsEmpty());
}

TEST(Qos, a_priority_just_under_system_critical_may_be_be) {
  model::Pod pod = burstable();
  pod.priority = 1'999'999'999;
  pod.annotations.emplace("scheduling.openfuyao.io/qos-class", "best-effort");
  EXPECT_TRUE(resolve_alone(pod).offline);
}

TEST(Qos, REQ_S1_23_an_explicit_class_beats_the_shape_of_the_resources) {
  model::Pod pod = burstable();
  pod.annotations.emplace("scheduling.openfuyao.io/qos-class", "best-effort");
  EXPECT_EQ(resolve_alone(pod).qos, QosClass::be);
}

TEST(Qos, REQ_S1_23_an_openfuyao_key_comes_before_every_other_row) {
  model::Pod pod = guaranteed();
  pod.annotations = {{"scheduling.openfuyao.io/qos-class", "best-effort"}, {"volcano.sh/qos-level", "HLS"}};
  pod.labels = {{"koordinator.sh/qosClass", "LSE"}, {"workload.type", "online"}};
  EXPECT_EQ(resolve_alone(pod).qos, QosClass::be);
}

TEST(Qos, REQ_S1_23_rows_come_before_dialects_and_volcano_before_koordinator_in_a_row) {
  model::Pod pod = guaranteed();
  pod.annotations = {{"volcano.sh/qos-level", "BE"}};
  pod.labels = {{"koordinator.sh/qosClass", "LSR"}};
  EXPECT_EQ(resolve_alone(pod).qos, QosClass::hls);

  pod.annotations = {{"volcano.sh/qos-level", "LS"}};
  pod.labels = {{"koordinator.sh/qosClass", "LS"}};
  EXPECT_EQ(resolve_alone(pod).reason, "annotation volcano.sh/qos-level=LS on the pod");

  pod.annotations = {{"volcano.sh/preemptable", "true"}};
  pod.labels = {{"workload.type", "online"}};
  EXPECT_EQ(resolve_alone(pod).qos, QosClass::be);
}

TEST(Qos, REQ_S1_23_keys_are_found_on_the_owners_nearest_first) {
  model::Owner replica_set = owner("ReplicaSet", "production", "web-1");
  model::Owner deployment = owner("Deployment", "production", "web");
  deployment.annotations = {{"scheduling.openfuyao.io/qos-class", "burstable"},
                            {"scheduling.openfuyao.io/priority", "high"},
                            {"scheduling.openfuyao.io/resource-pool", "offline"}};
  const std::vector<const model::Owner*> chain{&replica_set, &deployment};
  const Resolved resolved = resolve(burstable(), chain);
  EXPECT_EQ(resolved.qos, QosClass::ls);
  EXPECT_EQ(resolved.band, PriorityBand::high);
  EXPECT_EQ(resolved.pool, model::Pool::offline);
  EXPECT_TRUE(resolved.pool_explicit);
  EXPECT_EQ(resolved.reason, "annotation scheduling.openfuyao.io/qos-class=burstable on Deployment production/web");

  replica_set.annotations = {{"scheduling.openfuyao.io/qos-class", "best-effort"}};
  EXPECT_EQ(resolve(burstable(), chain).qos, QosClass::be);

  model::Pod pod = burstable();
  pod.annotations = {{"scheduling.openfuyao.io/qos-class", "LS"}};
  EXPECT_EQ(resolve(pod, chain).reason, "annotation scheduling.openfuyao.io/qos-class=LS on the pod");
}

TEST(Qos, REQ_S1_28_the_sample_job_is_be_by_its_own_annotation) {
  model::Owner job = owner("Job", "offline", "data-analytics-job");
  job.annotations = {{"scheduling.openfuyao.io/priority", "low"},
                     {"scheduling.openfuyao.io/qos-class", "best-effort"},
                     {"scheduling.openfuyao.io/resource-pool", "offline"}};
  model::Pod pod = burstable();
  pod.labels = {{"workload.type", "offline"}};
  const std::vector<const model::Owner*> chain{&job};
  const Resolved resolved = resolve(pod, chain);
  EXPECT_TRUE(resolved.offline);
  EXPECT_EQ(resolved.band, PriorityBand::low);
  EXPECT_EQ(resolved.pool, model::Pool::offline);
  EXPECT_EQ(resolved.reason, "annotation scheduling.openfuyao.io/qos-class=best-effort on Job offline/data-analytics-job");
}

TEST(Qos, REQ_S1_27_the_sample_deployment_is_hls) {
  model::Owner deployment = owner("Deployment", "production", "online-web-service");
  deployment.annotations = {{"scheduling.openfuyao.io/priority", "critical"},
                            {"scheduling.openfuyao.io/qos-class", "guaranteed"},
                            {"scheduling.openfuyao.io/resource-pool", "online"}};
  model::Pod pod = guaranteed();
  pod.labels = {{"workload.type", "online"}};
  const std::vector<const model::Owner*> chain{&deployment};
  const Resolved resolved = resolve(pod, chain);
  EXPECT_EQ(resolved.qos, QosClass::hls);
  EXPECT_EQ(resolved.band, PriorityBand::critical);
  EXPECT_EQ(resolved.reason,
            "annotation scheduling.openfuyao.io/qos-class=guaranteed on Deployment production/online-web-service with "
            "scheduling.openfuyao.io/priority=critical");
}

TEST(Qos, hls_in_another_shape_is_a_problem_and_runs_as_ls) {
  for (const model::Pod& shape : {burstable(), best_effort(), guaranteed(MilliCpu{1500})}) {
    model::Pod pod = shape;
    pod.annotations.emplace("scheduling.openfuyao.io/qos-class", "HLS");
    const Resolved resolved = resolve_alone(pod);
    EXPECT_EQ(resolved.qos, QosClass::ls);
    EXPECT_THAT(resolved.shape_problem, HasSubstr("whole number of CPUs"));
    EXPECT_THAT(remarks(resolved), ElementsAre(resolved.shape_problem));
    EXPECT_THAT(resolved.reason, HasSubstr("runs as LS"));
  }
}

TEST(Qos, a_sidecar_with_a_fraction_of_a_cpu_does_not_cost_the_pod_its_class) {
  model::Pod pod = guaranteed();
  pod.containers.push_back(container(MilliCpu{250}, gibibytes(1), MilliCpu{250}, gibibytes(1)));
  pod.annotations.emplace("scheduling.openfuyao.io/qos-class", "HLS");
  EXPECT_EQ(resolve_alone(pod).qos, QosClass::hls);
}

TEST(Qos, REQ_S1_22_the_bands_are_four_and_normal_by_default) {
  EXPECT_EQ(resolve_alone(burstable()).band, PriorityBand::normal);
  for (const auto& [text, band] : {std::pair{"critical", PriorityBand::critical},
                                   {"high", PriorityBand::high},
                                   {"normal", PriorityBand::normal},
                                   {"low", PriorityBand::low}}) {
    model::Pod pod = burstable();
    pod.annotations.emplace("scheduling.openfuyao.io/priority", text);
    EXPECT_EQ(resolve_alone(pod).band, band) << text;
  }
  EXPECT_LT(PriorityBand::low, PriorityBand::normal);
  EXPECT_LT(PriorityBand::high, PriorityBand::critical);
}

TEST(Qos, REQ_S1_22_any_other_band_is_a_problem_that_lists_the_allowed_values) {
  model::Pod pod = burstable();
  pod.annotations.emplace("scheduling.openfuyao.io/priority", "urgent");
  EXPECT_THAT(
      resolve_alone(pod).problems,
      ElementsAre(
          "annotation scheduling.openfuyao.io/priority=urgent on the pod: not a priority, allowed are critical, high, normal, low"));
}

TEST(Qos, an_unknown_value_of_our_own_keys_is_a_problem_and_of_others_a_warning) {
  model::Pod pod = burstable();
  pod.annotations = {{"scheduling.openfuyao.io/qos-class", "besteffort"}, {"scheduling.openfuyao.io/resource-pool", "mixed"}};
  pod.labels = {{"koordinator.sh/qosClass", "SYSTEM"}};
  const Resolved resolved = resolve_alone(pod);
  EXPECT_THAT(resolved.problems, Contains(HasSubstr("allowed are HLS, LLS, guaranteed, burstable, LS, best-effort, BE")));
  EXPECT_THAT(resolved.problems, Contains(HasSubstr("allowed are online, offline")));
  EXPECT_THAT(resolved.warnings, ElementsAre(HasSubstr("label koordinator.sh/qosClass=SYSTEM on the pod")));
  EXPECT_FALSE(resolved.explicit_class);
}

TEST(Qos, REQ_S1_24_a_silent_pod_that_names_a_pool_is_restricted_to_it) {
  model::Pod pod = burstable();
  pod.annotations.emplace("scheduling.openfuyao.io/resource-pool", "offline");
  const Resolved resolved = resolve_alone(pod);
  EXPECT_TRUE(resolved.restricted);
  EXPECT_FALSE(resolved.offline);
  EXPECT_EQ(resolved.pool, model::Pool::offline);
}

}   // namespace
}   // namespace ebb::core
