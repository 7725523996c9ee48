#include "cli/scheduler/scheduler_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::cli {
namespace {

using testing::ElementsAre;

std::vector<std::string> findings_of(std::string_view text) {
  SchedulerConfig config;
  std::vector<std::string> found;
  for (const model::Finding& finding : read_scheduler_config(text, config)) found.push_back(model::to_string(finding));
  return found;
}

TEST(SchedulerConfig, ReadsEveryKey) {
  SchedulerConfig config;
  const auto findings = read_scheduler_config(
      "schedulerNames: [a, b]\npublishOversold: false\nlogLevel: warning\n"
      "leaderElection: {enabled: false, namespace: n, name: l, leaseDuration: 30s, renewDeadline: 20s, retryPeriod: 4s}\n",
      config);
  ASSERT_TRUE(findings.empty()) << model::summary(findings, 1000);
  EXPECT_THAT(config.scheduler_names, ElementsAre("a", "b"));
  EXPECT_FALSE(config.publish_oversold);
  EXPECT_EQ(config.log_level, LogLevel::warning);
  EXPECT_FALSE(config.leader_election);
  EXPECT_EQ(config.election.lease, (model::ObjectKey{"n", "l"}));
  EXPECT_EQ(config.election.lease_duration, seconds(30));
  EXPECT_EQ(config.election.renew_deadline, seconds(20));
  EXPECT_EQ(config.election.retry_period, seconds(4));
}

TEST(SchedulerConfig, AnEmptyFileChangesNothing) {
  SchedulerConfig config;
  EXPECT_TRUE(read_scheduler_config("", config).empty());
  EXPECT_TRUE(read_scheduler_config("# nothing\n", config).empty());
  EXPECT_THAT(config.scheduler_names, ElementsAre("openfuyao-scheduler"));
}

TEST(SchedulerConfig, FindsEverythingThatIsWrongAtOnce) {
  EXPECT_THAT(
      findings_of("schedulerName: a\nschedulerNames: []\nlogLevel: loud\nleaderElection:\n  enabled: 1\n  leaseDuration: 5s\n  port: 1\n"),
      ElementsAre(testing::StartsWith("line 1: schedulerName: unknown; allowed are schedulerNames"),
                  "line 2: schedulerNames: expected a list of at least one name", testing::StartsWith("line 3: logLevel: is "),
                  testing::StartsWith("line 5: leaderElection.enabled: is "),
                  testing::HasSubstr("leaderElection.renewDeadline: must be shorter than leaseDuration"),
                  testing::StartsWith("line 7: leaderElection.port: unknown")));
  EXPECT_THAT(findings_of("leaderElection: {retryPeriod: 15}\n"), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(findings_of("schedulerNames: [a]\nschedulerNames: [b]\n"), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(findings_of("- a\n"), testing::Not(testing::IsEmpty()));
}

}   // namespace
}   // namespace ebb::cli
