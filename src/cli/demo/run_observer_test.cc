#include "cli/demo/run_observer.h"

#include <gtest/gtest.h>

namespace ebb::cli {
namespace {

class RunObserverTest : public testing::Test {
 protected:
  RunObserverTest() {
    model::Owner job{.kind = "Job", .key = kOfflineJob, .uid = model::Uid("job")};
    job.job = model::JobState{.succeeded = 0};
    snapshot_.step(model::OwnerSeen{job});
    snapshot_.step(model::OwnerSeen{{.kind = "Deployment", .key = kOnlineDeployment, .uid = model::Uid("web")}});
  }

  void pod(const std::string& name, const std::string& owner, model::PodPhase phase, std::int32_t restarts = 0, bool leaving = false) {
    model::Pod pod;
    pod.key = {"ns", name};
    pod.uid = model::Uid(name);
    pod.phase = phase;
    pod.restarts = restarts;
    if (leaving) pod.deletion_requested = Instant{1};
    pod.owners.push_back({.kind = owner == "job" ? "Job" : "Deployment", .name = owner, .uid = model::Uid(owner), .controller = true});
    snapshot_.step(model::PodSeen{pod});
  }

  ClusterSnapshot snapshot_;
  RunObserver observer_{{.online = 1, .checkout = 0, .offline = 2, .parallelism = 2}};
};

TEST_F(RunObserverTest, TheMostThatRanAtOnceLeavesTerminatingPodsOut) {
  pod("a", "job", model::PodPhase::running);
  pod("b", "job", model::PodPhase::running);
  pod("c", "job", model::PodPhase::running, 0, true);
  observer_.look(snapshot_);
  pod("a", "job", model::PodPhase::succeeded);
  observer_.look(snapshot_);
  EXPECT_EQ(observer_.run().offline_max_running, 2);
  EXPECT_EQ(observer_.run().evictions, 1);
}

TEST_F(RunObserverTest, AnOnlinePodThatWasMadeAgainCountsAsARestart) {
  pod("w1", "web", model::PodPhase::running, 1);
  observer_.look(snapshot_);
  EXPECT_TRUE(observer_.services_run());
  EXPECT_EQ(observer_.run().online_restarts, 1);
  snapshot_.step(model::PodGone{{"ns", "w1"}, model::Uid("w1")});
  pod("w2", "web", model::PodPhase::running);
  observer_.look(snapshot_);
  EXPECT_EQ(observer_.run().online_running, 1);
  EXPECT_EQ(observer_.run().online_restarts, 1);
}

TEST_F(RunObserverTest, TheJobIsDoneWhenItsControllerSaysSo) {
  observer_.look(snapshot_);
  EXPECT_FALSE(observer_.job_done());
  model::Owner job{.kind = "Job", .key = kOfflineJob, .uid = model::Uid("job")};
  job.job = model::JobState{.succeeded = 2};
  snapshot_.step(model::OwnerSeen{job});
  observer_.look(snapshot_);
  EXPECT_TRUE(observer_.job_done());
}

}   // namespace
}   // namespace ebb::cli
