#include "world/machine.h"

#include "base/rng.h"
#include "world/cpu_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace ebb::world {
namespace {

using model::QosClass;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Instant kStart{1'700'000'000'000'000'000};

LoadCurve steady(std::int64_t permille) { return {.low = Permille{permille}, .high = Permille{permille}}; }

MachinePod a_pod(Handle handle, QosClass qos, std::int64_t milli_cpu, std::int64_t load_permille = 1000) {
  const CpuTier tier = qos == QosClass::hls ? CpuTier::exclusive : qos == QosClass::ls ? CpuTier::shared : CpuTier::reclaimed;
  MachinePod pod{
      .handle = handle, .qos = qos, .tier = tier, .requests = {MilliCpu{milli_cpu}, gibibytes(2)}, .cpu_limit = {}, .workload = {}};
  pod.workload.cpu = steady(load_permille);
  pod.workload.memory = Permille{1000};
  return pod;
}

Machine a_machine(std::int64_t cpu_count = 16) {
  return Machine({.cpu = cpus(cpu_count), .memory = gibibytes(64), .numa_nodes = 2, .system = {}}, kStart);
}

MilliCpu cpu_of(const Machine& machine, Handle handle) { return machine.use_of(handle)->cpu; }

TEST(CpuShare, GivesEverybodyTheirWishWhereThereIsEnough) {
  std::vector<CpuClaim> claims{{MilliCpu{500}, 1, {}}, {MilliCpu{700}, 9, {}}};
  EXPECT_EQ(split_cpu(MilliCpu{1200}, claims), MilliCpu{1200});
  EXPECT_EQ(claims[0].granted, MilliCpu{500});
}

TEST(CpuShare, SplitsByWeightAndHandsOnWhatOneDoesNotWant) {
  std::vector<CpuClaim> claims{{MilliCpu{1000}, 1, {}}, {MilliCpu{1000}, 3, {}}, {MilliCpu{100}, 4, {}}};
  split_cpu(MilliCpu{900}, claims);
  EXPECT_THAT((std::vector{claims[0].granted.v, claims[1].granted.v, claims[2].granted.v}), ElementsAre(200, 600, 100));
}

TEST(CpuShareProperty, IsAtMostTheWishAtMostTheCapacityAndWastesUnderOneMilliCpuPerClaim) {
  Rng rng(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<CpuClaim> claims(rng.below(12));
    for (auto& claim : claims) claim = {MilliCpu{rng.between(0, 4000)}, rng.between(1, 4000), {}};
    const MilliCpu capacity{rng.between(0, 16'000)};
    const MilliCpu sum = split_cpu(capacity, claims);
    ASSERT_LE(sum, capacity);
    MilliCpu wishes;
    for (const auto& claim : claims) {
      ASSERT_LE(claim.granted, claim.wish);
      wishes += claim.wish;
    }
    ASSERT_GE(sum.v + static_cast<std::int64_t>(claims.size()), std::min(wishes, capacity).v);
  }
}

TEST(Machine, ReclaimedWorkGetsWhatOnlineWorkLeaves) {
  Machine machine = a_machine();
  machine.add(a_pod(1, QosClass::ls, 10'000), kStart);
  machine.add(a_pod(2, QosClass::be, 8000), kStart);
  machine.advance(kStart + seconds(1));
  EXPECT_EQ(cpu_of(machine, 1), cpus(10));
  EXPECT_EQ(cpu_of(machine, 2), cpus(6));
  EXPECT_FALSE(machine.online_short());
  machine.set_knobs({.be_cpu_limit = MilliCpu{2500}, .be_memory_limit = {}});
  machine.advance(kStart + seconds(2));
  EXPECT_EQ(cpu_of(machine, 2), MilliCpu{2500});
  EXPECT_EQ(machine.use().be.cpu, MilliCpu{2500});
  EXPECT_EQ(machine.use().ls.cpu, cpus(10));
}

TEST(Machine, ExclusiveCoresAreTakenFromTheSharedPoolEvenWhileTheyIdle) {
  Machine machine = a_machine(4);
  EXPECT_EQ(machine.add(a_pod(1, QosClass::hls, 2000, 100), kStart), CpuTier::exclusive);
  machine.add(a_pod(2, QosClass::ls, 3000), kStart);
  machine.advance(kStart + seconds(1));
  EXPECT_EQ(cpu_of(machine, 1), MilliCpu{200});
  EXPECT_EQ(cpu_of(machine, 2), cpus(2));
  EXPECT_TRUE(machine.online_short());
  EXPECT_EQ(machine.exclusive_cpu(), cpus(2));
  machine.remove(1);
  machine.advance(kStart + seconds(2));
  EXPECT_EQ(cpu_of(machine, 2), cpus(3));
}

TEST(Machine, ExclusiveWorkNeverGetsTheWholeMachine) {
  Machine machine = a_machine(4);
  EXPECT_EQ(machine.add(a_pod(1, QosClass::hls, 4000), kStart), CpuTier::shared);
  EXPECT_EQ(machine.exclusive_cpu(), MilliCpu{0});
}

TEST(Machine, AnLSPodUsesItsLimitAndMoreOnlyWhileItMayBurst) {
  Machine machine = a_machine();
  MachinePod pod = a_pod(1, QosClass::ls, 1000, 3000);
  pod.cpu_limit = cpus(1);
  machine.add(pod, kStart);
  machine.advance(kStart + seconds(1));
  EXPECT_EQ(cpu_of(machine, 1), cpus(1));
  machine.set_knobs({.be_cpu_limit = {}, .be_memory_limit = {}, .burst = Permille{2000}});
  machine.advance(kStart + seconds(2));
  EXPECT_EQ(cpu_of(machine, 1), cpus(2));
}

TEST(Machine, FixedWorkEndsTheMomentItWasGrantedItsCpu) {
  Machine machine = a_machine();
  MachinePod pod = a_pod(1, QosClass::be, 1000);
  pod.workload.work = cpu_seconds(3);
  machine.add(pod, kStart);
  EXPECT_THAT(machine.advance(kStart + seconds(2)), IsEmpty());
  machine.set_knobs({.be_cpu_limit = MilliCpu{500}, .be_memory_limit = {}});
  const auto ended = machine.advance(kStart + seconds(10));
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].at, kStart + seconds(4));
  EXPECT_EQ(ended[0].exit_code, 0);
  EXPECT_EQ(machine.pods(), 0u);
  EXPECT_EQ(machine.offline_cpu(), cpu_seconds(3));
}

TEST(Machine, ARunForATimeEndsAfterItWithItsExitCode) {
  Machine machine = a_machine();
  MachinePod pod = a_pod(1, QosClass::ls, 1000);
  pod.workload.run_for = milliseconds(2500);
  pod.workload.exit_code = 4;
  machine.add(pod, kStart + milliseconds(100));
  EXPECT_THAT(machine.advance(kStart + milliseconds(2500)), IsEmpty());
  const auto ended = machine.advance(kStart + seconds(3));
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].at, kStart + milliseconds(2600));
  EXPECT_EQ(ended[0].exit_code, 4);
}

TEST(Machine, CountsTheWindowsInWhichAnOnlinePodGotUnder95Percent) {
  Machine machine({.cpu = cpus(4), .memory = gibibytes(64), .numa_nodes = 1, .system = {}}, kStart, seconds(5));
  machine.add(a_pod(1, QosClass::ls, 2000), kStart);
  machine.add(a_pod(2, QosClass::be, 4000), kStart);
  for (int s = 1; s <= 5; ++s) machine.advance(kStart + seconds(s));
  EXPECT_EQ(machine.violations(), (Violations{.windows = 1, .violated = 0})) << "offline work is never counted";
  machine.add(a_pod(3, QosClass::ls, 2200), kStart + seconds(5));
  for (int s = 6; s <= 10; ++s) machine.advance(kStart + seconds(s));
  EXPECT_EQ(machine.violations(), (Violations{.windows = 3, .violated = 0})) << "4.0 of 4.2 is over 95 %";
  machine.add(a_pod(4, QosClass::ls, 2000), kStart + seconds(10));
  for (int s = 11; s <= 15; ++s) machine.advance(kStart + seconds(s));
  EXPECT_EQ(machine.violations().violated, 3);
}

TEST(Machine, ReclaimTakesCachesFromOfflineWorkButNotItsWorkingSet) {
  Machine machine = a_machine();
  machine.add(a_pod(1, QosClass::ls, 1000), kStart);
  machine.add(a_pod(2, QosClass::be, 1000), kStart);
  machine.set_knobs({.be_cpu_limit = {}, .be_memory_limit = mebibytes(1536)});
  machine.advance(kStart + seconds(1));
  EXPECT_EQ(machine.use_of(1)->memory, gibibytes(2));
  EXPECT_EQ(machine.use_of(2)->memory, mebibytes(1536));
  machine.set_knobs({.be_cpu_limit = {}, .be_memory_limit = mebibytes(1)});
  machine.advance(kStart + seconds(2));
  EXPECT_EQ(machine.use_of(2)->memory, share_of(gibibytes(2), Permille{700}));
}

TEST(Machine, OutOfMemoryKillsOfflineWorkFirst) {
  Machine machine({.cpu = cpus(16), .memory = gibibytes(5), .numa_nodes = 1, .system = {}}, kStart);
  machine.add(a_pod(1, QosClass::ls, 1000), kStart);
  machine.add(a_pod(2, QosClass::be, 1000), kStart);
  machine.add(a_pod(3, QosClass::ls, 1000), kStart);
  const auto ended = machine.advance(kStart + seconds(1));
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].handle, 2u);
  EXPECT_EQ(ended[0].exit_code, 137);
  EXPECT_TRUE(ended[0].out_of_memory);
  EXPECT_EQ(machine.use().be, model::Use{});
}

