#include "core/colocation/three_lines.h"

#include "base/rng.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace ebb::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Instant kStart{1'000'000'000'000};

model::NodePolicy sample_policy() { return {.colocation = true, .resource_sharing = {}, .eviction = {}, .isolation = {}}; }

OfflinePod a_pod(std::string name, std::int64_t milli_cpu, std::int64_t mebi = 0) {
  return {.key = {"offline", name},
          .uid = model::Uid(name),
          .requests = {MilliCpu{milli_cpu}, mebibytes(mebi)},
          .use = {MilliCpu{milli_cpu}, mebibytes(mebi)}};
}

// A node of 10 CPUs and 10,000 MiB whose use is what its online work and its pods use.
NodeObservation a_node(std::int64_t online_milli_cpu, std::vector<OfflinePod> pods, std::int64_t online_mebi = 0) {
  NodeObservation seen{.allocatable = {cpus(10), mebibytes(10'000)}};
  seen.use.ls = {MilliCpu{online_milli_cpu}, mebibytes(online_mebi)};
  for (const OfflinePod& pod : pods) seen.use.be += pod.use;
  seen.offline = std::move(pods);
  return seen;
}

std::vector<std::string> names(const ThreeLinesDecision& decision) {
  std::vector<std::string> all;
  for (const Victim& victim : decision.evictions) all.push_back(victim.key.name);
  return all;
}

TEST(ThreeLines, REQ_S1_16_BelowTheWaterLineBEMayGrowUpToItAndNothingIsEvicted) {
  const auto decision = ThreeLines().step(kStart, sample_policy(), a_node(3000, {a_pod("a", 1000)}));
  EXPECT_EQ(decision.be_cpu_limit, MilliCpu{3000});
  EXPECT_EQ(decision.be_memory_limit, std::nullopt);
  EXPECT_TRUE(decision.may_grow);
  EXPECT_TRUE(decision.admit);
  EXPECT_EQ(decision.admission_room.cpu, cpus(4));
  EXPECT_THAT(decision.evictions, IsEmpty());
}

TEST(ThreeLines, REQ_S1_16_AboveTheWaterLineBEIsPushedBackToIt) {
  const auto decision = ThreeLines().step(kStart, sample_policy(), a_node(4000, {a_pod("a", 3000, 3000)}, 4000));
  EXPECT_EQ(decision.be_cpu_limit, MilliCpu{2000});
  EXPECT_EQ(decision.be_memory_limit, mebibytes(2000));
  EXPECT_FALSE(decision.may_grow);
  EXPECT_THAT(decision.evictions, IsEmpty());
}

model::NodePolicy switched_off() { return {.colocation = false, .resource_sharing = {}, .eviction = {}, .isolation = {}}; }

TEST(ThreeLines, REQ_S1_32_SwitchedOffBELeavesAFewPerIntervalAfterTheGracePeriod) {
  ThreeLines lines;
  const auto seen = a_node(1000, {a_pod("a", 0), a_pod("b", 10), a_pod("c", 10), a_pod("d", 10), a_pod("e", 10)});
  lines.step(kStart - seconds(1), sample_policy(), seen);
  for (int second = 0; second < 30; ++second) {
    EXPECT_THAT(names(lines.step(kStart + seconds(second), switched_off(), seen)), IsEmpty()) << second;
  }
  const auto first = lines.step(kStart + seconds(30), switched_off(), seen);
  EXPECT_THAT(names(first), ElementsAre("b", "c", "d"));
  EXPECT_EQ(first.evictions[0].reason, EvictionReason::label);
  EXPECT_FALSE(first.admit);
  EXPECT_EQ(first.be_cpu_limit, std::nullopt);
  EXPECT_THAT(names(lines.step(kStart + seconds(30) + milliseconds(500), switched_off(), seen)), IsEmpty());
  EXPECT_THAT(names(lines.step(kStart + seconds(31), switched_off(), seen)), ElementsAre("e", "a"));
}

TEST(ThreeLines, REQ_S1_32_SwitchedOnAgainInTimeNobodyLeaves) {
  ThreeLines lines;
  const auto seen = a_node(1000, {a_pod("a", 10)});
  lines.step(kStart, switched_off(), seen);
  lines.step(kStart + seconds(20), sample_policy(), seen);
  lines.step(kStart + seconds(21), switched_off(), seen);
  EXPECT_THAT(names(lines.step(kStart + seconds(40), switched_off(), seen)), IsEmpty());
  EXPECT_THAT(names(lines.step(kStart + seconds(51), switched_off(), seen)), ElementsAre("a"));
}

TEST(ThreeLines, REQ_S1_32_LeavingNeverCostsAJobItsLastAttemptAndPassesOverWhoseBudgetRefuses) {
  ThreeLines lines;
  auto pods = std::vector{a_pod("a", 10), a_pod("b", 10), a_pod("c", 10), a_pod("refused", 10), a_pod("gone", 10)};
  for (OfflinePod& pod : pods) pod.job = model::Uid("job");
  pods[3].eviction_refused = true;
  pods[4].terminating = true;
  auto seen = a_node(1000, pods);
  seen.jobs[model::Uid("job")] = {.backoff_limit = 3};
  lines.step(kStart, switched_off(), seen);
  EXPECT_THAT(names(lines.step(kStart + seconds(30), switched_off(), seen)), ElementsAre("a", "b"));
}

TEST(ThreeLines, REQ_S1_16_TheWaterLineIsTheAdmissionLineWhereThatIsLower) {
  auto policy = sample_policy();
  policy.resource_sharing.cpu_threshold = Permille{500};
  EXPECT_EQ(ThreeLines().step(kStart, policy, a_node(3000, {})).be_cpu_limit, MilliCpu{2000});
}

TEST(ThreeLines, REQ_S1_16_DistressEvictsOneVictimPerCooldownAndOnlyAboveTheWaterLine) {
  ThreeLines lines;
  auto seen = a_node(5000, {a_pod("a", 900), a_pod("b", 800), a_pod("c", 700)});
  seen.distress.run_queue = true;
  EXPECT_THAT(names(lines.step(kStart, sample_policy(), seen)), ElementsAre("a"));
  // It is gone a second later: twenty seconds of quiet from then on.
  seen = a_node(5000, {a_pod("b", 800), a_pod("c", 700)});
  seen.distress.run_queue = true;
  for (int second = 1; second <= 20; ++second) {
    EXPECT_THAT(names(lines.step(kStart + seconds(second), sample_policy(), seen)), IsEmpty()) << second;
  }
  EXPECT_THAT(names(lines.step(kStart + seconds(21), sample_policy(), seen)), ElementsAre("b"));
  EXPECT_THAT(names(ThreeLines().step(kStart, sample_policy(),
                                      [] {
                                        auto quiet = a_node(5000, {a_pod("a", 900)});
                                        quiet.distress.run_queue = true;
                                        return quiet;
                                      }())),
              IsEmpty());
}

TEST(ThreeLines, REQ_S1_16_AnEvictionWithoutEffectCostsNoCooldownAndAnotherGoesInstead) {
  ThreeLines lines;
  auto seen = a_node(5000, {a_pod("a", 900), a_pod("b", 800)});
  seen.distress.latency = true;
  ASSERT_THAT(names(lines.step(kStart, sample_policy(), seen)), ElementsAre("a"));
  seen.offline[0].eviction_refused = true;   // a disruption budget
  EXPECT_THAT(names(lines.step(kStart + seconds(1), sample_policy(), seen)), ElementsAre("b"));
}

TEST(ThreeLines, REQ_S1_16_TheMemoryCooldownIsFourSeconds) {
  ThreeLines lines;
  auto seen = a_node(0, {a_pod("a", 0, 900), a_pod("b", 0, 800)}, 5900);
  seen.distress.psi = true;
  const auto first = lines.step(kStart, sample_policy(), seen);
  ASSERT_THAT(first.evictions, SizeIs(1));
  EXPECT_EQ(first.evictions[0].reason, EvictionReason::psi);
  EXPECT_EQ(first.evictions[0].resource, LineResource::memory);
  seen = a_node(0, {a_pod("b", 0, 800)}, 5900);
  seen.distress.psi = true;
  for (int second = 1; second <= 4; ++second) {
    EXPECT_THAT(lines.step(kStart + seconds(second), sample_policy(), seen).evictions, IsEmpty());
  }
  EXPECT_THAT(names(lines.step(kStart + seconds(5), sample_policy(), seen)), ElementsAre("b"));
}

TEST(ThreeLines, REQ_S1_39_AggressiveEvictsSeveralAtOnceUntilUseIsUnderTheLineAndAdmitsNothingAboveIt) {
  auto policy = sample_policy();
  policy.eviction.aggressive = true;
  ThreeLines lines;
  const auto seen = a_node(5000, {a_pod("a", 900), a_pod("b", 800), a_pod("c", 700)});
  const auto decision = lines.step(kStart, policy, seen);
  EXPECT_THAT(names(decision), ElementsAre("a", "b"));
  EXPECT_FALSE(decision.admit);
  EXPECT_EQ(cpu_admission_line(policy), Permille{600});
  EXPECT_THAT(names(lines.step(kStart + seconds(1), policy, seen)), IsEmpty()) << "their relief is on its way";
}

TEST(ThreeLines, REQ_S1_41_AbovePressureBEGoesToItsFloorAtOnceAndIsEvictedOneIntervalLater) {
  ThreeLines lines;
  const auto seen = a_node(8000, {a_pod("a", 600), a_pod("b", 500)});
  const auto first = lines.step(kStart, sample_policy(), seen);
  EXPECT_EQ(first.be_cpu_limit, MilliCpu{200});
  EXPECT_TRUE(first.cpu_pressure);
  EXPECT_THAT(first.evictions, IsEmpty());
  EXPECT_THAT(lines.step(kStart + milliseconds(500), sample_policy(), seen).evictions, IsEmpty());
  const auto second = lines.step(kStart + seconds(1), sample_policy(), seen);
  EXPECT_THAT(names(second), ElementsAre("a"));
  EXPECT_EQ(second.evictions[0].reason, EvictionReason::pressure);
}

TEST(ThreeLines, REQ_S1_41_SuppressionThatBringsUseUnderThePressureLineEvictsNobody) {
  ThreeLines lines;
  EXPECT_TRUE(lines.step(kStart, sample_policy(), a_node(7500, {a_pod("a", 2000)})).cpu_pressure);
  EXPECT_THAT(lines.step(kStart + seconds(1), sample_policy(), a_node(7500, {a_pod("a", 200)})).evictions, IsEmpty());
  EXPECT_FALSE(lines.step(kStart + seconds(2), sample_policy(), a_node(7500, {a_pod("a", 200)})).cpu_pressure);
}

TEST(ThreeLines, REQ_S1_42_MemoryAbovePressureIsReclaimedAtOnceThenEvicted) {
  ThreeLines lines;
  const auto seen = a_node(0, {a_pod("a", 0, 1500), a_pod("b", 0, 1200)}, 6500);
  const auto first = lines.step(kStart, sample_policy(), seen);
  EXPECT_EQ(first.be_memory_limit, mebibytes(200));
  EXPECT_TRUE(first.memory_pressure);
  EXPECT_THAT(names(lines.step(kStart + seconds(1), sample_policy(), seen)), ElementsAre("a"));
}

TEST(ThreeLines, REQ_S1_38_WhereEvictionIsOffBEIsOnlySuppressed) {
  auto policy = sample_policy();
  policy.eviction.enabled = false;
  ThreeLines lines;
  const auto seen = a_node(8000, {a_pod("a", 1900)});
  lines.step(kStart, policy, seen);
  const auto decision = lines.step(kStart + seconds(5), policy, seen);
  EXPECT_THAT(decision.evictions, IsEmpty());
  EXPECT_EQ(decision.be_cpu_limit, MilliCpu{200});
}

TEST(ThreeLines, VictimsGoByPriorityThenBandThenRelief) {
  auto policy = sample_policy();
  policy.eviction.aggressive = true;
  auto important = a_pod("important", 900);
  important.priority = 100;
  auto high_band = a_pod("high-band", 900);
  high_band.band = 2;
  const auto seen = a_node(6000, {important, high_band, a_pod("small", 100), a_pod("large", 300)});
  EXPECT_THAT(names(ThreeLines().step(kStart, policy, seen)), ElementsAre("large", "small", "high-band", "important"));
}

TEST(ThreeLines, AnEvictionNeverCostsAJobItsLastAttempt) {
  auto policy = sample_policy();
  policy.eviction.aggressive = true;
  std::vector<OfflinePod> pods{a_pod("a", 900), a_pod("b", 800), a_pod("c", 700), a_pod("other", 100)};
  for (int i = 0; i < 3; ++i) pods[static_cast<std::size_t>(i)].job = model::Uid("job");
  auto seen = a_node(6000, pods);
  seen.jobs[model::Uid("job")] = {.backoff_limit = 6, .failed = 2, .terminating = 1, .restarts = 1};
  // 2 + 1 + 1 counted already; one more makes 5, which is backoffLimit - 1.
  const auto decision = ThreeLines().step(kStart, policy, seen);
  EXPECT_THAT(names(decision), ElementsAre("a", "other"));
  EXPECT_EQ(decision.be_cpu_limit, MilliCpu{200}) << "who may not be evicted is suppressed to the floor";
  seen.jobs.clear();
  EXPECT_THAT(names(ThreeLines().step(kStart, policy, seen)), ElementsAre("other")) << "an unknown Job has nothing left";
}

TEST(ThreeLines, WithoutColocationTheNodeHasNoLines) {
  ThreeLines lines;
  lines.step(kStart, sample_policy(), a_node(9500, {a_pod("a", 400)}));
  const auto decision = lines.step(kStart + seconds(1), model::NodePolicy{}, a_node(9500, {a_pod("a", 400)}));
  EXPECT_EQ(decision.be_cpu_limit, std::nullopt);
  EXPECT_THAT(decision.evictions, IsEmpty());
}

TEST(ThreeLines, TheLimitOpensSlowlyAndHoldsStillInsideTheHysteresis) {
  ThreeLines lines;
  ASSERT_EQ(lines.step(kStart, sample_policy(), a_node(5500, {})).be_cpu_limit, MilliCpu{500});
  EXPECT_EQ(lines.step(kStart + seconds(1), sample_policy(), a_node(5350, {})).be_cpu_limit, MilliCpu{500});
  EXPECT_EQ(lines.step(kStart + seconds(2), sample_policy(), a_node(1000, {})).be_cpu_limit, MilliCpu{1500});
  EXPECT_EQ(lines.step(kStart + seconds(3), sample_policy(), a_node(5000, {})).be_cpu_limit, MilliCpu{1000});
}

// A closed loop: the pods wish for `wish`, and get what the last decision's limit leaves them.
struct LoopedNode {
  std::int64_t online_cpu = 0, online_memory = 0;
  std::vector<OfflinePod> pods;
  std::vector<model::Use> wish;
  std::map<model::Uid, JobBudget> jobs;
  bool distress = false;

  NodeObservation observe(const ThreeLinesDecision& last) {
    const std::int64_t limit = std::min(last.be_cpu_limit ? last.be_cpu_limit->v : 10'000, std::max<std::int64_t>(10'000 - online_cpu, 0));
    std::int64_t wanted = 0;
    for (const auto& w : wish) wanted += w.cpu.v;
    for (std::size_t i = 0; i < pods.size(); ++i) {
      pods[i].use = {MilliCpu{wanted <= limit ? wish[i].cpu.v : wish[i].cpu.v * limit / wanted}, wish[i].memory};
    }
    NodeObservation seen = a_node(online_cpu, pods, 0);
    seen.use.ls.memory = Bytes{online_memory};
    seen.jobs = jobs;
    seen.distress.run_queue = distress;
    return seen;
  }
  void evict(const ThreeLinesDecision& decision) {
    for (const Victim& victim : decision.evictions) {
      const auto at = std::ranges::find(pods, victim.uid, &OfflinePod::uid);
      if (const auto job = jobs.find(at->job); job != jobs.end()) ++job->second.failed;
      wish.erase(wish.begin() + (at - pods.begin()));
      pods.erase(at);
    }
  }
};

TEST(ThreeLinesProperty, UnderConstantLoadWithEveryPodWithinItsRequestsNothingThatWasAdmittedIsEvicted) {
  Rng rng(16);
  for (int round = 0; round < 500; ++round) {
    auto policy = sample_policy();
    policy.eviction.aggressive = rng.chance(Permille{500});
    policy.resource_sharing.cpu_threshold = Permille{rng.between(300, 900)};
    policy.resource_sharing.memory_threshold = Permille{rng.between(300, 850)};
    LoopedNode node{.online_cpu = rng.between(0, 9000), .online_memory = mebibytes(rng.between(0, 8000)).v};
    // Admitted: online use and all BE requests stay at or under the admission line.
    const std::int64_t cpu_line = share_of(cpus(10), cpu_admission_line(policy)).v;
    const std::int64_t memory_line = share_of(mebibytes(10'000), memory_admission_line(policy)).v;
    std::int64_t cpu = node.online_cpu, memory = node.online_memory;
    for (int i = 0; i < 20; ++i) {
      const OfflinePod pod = a_pod(fmt::format("p{}", i), rng.between(1, 2000), rng.between(1, 2000));
      if (cpu + pod.requests.cpu.v > cpu_line || memory + pod.requests.memory.v > memory_line) continue;
      cpu += pod.requests.cpu.v;
      memory += pod.requests.memory.v;
      node.pods.push_back(pod);
      node.wish.push_back({MilliCpu{rng.between(0, pod.requests.cpu.v)}, Bytes{rng.between(0, pod.requests.memory.v)}});
    }
    ThreeLines lines;
    ThreeLinesDecision decision;
    for (int second = 0; second < 60; ++second) {
      decision = lines.step(kStart + seconds(second), policy, node.observe(decision));
      ASSERT_THAT(names(decision), IsEmpty()) << "round " << round << " second " << second;
    }
  }
}

TEST(ThreeLinesProperty, AbovePressureUseFallsAndNoJobLosesItsLastAttemptUnderAnyLoad) {
  Rng rng(41);
  for (int round = 0; round < 300; ++round) {
    auto policy = sample_policy();
    policy.eviction.aggressive = rng.chance(Permille{300});
    LoopedNode node;
    for (int j = 0; j < 3; ++j) {
      node.jobs[model::Uid(fmt::format("j{}", j))] = {.backoff_limit = static_cast<std::int32_t>(rng.between(0, 6)),
                                                      .restarts = static_cast<std::int32_t>(rng.between(0, 3))};
    }
    const auto before = node.jobs;
    for (int i = 0; i < 15; ++i) {
      node.pods.push_back(a_pod(fmt::format("p{}", i), rng.between(100, 3000), rng.between(1, 1500)));
      node.pods.back().job = model::Uid(fmt::format("j{}", rng.below(3)));
      node.wish.push_back(node.pods.back().use);
    }
    ThreeLines lines;
    ThreeLinesDecision decision;
    for (int second = 0; second < 120; ++second) {
      if (second % 10 == 0) {
        node.online_cpu = rng.between(0, 10'000);
        node.online_memory = mebibytes(rng.between(0, 9000)).v;
        node.distress = rng.chance(Permille{500});
      }
      const auto seen = node.observe(decision);
      const std::int64_t before_cpu = seen.use.all().cpu.v;
      decision = lines.step(kStart + seconds(second), policy, seen);
      node.evict(decision);
      for (const auto& [uid, budget] : node.jobs) {
        const auto& start = before.at(uid);
        ASSERT_TRUE(budget.failed == start.failed || budget.failed + budget.restarts <= budget.backoff_limit - 1) << "round " << round;
      }
      const std::int64_t floor = 200;
      if (before_cpu > 9000 && seen.use.be.cpu.v > floor) {
        ASSERT_LT(node.observe(decision).use.all().cpu.v, before_cpu) << "round " << round << " second " << second;
      }
    }
  }
}

}   // namespace
}   // namespace ebb::core
