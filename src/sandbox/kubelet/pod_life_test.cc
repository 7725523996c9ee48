#include "sandbox/kubelet/pod_life.h"

#include "sandbox/kubelet/pod_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

using testing::ElementsAre;

constexpr Instant kStart{1'700'000'000'000'000'000};

PodSpec a_spec(RestartPolicy restart, std::vector<ContainerSpec> init = {}) {
  PodSpec spec;
  spec.pod.key = {"offline", "p"};
  spec.pod.uid = model::Uid("u-1");
  spec.containers = {{.name = "main", .image = "spark:3.2.0"}};
  spec.init_containers = std::move(init);
  spec.restart = restart;
  return spec;
}

world::Workload work() {
  world::Workload workload;
  workload.work = world::cpu_seconds(3);
  workload.start = milliseconds(300);
  return workload;
}

world::Ended ended(Instant at, std::int32_t code, bool oom = false) {
  return {.handle = 1, .at = at, .exit_code = code, .out_of_memory = oom};
}

PodLife a_running(RestartPolicy restart, world::Workload workload = work()) {
  PodLife life(a_spec(restart), workload, kStart);
  EXPECT_TRUE(life.step(life.due()).start_workload);
  return life;
}

TEST(PodLife, IsPendingWhileItsContainersAreCreatedAndThenRuns) {
  PodLife life(a_spec(RestartPolicy::always), work(), kStart);
  EXPECT_EQ(life.phase(), "Pending");
  EXPECT_EQ(life.due(), kStart + milliseconds(300));
  EXPECT_FALSE(life.step(kStart + milliseconds(299)).start_workload);
  EXPECT_TRUE(life.step(kStart + milliseconds(300)).start_workload);
  EXPECT_EQ(life.phase(), "Running");
  EXPECT_TRUE(life.ready());
  EXPECT_EQ(life.due(), kNever);
}

TEST(PodLife, InitContainersRunOneAfterTheOtherAndSidecarsStay) {
  PodLife life(
      a_spec(RestartPolicy::always,
             {{.name = "first", .image = "a"}, {.name = "proxy", .image = "b", .sidecar = true}, {.name = "second", .image = "c"}}),
      work(), kStart);
  life.step(life.due());
  EXPECT_EQ(life.init_containers()[0].stage, ContainerStage::running);
  EXPECT_EQ(life.init_containers()[1].stage, ContainerStage::waiting);
  life.step(life.due());
  EXPECT_EQ(life.init_containers()[0].stage, ContainerStage::terminated);
  EXPECT_EQ(life.init_containers()[1].stage, ContainerStage::running);
  EXPECT_EQ(life.init_containers()[2].stage, ContainerStage::running);
  EXPECT_FALSE(life.initialized());
  EXPECT_TRUE(life.step(life.due()).start_workload);
  EXPECT_TRUE(life.initialized());
  EXPECT_EQ(life.init_containers()[1].stage, ContainerStage::running);
}

TEST(PodLife, WorkThatEndsWellSucceedsUnlessItAlwaysRestarts) {
  for (const auto restart : {RestartPolicy::on_failure, RestartPolicy::never}) {
    PodLife life = a_running(restart);
    life.workload_ended(ended(kStart + seconds(4), 0));
    EXPECT_EQ(life.phase(), "Succeeded");
    EXPECT_EQ(life.containers()[0].end.reason, "Completed");
  }
  PodLife always = a_running(RestartPolicy::always);
  always.workload_ended(ended(kStart + seconds(4), 0));
  EXPECT_EQ(always.phase(), "Running");
  EXPECT_FALSE(always.ready());
}

TEST(PodLife, AFailureFailsThePodOnlyWhereItNeverRestarts) {
  PodLife never = a_running(RestartPolicy::never);
  never.workload_ended(ended(kStart + seconds(4), 3));
  EXPECT_EQ(never.phase(), "Failed");
  EXPECT_EQ(never.containers()[0].end.exit_code, 3);
  PodLife again = a_running(RestartPolicy::on_failure);
  again.workload_ended(ended(kStart + seconds(4), 137, true));
  EXPECT_EQ(again.containers()[0].end.reason, "OOMKilled");
  EXPECT_EQ(again.phase(), "Running");
}

