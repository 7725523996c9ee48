#include "sandbox/server/api_loop.h"

#include "sandbox/server/test_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace ebb::sandbox {
namespace {

using testing::ElementsAre;

// Promises what is asked under POST, and can be told that the disk is full.
class DiskApi final : public RequestsOnly {
 public:
  std::variant<Response, std::unique_ptr<Watch>> handle(const Request& request, Instant) override {
    Response response;
    response.promises = request.method == "POST";
    response.body = {piece_of(request.method)};
    return response;
  }
  Status flush() override {
    ++flushes;
    return full || full_once.exchange(false) ? fail(Errc::io, "database or disk is full") : Status();
  }

  std::atomic<bool> full = false;
  std::atomic<bool> full_once = false;
  std::atomic<int> flushes = 0;
};

std::string to_text(const Status& committed) { return committed ? "fine" : committed.error().message; }

// Runs once, and what it does then meets a full disk.
class Unlucky final : public Controller {
 public:
  explicit Unlucky(DiskApi& api) : api_(api) {}
  std::string_view name() const override { return "unlucky"; }
  void observe(const Change&) override {}
  Instant run(Instant) override {
    api_.full_once = true;
    return kNever;
  }

 private:
  DiskApi& api_;
};

class ApiLoopTest : public testing::Test {
 protected:
  std::future<int> ask(std::string method) {
    auto answered = std::make_shared<std::promise<int>>();
    auto status = answered->get_future();
    loop_.submit({.method = std::move(method)}, {}, [this, answered](Answer answer) {
      flushes_at_reply_ = api_.flushes;
      answered->set_value(std::get<Response>(answer).status);
    });
    return status;
  }
  void pass_a_batch() {
    loop_.run([](Api&, Instant) {});
    loop_.run([](Api&, Instant) {});   // whose commit is over when the next batch begins
  }
  ApiLoop::CommitReport reporter() {
    return [this](const Status& committed) { reports_.push_back(to_text(committed)); };
  }

  Clock clock_;
  DiskApi api_;
  std::vector<std::string> reports_;   // the loop's thread's while it runs
  int flushes_at_reply_ = 0;
  ApiLoop loop_{clock_, api_, {}, reporter()};
};

TEST_F(ApiLoopTest, AHundredRequestsThatWaitAreOneCommit) {
  std::vector<std::future<int>> statuses;
  for (int i = 0; i < 100; ++i) statuses.push_back(ask(i % 2 == 0 ? "POST" : "GET"));
  loop_.start();
  for (auto& status : statuses) EXPECT_EQ(status.get(), 200);
  EXPECT_TRUE(loop_.stop().has_value());
  EXPECT_EQ(flushes_at_reply_, 1);
}

TEST_F(ApiLoopTest, AFailedCommitTurnsOnlyPromisesIntoFailures) {
  api_.full = true;
  auto read = ask("GET");
  auto written = ask("POST");
  auto unkept = ask("DELETE");   // a dry run, say
  loop_.start();
  EXPECT_EQ(read.get(), 200);
  EXPECT_EQ(written.get(), 500);
  EXPECT_EQ(unkept.get(), 200);
}

TEST_F(ApiLoopTest, ReportsTheFirstFailureAndTheRecovery) {
  loop_.start();
  pass_a_batch();
  api_.full = true;
  for (int i = 0; i < 3; ++i) pass_a_batch();
  api_.full = false;
  for (int i = 0; i < 3; ++i) pass_a_batch();
  EXPECT_TRUE(loop_.stop().has_value());
  EXPECT_THAT(reports_, ElementsAre("database or disk is full", "fine"));
}

TEST_F(ApiLoopTest, SaysAtTheEndThatTheLastCommitFailed) {
  loop_.start();
  pass_a_batch();
  api_.full = true;
  const Status first = loop_.stop();
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().message, "database or disk is full");
  EXPECT_EQ(loop_.stop().error().message, first.error().message) << "whoever asks";
}

TEST(ApiLoop, AControllersChangesThatCannotBeCommittedAreReported) {
  Clock clock;
  DiskApi api;
  std::vector<std::string> reports;
  std::vector<std::unique_ptr<Controller>> controllers;
  controllers.push_back(std::make_unique<Unlucky>(api));
  ApiLoop loop(clock, api, std::move(controllers), [&](const Status& committed) { reports.push_back(to_text(committed)); });
  loop.start();
  for (int i = 0; i < 3; ++i) loop.run([](Api&, Instant) {});
  EXPECT_TRUE(loop.stop().has_value());
  EXPECT_THAT(reports, ElementsAre("database or disk is full", "fine"));
}

TEST(Clock, BoundsOfRealTimeGrowWithTheSpeed) {
  EXPECT_EQ(Clock(1).at_least(seconds(40), seconds(2)), seconds(40));
  EXPECT_EQ(Clock(3600).at_least(seconds(40), seconds(2)), hours(2));
}

}   // namespace
}   // namespace ebb::sandbox
