#include "core/capacity/oversold.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace ebb::core {
namespace {

using model::Use;

constexpr Instant kNow{1'000'000'000'000'000'000};

// A node of 16 CPUs and 64 GiB of which one CPU and 4 GiB are the system's own, and what is on it.
struct Scene {
  model::Node node;
  model::NodePolicy policy;
  std::vector<PodLoad> pods;
  model::NodeReport report;
  bool has_report = true;
  std::optional<UseSample> node_use;

  Scene() {
    node.name = model::NodeName("n1");
    node.capacity.cpu = cpus(16);
    node.capacity.memory = gibibytes(64);
    node.allocatable.cpu = cpus(15);
    node.allocatable.memory = gibibytes(60);
    policy.colocation = true;
    report.time = kNow;
  }
  Oversold compute(Instant now = kNow) const {
    return compute_oversold({.node = node, .policy = policy, .pods = pods, .report = has_report ? &report : nullptr, .node_use = node_use},
                            now);
  }
};

PodLoad online(Use requests, model::QosClass qos = model::QosClass::ls) {
  PodLoad pod;
  pod.qos = qos;
  pod.running = true;
  pod.requests = requests;
  return pod;
}

PodLoad offline(Use oversold) {
  PodLoad pod;
  pod.qos = model::QosClass::be;
  pod.offline = pod.running = true;
  pod.oversold = oversold;
  return pod;
}

TEST(Oversold, REQ_S1_20_an_empty_node_gives_the_share_up_to_the_admission_line) {
  const Oversold o = Scene().compute();
  EXPECT_EQ(o.cpu.result, cpus(12));
  EXPECT_EQ(o.memory.result, gibibytes(42));
  EXPECT_EQ(o.source, MetricsSource::report);
}

TEST(Oversold, REQ_S1_20_every_term_is_there_by_name) {
  Scene s;
  s.policy.reserve_cpu = cpus(2);
  s.policy.reserve_memory = gibibytes(4);
  s.report.use.system = {MilliCpu{1500}, gibibytes(5)};
  s.report.use.ls = {MilliCpu{2500}, gibibytes(8)};
  s.report.use.hls = {MilliCpu{100}, gibibytes(1)};
  s.report.use.be = {cpus(3), gibibytes(6)};
  s.pods = {online({cpus(2), gibibytes(4)}, model::QosClass::hls), online({cpus(6), gibibytes(10)}), offline({cpus(1), gibibytes(2)})};
  const Oversold o = s.compute();
  EXPECT_EQ(o.cpu.allocatable, cpus(15));
  EXPECT_EQ(o.cpu.threshold, Permille{800});
  EXPECT_EQ(o.cpu.line, cpus(12));
  EXPECT_EQ(o.cpu.reserve, cpus(2));
  EXPECT_EQ(o.cpu.system_use, MilliCpu{1500});
  EXPECT_EQ(o.cpu.system_reserve, cpus(1));
  EXPECT_EQ(o.cpu.system_excess, MilliCpu{500});
  EXPECT_EQ(o.cpu.hls_requests, cpus(2));
  EXPECT_EQ(o.cpu.predicted_peak, MilliCpu{2500});
  EXPECT_EQ(o.cpu.overcommit_cap, std::nullopt);
  EXPECT_EQ(o.cpu.allocated, cpus(1));
  EXPECT_EQ(o.cpu.result, MilliCpu{12'000 - 2'000 - 500 - 2'000 - 2'500});
  EXPECT_EQ(o.memory.result, gibibytes(42 - 4 - 1 - 4 - 8));
}

TEST(Oversold, system_use_within_its_own_reserve_takes_nothing) {
  Scene s;
  s.report.use.system = {cpus(1), gibibytes(4)};
  EXPECT_EQ(s.compute().cpu.system_excess, MilliCpu{});
  EXPECT_EQ(s.compute().cpu.result, cpus(12));
}

TEST(Oversold, an_hls_pod_counts_at_its_request_whatever_it_uses) {
  Scene s;
  s.pods = {online({cpus(4), gibibytes(8)}, model::QosClass::hls)};
  s.report.use.hls = {MilliCpu{10}, mebibytes(10)};
  EXPECT_EQ(s.compute().cpu.result, cpus(8));
  EXPECT_EQ(s.compute().memory.result, gibibytes(34));
}

TEST(Oversold, a_pod_that_came_after_the_report_counts_at_its_request) {
  Scene s;
  PodLoad running = online({cpus(3), gibibytes(3)});
  running.running_since = kNow + seconds(1);
  PodLoad pending = online({cpus(2), gibibytes(2)});
  pending.running = false;
  s.pods = {running, pending, online({cpus(9), gibibytes(9)})};
  const Oversold o = s.compute(kNow + seconds(2));
  EXPECT_EQ(o.cpu.predicted_peak, cpus(5));
  EXPECT_EQ(o.pods_at_request, 2);
}

TEST(Oversold, metrics_older_than_the_staleness_limit_take_the_resource_away) {
  Scene s;
  EXPECT_EQ(s.compute(kNow + seconds(180)).cpu.result, cpus(12));
  const Oversold stale = s.compute(kNow + seconds(181));
  EXPECT_EQ(stale.source, MetricsSource::none);
  EXPECT_EQ(stale.cpu.result, MilliCpu{});
  EXPECT_EQ(stale.memory.result, Bytes{});
  s.has_report = false;
  EXPECT_EQ(s.compute().cpu.result, MilliCpu{});
}

TEST(Oversold, without_a_report_the_metrics_api_is_used_pod_by_pod) {
  Scene s;
  s.has_report = false;
  s.node_use = UseSample{{cpus(7), gibibytes(20)}, kNow};
  PodLoad sampled = online({cpus(6), gibibytes(10)});
  sampled.sample = UseSample{{cpus(2), gibibytes(6)}, kNow};
  PodLoad old = online({cpus(1), gibibytes(1)});
  old.sample = UseSample{{MilliCpu{1}, mebibytes(1)}, kNow - seconds(181)};
  PodLoad batch = offline({cpus(3), gibibytes(3)});
  batch.sample = UseSample{{cpus(3), gibibytes(8)}, kNow};
  s.pods = {sampled, old, batch};
  const Oversold o = s.compute();
  EXPECT_EQ(o.source, MetricsSource::metrics_api);
  EXPECT_EQ(o.cpu.predicted_peak, cpus(3));
  EXPECT_EQ(o.pods_at_request, 1);
  EXPECT_EQ(o.cpu.system_use, cpus(2));   // 7 - 2 - 3
  EXPECT_EQ(o.memory.system_use, gibibytes(6));
}

TEST(Oversold, a_stale_report_gives_way_to_a_fresh_metrics_api) {
  Scene s;
  s.report.time = kNow - seconds(181);
  s.node_use = UseSample{{}, kNow};
  EXPECT_EQ(s.compute().source, MetricsSource::metrics_api);
}

TEST(Oversold, REQ_S1_33_an_overcommit_ratio_caps_requests_of_all_kinds_together) {
  Scene s;
  s.policy.resource_sharing.cpu_overcommit_ratio = Permille{1000};
  s.pods = {online({cpus(10), gibibytes(1)})};
  const Oversold o = s.compute();
  EXPECT_EQ(o.cpu.overcommit_cap, cpus(5));
  EXPECT_EQ(o.cpu.result, cpus(5));
  EXPECT_EQ(o.memory.overcommit_cap, std::nullopt);
}

TEST(Oversold, where_colocation_is_off_there_is_nothing) {
  Scene s;
  s.policy.colocation = false;
  EXPECT_EQ(s.compute().cpu.result, MilliCpu{});
  EXPECT_EQ(s.compute().cpu.line, cpus(12));
}

TEST(Oversold, an_offline_pod_takes_what_it_moved_or_its_native_requests) {
  Resolved be;
  be.qos = model::QosClass::be;
  be.offline = true;
  model::Pod pod;
  pod.containers.resize(1);
  pod.containers[0].requests.cpu = cpus(1);
  pod.containers[0].requests.memory = gibibytes(2);
  EXPECT_EQ(oversold_requests(pod, be), (Use{cpus(1), gibibytes(2)}));
  EXPECT_EQ(oversold_requests(pod, Resolved{}), Use{});

  model::Pod moved;
  moved.containers.resize(1);
  moved.containers[0].requests.scalars = {{"kubernetes.io/batch-cpu", 1500}, {"kubernetes.io/be-memory", 1 << 20}};
  EXPECT_EQ(oversold_requests(moved, be), (Use{MilliCpu{1500}, mebibytes(1)}));
  EXPECT_EQ(pod_load(moved, be).oversold.cpu, MilliCpu{1500});
}

// Any scene within the ranges that Kubernetes and the policy allow.
Scene any_scene() {
  const auto cpu = [] { return MilliCpu{*rc::gen::inRange<std::int64_t>(0, 256'000)}; };
  const auto memory = [] { return Bytes{*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40)}; };
  const auto use = [&] { return Use{cpu(), memory()}; };
  Scene s;
  s.node.allocatable.cpu = cpu();
  s.node.allocatable.memory = memory();
  s.node.capacity.cpu = s.node.allocatable.cpu + MilliCpu{*rc::gen::inRange<std::int64_t>(0, 8'000)};
  s.node.capacity.memory = s.node.allocatable.memory + Bytes{*rc::gen::inRange<std::int64_t>(0, 1 << 30)};
  s.policy.colocation = *rc::gen::inRange(0, 10) > 0;
  s.policy.reserve_cpu = MilliCpu{*rc::gen::inRange<std::int64_t>(0, 4'000)};
  s.policy.resource_sharing.cpu_threshold = Permille{*rc::gen::inRange<std::int64_t>(0, 1001)};
  s.policy.resource_sharing.memory_threshold = Permille{*rc::gen::inRange<std::int64_t>(0, 1001)};
  if (*rc::gen::inRange(0, 3) == 0)
    s.policy.resource_sharing.cpu_overcommit_ratio = Permille{*rc::gen::inRange<std::int64_t>(1000, 10'001)};
  s.report.use = {use(), use(), use(), use()};
  s.report.time = kNow - seconds(*rc::gen::inRange(0, 200));
  s.has_report = *rc::gen::inRange(0, 4) > 0;
  if (*rc::gen::inRange(0, 2) == 0) s.node_use = UseSample{use(), kNow - seconds(*rc::gen::inRange(0, 200))};
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
    PodLoad pod =
        *rc::gen::inRange(0, 3) == 0 ? offline(use()) : online(use(), *rc::gen::element(model::QosClass::hls, model::QosClass::ls));
    pod.running = *rc::gen::inRange(0, 4) > 0;
    pod.running_since = kNow - seconds(*rc::gen::inRange(0, 300));
    if (*rc::gen::inRange(0, 2) == 0) pod.sample = UseSample{use(), kNow - seconds(*rc::gen::inRange(0, 300))};
    s.pods.push_back(pod);
  }
  return s;
}

TEST(Oversold, holds_whatever_the_node_is_never_negative_and_never_above_the_line_or_the_cap) {
  EXPECT_TRUE(rc::check([] {
    const Oversold o = any_scene().compute();
    RC_ASSERT(o.cpu.result >= MilliCpu{});
    RC_ASSERT(o.memory.result >= Bytes{});
    RC_ASSERT(o.cpu.result <= o.cpu.line);
    RC_ASSERT(o.cpu.line <= o.cpu.allocatable);
    RC_ASSERT(o.memory.result <= o.memory.line);
    if (o.cpu.overcommit_cap) RC_ASSERT(o.cpu.result <= std::max(*o.cpu.overcommit_cap, MilliCpu{}));
    if (o.source == MetricsSource::none || !o.colocation) RC_ASSERT(o.cpu.result == MilliCpu{});
    if (o.cpu.result > MilliCpu{}) {
      const MilliCpu together = o.cpu.result + o.cpu.reserve + o.cpu.system_excess + o.cpu.hls_requests + o.cpu.predicted_peak;
      RC_ASSERT(together <= o.cpu.line);
    }
  }));
}

TEST(Oversold, holds_whatever_the_node_is_more_online_work_never_gives_more) {
  EXPECT_TRUE(rc::check([] {
    const Scene before = any_scene();
    Scene after = before;
    switch (*rc::gen::inRange(0, 4)) {
      case 0: after.report.use.ls.cpu += MilliCpu{*rc::gen::inRange<std::int64_t>(0, 9'000)}; break;
      case 1: after.report.use.system.cpu += MilliCpu{*rc::gen::inRange<std::int64_t>(0, 9'000)}; break;
      case 2: after.pods.push_back(online({MilliCpu{*rc::gen::inRange<std::int64_t>(0, 9'000)}, {}}, model::QosClass::hls)); break;
      default: after.policy.reserve_cpu += MilliCpu{*rc::gen::inRange<std::int64_t>(0, 9'000)};
    }
    RC_ASSERT(after.compute().cpu.result <= before.compute().cpu.result);
  }));
}

TEST(Oversold, holds_whatever_the_node_is_time_alone_never_adds) {
  EXPECT_TRUE(rc::check([] {
    Scene s = any_scene();
    s.node_use.reset();   // one source only: another may say something else
    const auto later = kNow + seconds(*rc::gen::inRange(0, 400));
    RC_ASSERT(s.compute(later).cpu.result <= s.compute().cpu.result);
  }));
}

TEST(Oversold, holds_whatever_the_node_is_a_higher_line_never_gives_less) {
  EXPECT_TRUE(rc::check([] {
    const Scene before = any_scene();
    Scene after = before;
    after.policy.resource_sharing.cpu_threshold =
        Permille{*rc::gen::inRange(before.policy.resource_sharing.cpu_threshold.v, std::int64_t{1001})};
    RC_ASSERT(after.compute().cpu.result >= before.compute().cpu.result);
  }));
}

}   // namespace
}   // namespace ebb::core
