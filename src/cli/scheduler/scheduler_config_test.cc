#include "cli/scheduler/scheduler_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::cli {
namespace {

using testing::ElementsAre;

std::vector<std::string> findings_of(std::string_view text) {
  std::vector<std::string> found;
  for (const model::Finding& finding : read_scheduler_config(text).findings) found.push_back(model::to_string(finding));
  return found;
}

TEST(SchedulerConfig, ReadsEveryKeyOfEbbsOwnSection) {
  const auto [config, findings, notes] = read_scheduler_config(
      "schedulerNames: [a, b]\npublishOversold: false\nlogLevel: warning\n"
      "leaderElection: {enabled: false, namespace: ns, name: l, leaseDuration: 30s, renewDeadline: 20s, retryPeriod: 4s}\n");
  ASSERT_TRUE(findings.empty()) << model::summary(findings, 1000);
  EXPECT_TRUE(notes.empty());
  EXPECT_THAT(config.scheduler_names(), ElementsAre("a", "b"));
  EXPECT_FALSE(config.publish_oversold);
  EXPECT_EQ(config.log_level, LogLevel::warning);
  EXPECT_FALSE(config.leader_election);
  EXPECT_EQ(config.election.lease, (model::ObjectKey{"ns", "l"}));
  EXPECT_EQ(config.election.lease_duration, seconds(30));
  EXPECT_EQ(config.election.renew_deadline, seconds(20));
  EXPECT_EQ(config.election.retry_period, seconds(4));
}

TEST(SchedulerConfig, ReadsWhatTheDefaultSchedulerReads) {
  const auto [config, findings, notes] = read_scheduler_config(
      "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
      "leaderElection: {leaderElect: false}\nclientConnection: {kubeconfig: /k, qps: 2.5, burst: 7}\n"
      "podInitialBackoffSeconds: 3\npodMaxBackoffSeconds: 5\n");
  ASSERT_TRUE(findings.empty()) << model::summary(findings, 1000);
  EXPECT_THAT(config.scheduler_names(), ElementsAre("default-scheduler"));
  EXPECT_FALSE(config.leader_election);
  EXPECT_EQ(config.election.lease, (model::ObjectKey{"kube-system", "kube-scheduler"}));
  EXPECT_EQ(config.kubeconfig, "/k");
  EXPECT_EQ(config.rate.milli_per_second, 2500);
  EXPECT_EQ(config.rate.burst, 7);
  EXPECT_EQ(config.pod_initial_backoff, seconds(3));
  EXPECT_EQ(config.pod_max_backoff, seconds(5));
}

TEST(SchedulerConfig, AnEmptyFileChangesNothing) {
  for (const std::string_view text : {"", "# nothing\n"}) {
    const auto [config, findings, notes] = read_scheduler_config(text);
    EXPECT_TRUE(findings.empty());
    EXPECT_THAT(config.scheduler_names(), ElementsAre("openfuyao-scheduler"));
    EXPECT_EQ(config.election.lease, kube::LeaderElectionOptions().lease);
    EXPECT_FALSE(config.rate.limited());
  }
}

TEST(SchedulerConfig, FindsEverythingThatIsWrongAtOnce) {
  EXPECT_THAT(
      findings_of("schedulerName: a\nschedulerNames: []\nlogLevel: loud\nleaderElection:\n  enabled: 1\n  leaseDuration: 5s\n  port: 1\n"),
      ElementsAre(testing::StartsWith("line 1: schedulerName: unknown field, did you mean schedulerNames?"),
                  "line 2: schedulerNames: expected a list of at least one name", testing::StartsWith("line 3: logLevel: loud is not"),
                  testing::HasSubstr("leaderElection.renewDeadline: must be shorter than leaseDuration"),
                  testing::StartsWith("line 5: leaderElection.enabled: 1 is not"),
                  testing::StartsWith("line 7: leaderElection.port: unknown")));
  EXPECT_THAT(findings_of("leaderElection: {retryPeriod: 15}\n"), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(findings_of("schedulerNames: [a]\nschedulerNames: [b]\n"), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(findings_of("- a\n"), testing::Not(testing::IsEmpty()));
}

TEST(SchedulerConfig, NamesOnTheCommandLineGetTheOneProfile) {
  SchedulerConfig config;
  config.profiles.front().score_weights[0] = 7;
  ASSERT_TRUE(rename_profiles(config, {"a", "b", "a"}));
  EXPECT_THAT(config.scheduler_names(), ElementsAre("a", "b"));
  EXPECT_EQ(config.profiles.back().score_weights[0], 7);
  EXPECT_FALSE(rename_profiles(config, {"c"}));
  EXPECT_TRUE(rename_profiles(config, {}));
}

}   // namespace
}   // namespace ebb::cli
