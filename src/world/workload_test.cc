#include "world/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::world {
namespace {

using testing::HasSubstr;

constexpr Instant kStart{1'700'000'000'000'000'000};

TEST(LoadCurve, RisesFromTheTroughToThePeakAndBack) {
  const LoadCurve day{.low = Permille{150}, .high = Permille{450}, .period = minutes(1), .trough = kStart};
  EXPECT_EQ(level(day, kStart), Permille{150});
  EXPECT_EQ(level(day, kStart + seconds(15)), Permille{300});
  EXPECT_EQ(level(day, kStart + seconds(30)), Permille{450});
  EXPECT_EQ(level(day, kStart + seconds(60)), Permille{150});
  EXPECT_EQ(level(day, kStart - seconds(30)), Permille{450}) << "before the trough too";
  for (int s = 0; s < 30; ++s) EXPECT_LE(level(day, kStart + seconds(s)), level(day, kStart + seconds(s + 1)));
}

TEST(LoadCurve, WithoutAPeriodIsConstant) { EXPECT_EQ(level({.low = Permille{700}, .high = Permille{900}}, kStart), Permille{700}); }

TEST(Workload, IsChosenByTheFirstRuleThatMatches) {
  const auto rules = default_rules(minutes(1), kStart);
  const model::Labels none;
  const auto job = choose_workload(rules, {.ns = "offline", .labels = none, .owners = {{"Job", "data"}}, .qos = model::QosClass::ls});
  EXPECT_EQ(job.work, cpu_seconds(3));
  const auto service = choose_workload(rules, {.ns = "a", .labels = none, .owners = {{"ReplicaSet", "x"}}, .qos = model::QosClass::ls});
  EXPECT_EQ(service.cpu.period, minutes(1));
  EXPECT_FALSE(service.ends());
  EXPECT_EQ(choose_workload(rules, {.ns = "a", .labels = none, .owners = {}, .qos = model::QosClass::hls}).cpu.low, Permille{500});
}

TEST(Workload, ARuleWithSeveralConditionsNeedsThemAll) {
  WorkloadRule rule{.ns = "a", .owner_kind = "Job", .owner_name = "b", .labels = {{"k", "v"}}, .qos = model::QosClass::be, .workload = {}};
  const model::Labels labels{{"k", "v"}, {"other", "x"}};
  const WorkloadSubject good{.ns = "a", .labels = labels, .owners = {{"Job", "b"}}, .qos = model::QosClass::be};
  EXPECT_TRUE(matches(rule, good));
  EXPECT_FALSE(matches(rule, {.ns = "z", .labels = labels, .owners = {{"Job", "b"}}, .qos = model::QosClass::be}));
  EXPECT_FALSE(matches(rule, {.ns = "a", .labels = labels, .owners = {{"Job", "c"}, {"CronJob", "b"}}, .qos = model::QosClass::be}));
  rule.labels["k"] = "w";
  EXPECT_FALSE(matches(rule, good));
}

TEST(Workload, AnnotationsOfThePodRefineTheProfile) {
  Workload workload;
  ASSERT_TRUE(refine(workload, {{"sandbox.openfuyao.io/work-cpu-seconds", "0.5"},
                                {"sandbox.openfuyao.io/run-seconds", "90"},
                                {"sandbox.openfuyao.io/load-low", "15"},
                                {"sandbox.openfuyao.io/load-high", "45"},
                                {"sandbox.openfuyao.io/load-period", "1m"},
                                {"sandbox.openfuyao.io/cpu-max", "1500m"},
                                {"sandbox.openfuyao.io/memory", "80"},
                                {"sandbox.openfuyao.io/exit-code", "3"},
                                {"sandbox.openfuyao.io/fail-times", "2"},
                                {"somebody.else/work", "x"}}));
  EXPECT_EQ(workload.work, CpuTime{500'000'000});
  EXPECT_EQ(workload.run_for, seconds(90));
  EXPECT_EQ(workload.cpu.low, Permille{150});
  EXPECT_EQ(workload.cpu.high, Permille{450});
  EXPECT_EQ(workload.cpu.period, minutes(1));
  EXPECT_EQ(workload.cpu_max, MilliCpu{1500});
  EXPECT_EQ(workload.memory, Permille{800});
  EXPECT_EQ(workload.exit_code_of(1), 3);
  EXPECT_EQ(workload.exit_code_of(2), 0);
}

TEST(Workload, ALowWithoutAHighIsAConstantLoad) {
  Workload workload;
  ASSERT_TRUE(refine(workload, {{"sandbox.openfuyao.io/load-low", "80"}}));
  EXPECT_EQ(workload.cpu.high, Permille{800});
}

TEST(Workload, ABadAnnotationIsNamedWithWhatIsAllowed) {
  Workload workload;
  const auto bad = refine(workload, {{"sandbox.openfuyao.io/exit-code", "300"}, {"sandbox.openfuyao.io/run-seconds", "5"}});
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("exit-code: \"300\" is not an exit code between 0 and 255"));
  EXPECT_EQ(workload.run_for, seconds(5)) << "what is right holds";
  EXPECT_FALSE(refine(workload, {{"sandbox.openfuyao.io/wrok", "3"}}));
  EXPECT_FALSE(refine(workload, {{"sandbox.openfuyao.io/run-seconds", "soon"}}));
}

}   // namespace
}   // namespace ebb::world