TEST(Machine, ReportsUseByNumaNodeAndSpillsWhatAHomeCannotHold) {
  Machine machine = a_machine();
  machine.add(a_pod(1, QosClass::ls, 10'000), kStart);
  machine.add(a_pod(2, QosClass::be, 1000), kStart);
  machine.advance(kStart + seconds(1));
  const auto numa = machine.numa();
  ASSERT_THAT(numa, SizeIs(2));
  EXPECT_EQ(numa[0].cpu_capacity, cpus(8));
  EXPECT_EQ(numa[0].use.ls.cpu, cpus(8));
  EXPECT_EQ(numa[1].use.ls.cpu, cpus(2));
  EXPECT_EQ(numa[1].use.be.cpu, cpus(1));
  EXPECT_EQ(numa[1].use.be.memory, gibibytes(2));
}

TEST(Machine, SumsUseOverTime) {
  Machine machine = a_machine();
  machine.add(a_pod(1, QosClass::ls, 2000), kStart);
  machine.advance(kStart + seconds(3));
  EXPECT_TRUE(machine.used().cpu == static_cast<Int128>(2000) * seconds(3).v);
  EXPECT_TRUE(machine.used().memory == static_cast<Int128>(gibibytes(2).v) * seconds(3).v);
}

TEST(MachineProperty, GrantsNeverPassTheMachineTheLimitOrTheWishAndOnlineIsShortOnlyWhenAllIsUsed) {
  Rng rng(11);
  for (int round = 0; round < 200; ++round) {
    Machine machine = a_machine();
    Handle next = 1;
    Instant now = kStart;
    for (int step = 0; step < 40; ++step) {
      const auto qos = std::array{QosClass::hls, QosClass::ls, QosClass::be}[rng.below(3)];
      machine.add(a_pod(next++, qos, qos == QosClass::hls ? 1000 * rng.between(1, 4) : rng.between(10, 4000), rng.between(0, 1500)), now);
      if (rng.chance(Permille{300})) machine.remove(rng.below(next));
      const MilliCpu limit{rng.between(0, 16'000)};
      machine.set_knobs({.be_cpu_limit = limit, .be_memory_limit = {}});
      now = now + milliseconds(rng.between(1, 3000));
      machine.advance(now);
      const auto use = machine.use();
      ASSERT_LE(use.all().cpu, cpus(16));
      ASSERT_LE(use.be.cpu, limit);
      ASSERT_LE(machine.exclusive_cpu(), cpus(15));
      if (machine.online_short()) {
        // Every core of the shared pool is taken by online work.
        ASSERT_EQ(use.be.cpu, MilliCpu{0});
      }
    }
  }
}

}   // namespace
}   // namespace ebb::world