TEST(PodLife, RestartsAtOnceThenAfterTenSecondsDoublingToFiveMinutes) {
  PodLife life = a_running(RestartPolicy::on_failure);
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 8; ++i) {
    const Instant at = life.containers()[0].started + seconds(1);
    life.workload_ended(ended(at, 1));
    pauses.push_back((life.due() - at).v / milliseconds(1).v);
    EXPECT_TRUE(life.step(life.due()).start_workload);
    EXPECT_EQ(life.restarts(), i + 1);
    EXPECT_EQ(life.containers()[0].last->exit_code, 1);
  }
  EXPECT_THAT(pauses, ElementsAre(300, 10'000, 20'000, 40'000, 80'000, 160'000, 300'000, 300'000));
}

TEST(PodLife, ALongCalmRunForgetsTheCrashesBeforeIt) {
  PodLife life = a_running(RestartPolicy::on_failure);
  for (int i = 0; i < 3; ++i) {
    life.workload_ended(ended(life.containers()[0].started + seconds(1), 1));
    life.step(life.due());
  }
  const Instant at = life.containers()[0].started + minutes(10);
  life.workload_ended(ended(at, 1));
  EXPECT_EQ(life.due(), at + milliseconds(300));
}

TEST(PodLife, AServiceThatIsDeletedStopsWellWithinItsGraceAndCanGo) {
  world::Workload service;
  service.stop = milliseconds(500);
  PodLife life = a_running(RestartPolicy::always, service);
  life.stop(kStart + seconds(10), seconds(30));
  EXPECT_EQ(life.phase(), "Running");
  EXPECT_EQ(life.due(), kStart + seconds(10) + milliseconds(500));
  const auto step = life.step(life.due());
  EXPECT_TRUE(step.all_stopped);
  EXPECT_TRUE(step.stop_workload);
  EXPECT_EQ(life.phase(), "Succeeded");
}

TEST(PodLife, WorkThatIsInterruptedFailsAndIsKilledWhereTheGraceIsTooShort) {
  PodLife life = a_running(RestartPolicy::on_failure);
  life.stop(kStart + seconds(1), seconds(30));
  life.step(life.due());
  EXPECT_EQ(life.phase(), "Failed");
  EXPECT_EQ(life.containers()[0].end.exit_code, 143);
  PodLife killed = a_running(RestartPolicy::on_failure);
  killed.stop(kStart + seconds(1), Duration{0});
  EXPECT_EQ(killed.due(), kStart + seconds(1));
  killed.step(killed.due());
  EXPECT_EQ(killed.containers()[0].end.exit_code, 137);
}

TEST(PodLife, AShorterGraceOvertakesALongerOne) {
  world::Workload slow;
  slow.stop = seconds(20);
  PodLife life = a_running(RestartPolicy::always, slow);
  life.stop(kStart + seconds(1), seconds(30));
  EXPECT_EQ(life.due(), kStart + seconds(21));
  life.stop(kStart + seconds(2), seconds(1));
  EXPECT_EQ(life.due(), kStart + seconds(3));
}

TEST(PodLife, WorkThatIsDoneBeforeItHasToStopSucceeded) {
  PodLife life = a_running(RestartPolicy::on_failure);
  life.stop(kStart + seconds(1), seconds(30));
  life.workload_ended(ended(kStart + seconds(1) + milliseconds(100), 0));
  life.step(life.due());
  EXPECT_EQ(life.phase(), "Succeeded");
}

TEST(PodLife, APodThatEndedAlreadyCanGoAtOnce) {
  PodLife life = a_running(RestartPolicy::never);
  life.workload_ended(ended(kStart + seconds(4), 0));
  EXPECT_TRUE(life.stop(kStart + seconds(5), seconds(30)).all_stopped);
}

TEST(PodLife, ADeadlineFailsItWithItsReason) {
  PodLife life = a_running(RestartPolicy::on_failure);
  EXPECT_TRUE(life.fail(kStart + seconds(9), "DeadlineExceeded", "too long").stop_workload);
  EXPECT_EQ(life.phase(), "Failed");
  EXPECT_EQ(life.reason(), "DeadlineExceeded");
}

TEST(PodLife, AnAdoptedPodGoesOnWithItsRestartsAndStartTime) {
  PodSpec spec = a_spec(RestartPolicy::on_failure);
  spec.started = kStart - minutes(5);
  spec.containers[0].restarts = 2;
  PodLife life = PodLife::adopted(spec, work(), kStart);
  EXPECT_TRUE(life.step(kStart).start_workload);
  EXPECT_EQ(life.restarts(), 2);
  EXPECT_EQ(life.start_time(), kStart - minutes(5));
  EXPECT_EQ(life.runs(), 2);
}

json::value at(const json::value& root, std::string_view path) {
  const json::value* found = find_path(root, path);
  return found == nullptr ? json::value("(missing)") : *found;
}

TEST(PodStatus, OfARunningPodHasAddressesConditionsAndContainers) {
  const PodLife life = a_running(RestartPolicy::always);
  const json::value patch = pod_status_patch(life, {.pod_ip = "10.0.1.2", .host_ip = "172.16.0.1"});
  EXPECT_EQ(at(patch, "metadata.uid"), "u-1");
  EXPECT_EQ(at(patch, "status.phase"), "Running");
  EXPECT_EQ(at(patch, "status.podIP"), "10.0.1.2");
  EXPECT_EQ(at(patch, "status.hostIP"), "172.16.0.1");
  EXPECT_EQ(at(patch, "status.startTime"), "2023-11-14T22:13:20Z");
  const json::value container = at(patch, "status.containerStatuses").as_array().at(0);
  EXPECT_EQ(at(container, "ready"), true);
  EXPECT_EQ(at(container, "started"), true);
  EXPECT_EQ(at(container, "restartCount"), 0);
  EXPECT_TRUE(string_at(container, "containerID").starts_with("containerd://"));
  EXPECT_EQ(at(container, "state.running.startedAt"), "2023-11-14T22:13:20Z");
  for (const auto& condition : at(patch, "status.conditions").as_array()) EXPECT_EQ(at(condition, "status"), "True") << condition;
}

TEST(PodStatus, OfACrashingPodShowsTheBackOffAndTheLastEnd) {
  PodLife life = a_running(RestartPolicy::always);
  for (int i = 0; i < 2; ++i) {
    life.workload_ended(ended(life.containers()[0].started + seconds(1), 7));
    if (i == 0) life.step(life.due());
  }
  const json::value patch = pod_status_patch(life, {.pod_ip = "10.0.1.2", .host_ip = "172.16.0.1"});
  const json::value container = at(patch, "status.containerStatuses").as_array().at(0);
  EXPECT_EQ(at(container, "state.waiting.reason"), "CrashLoopBackOff");
  EXPECT_EQ(at(container, "lastState.terminated.exitCode"), 7);
  EXPECT_EQ(at(container, "restartCount"), 1);
}

TEST(PodStatus, OfARefusedPodIsFailedWithReasonAndMessage) {
  const PodLife life = PodLife::refused(a_spec(RestartPolicy::always), "OutOfcpu", "Pod was rejected: no", kStart);
  const json::value patch = pod_status_patch(life, {.pod_ip = "", .host_ip = "172.16.0.1"});
  EXPECT_EQ(at(patch, "status.phase"), "Failed");
  EXPECT_EQ(at(patch, "status.reason"), "OutOfcpu");
}

}   // namespace
}   // namespace ebb::sandbox
