#include "cli/demo/scheduler_probe.h"

#include "kube/fake_api_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <mutex>

namespace ebb::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Keeps the pod that it is sent, and answers with the status that a scheduler would have given it.
class SchedulerProbeTest : public testing::Test {
 protected:
  SchedulerProbeTest() : server_([this](kube::Exchange& exchange) { answer(exchange); }) {
    kube::Access access;
    access.server = server_.url();
    access.ca_pem = server_.authority().pem();
    client_ = *kube::Client::make(std::move(access), {.seed = 1});
  }

  Result<bool> ask() { return somebody_schedules(*client_, {.ns = "offline", .name = "probe", .patience = std::chrono::milliseconds(0)}); }

  boost::json::value status_ = boost::json::object();
  std::vector<std::string> seen_;
  std::string made_;

 private:
  void answer(kube::Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(exchange.method + " " + exchange.target);
    if (exchange.method == "POST") made_ = exchange.body;
    exchange.respond(200, boost::json::serialize(boost::json::object{{"status", status_}}));
  }

  std::mutex mutex_;
  kube::FakeApiServer server_;
  std::unique_ptr<kube::Client> client_;
};

TEST_F(SchedulerProbeTest, ASchedulerShowsByItsCondition) {
  status_ = {{"conditions", {{{"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}}}}};
  const auto answer = ask();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(*answer);
  EXPECT_THAT(made_, HasSubstr(R"("schedulerName":"openfuyao-scheduler")"));
  EXPECT_THAT(seen_, ElementsAre("POST /api/v1/namespaces/offline/pods", "GET /api/v1/namespaces/offline/pods/probe",
                                 "DELETE /api/v1/namespaces/offline/pods/probe?gracePeriodSeconds=0"));
}

TEST_F(SchedulerProbeTest, NobodyAnswersWhereThereIsNoScheduler) {
  const auto answer = ask();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_FALSE(*answer);
  EXPECT_THAT(seen_.back(), HasSubstr("DELETE"));
}

TEST_F(SchedulerProbeTest, AGateThatTheServerNotedIsNoScheduler) {
  status_ = {{"conditions", {{{"type", "PodScheduled"}, {"status", "False"}, {"reason", "SchedulingGated"}}}}};
  const auto answer = ask();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_FALSE(*answer);
}

}   // namespace
}   // namespace ebb::cli
