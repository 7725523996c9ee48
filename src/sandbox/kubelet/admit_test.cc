#include "sandbox/kubelet/admit.h"

#include "sandbox/kubelet/report_pace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

using testing::HasSubstr;

model::Node a_node() {
  model::Node node;
  node.name = model::NodeName("node-1");
  node.labels = {{"disk", "ssd"}};
  node.allocatable = {.cpu = cpus(4),
                      .memory = gibibytes(8),
                      .ephemeral_storage = gibibytes(100),
                      .pods = 3,
                      .scalars = {{"kubernetes.io/batch-cpu", 2000}}};
  return node;
}

model::Pod a_pod(MilliCpu cpu, Bytes memory = {}) {
  model::Pod pod;
  pod.containers = {{.name = "c", .requests = {.cpu = cpu, .memory = memory, .ephemeral_storage = {}}, .limits = {}, .host_ports = {}}};
  return pod;
}

std::string reason(const model::Pod& pod, const model::Resources& used = {}, const model::Node& node = a_node()) {
  const auto rejection = check_admission(pod, node, used, false);
  return rejection ? rejection->reason : "";
}

TEST(KubeletAdmission, TakesWhatFitsExactly) { EXPECT_EQ(reason(a_pod(cpus(4), gibibytes(8))), ""); }

TEST(KubeletAdmission, RefusesWithTheResourceThatIsShortAndItsNumbers) {
  const auto rejection = check_admission(a_pod(cpus(2)), a_node(), {.cpu = cpus(3), .memory = {}, .ephemeral_storage = {}}, false);
  ASSERT_TRUE(rejection);
  EXPECT_EQ(rejection->reason, "OutOfcpu");
  EXPECT_EQ(rejection->message, "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000");
  EXPECT_EQ(reason(a_pod({}, gibibytes(9))), "OutOfmemory");
  EXPECT_EQ(reason(a_pod({}), {.cpu = {}, .memory = {}, .ephemeral_storage = {}, .pods = 3}), "OutOfpods");
}

TEST(KubeletAdmission, ChecksPodsBeforeCpuAndCpuBeforeMemory) {
  model::Pod pod = a_pod(cpus(9), gibibytes(9));
  EXPECT_EQ(reason(pod, {.cpu = {}, .memory = {}, .ephemeral_storage = {}, .pods = 3}), "OutOfpods");
  EXPECT_EQ(reason(pod), "OutOfcpu");
}

TEST(KubeletAdmission, CountsOversoldResourcesButNotExtendedOnesThatTheNodeDoesNotKnow) {
  model::Pod pod = a_pod({});
  pod.containers[0].requests.scalars = {{"kubernetes.io/batch-cpu", 1500}};
  EXPECT_EQ(reason(pod), "");
  EXPECT_EQ(reason(pod, {.cpu = {}, .memory = {}, .ephemeral_storage = {}, .scalars = {{"kubernetes.io/batch-cpu", 1000}}}),
            "OutOfkubernetes.io/batch-cpu");
  pod.containers[0].requests.scalars = {{"kubernetes.io/batch-memory", 1}};
  EXPECT_EQ(reason(pod), "OutOfkubernetes.io/batch-memory") << "the node offers none";
  pod.containers[0].requests.scalars = {{"example.com/quota", 5}};
  EXPECT_EQ(reason(pod), "") << "a cluster-level resource";
}

TEST(KubeletAdmission, ChecksSelectorAffinityPortsAndNoExecuteTaints) {
  model::Pod pod = a_pod({});
  pod.node_selector = {{"disk", "hdd"}};
  EXPECT_EQ(reason(pod), "NodeAffinity");
  pod.node_selector = {{"disk", "ssd"}};
  pod.has_required_node_affinity = true;
  EXPECT_EQ(reason(pod), "NodeAffinity") << "affinity without terms matches nothing";
  pod.has_required_node_affinity = false;
  EXPECT_EQ(check_admission(pod, a_node(), {}, true)->reason, "NodePorts");
  model::Node node = a_node();
  node.taints = {{.key = "k", .value = "", .effect = model::TaintEffect::no_schedule}};
  EXPECT_EQ(reason(pod, {}, node), "") << "NoSchedule is the scheduler's business";
  node.taints[0].effect = model::TaintEffect::no_execute;
  EXPECT_EQ(reason(pod, {}, node), "TaintToleration");
  pod.tolerations = {{.key = "k", .exists = true, .value = "", .effect = {}}};
  EXPECT_EQ(reason(pod, {}, node), "");
}

TEST(KubeletAdmission, RefusesAnotherOperatingSystem) {
  model::Pod pod = a_pod({});
  pod.node_selector = {{"kubernetes.io/os", "windows"}};
  EXPECT_EQ(reason(pod), "PodOSSelectorNodeLabelDoesNotMatch");
}

model::NodeReport a_report(std::int64_t ls_milli_cpu) {
  model::NodeReport report;
  report.use.ls.cpu = MilliCpu{ls_milli_cpu};
  return report;
}

TEST(ReportPace, WritesAtOnceThenOnAChangeOfATenthThenEveryMinuteWithJitter) {
  constexpr Instant kStart{1'700'000'000'000'000'000};
  const model::Use allocatable{cpus(16), gibibytes(64)};
  ReportPace pace(7);
  EXPECT_TRUE(pace.due(kStart, a_report(4000), allocatable));
  pace.written(kStart, a_report(4000));
  EXPECT_FALSE(pace.due(kStart + milliseconds(999), a_report(9000), allocatable)) << "at most once a second";
  EXPECT_FALSE(pace.due(kStart + seconds(1), a_report(4399), allocatable));
  EXPECT_TRUE(pace.due(kStart + seconds(1), a_report(4400), allocatable));
  EXPECT_TRUE(pace.due(kStart + seconds(1), a_report(3600), allocatable));
  EXPECT_FALSE(pace.due(kStart + seconds(53), a_report(4000), allocatable));
  EXPECT_TRUE(pace.due(kStart + seconds(60), a_report(4000), allocatable));
  auto pressed = a_report(4000);
  pressed.cpu_pressure = true;
  EXPECT_TRUE(pace.due(kStart + seconds(1), pressed, allocatable));
}

TEST(ReportPace, ATenthOfNextToNothingIsNoChange) {
  constexpr Instant kStart{1'700'000'000'000'000'000};
  ReportPace pace(7);
  pace.written(kStart, a_report(10));
  EXPECT_FALSE(pace.due(kStart + seconds(2), a_report(40), {cpus(16), gibibytes(64)}));
}

}   // namespace
}   // namespace ebb::sandbox
