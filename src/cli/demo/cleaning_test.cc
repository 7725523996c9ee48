#include "cli/demo/cleaning.h"

#include "kube/fake_api_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>

namespace ebb::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kJob = "/apis/batch/v1/namespaces/offline/jobs/data-analytics-job";
const std::string kOnline = "/apis/apps/v1/namespaces/production/deployments/online-web-service";

// A cluster that knows paths only, refuses to delete some and never lets go of others.
class CleaningTest : public testing::Test {
 protected:
  CleaningTest() : server_([this](kube::Exchange& exchange) { answer(exchange); }) {
    kube::Access access;
    access.server = server_.url();
    access.ca_pem = server_.authority().pem();
    client_ = *kube::Client::make(std::move(access), {.seed = 1});
  }

  std::set<std::string> there() {
    const std::lock_guard lock(mutex_);
    return there_;
  }

  std::set<std::string> there_, refused_, stuck_;
  std::mutex mutex_;
  kube::FakeApiServer server_;
  std::unique_ptr<kube::Client> client_;

 private:
  void answer(kube::Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    const std::string path = exchange.target.substr(0, exchange.target.find('?'));
    if (!there_.contains(path)) return exchange.respond(404, R"({"kind":"Status","reason":"NotFound","message":"none"})");
    if (exchange.method == "DELETE") {
      if (refused_.contains(path)) return exchange.respond(403, R"({"kind":"Status","reason":"Forbidden","message":"you may not"})");
      if (!stuck_.contains(path)) there_.erase(path);
    }
    exchange.respond(200, "{}");
  }
};

TEST_F(CleaningTest, ARefusedDeletionDoesNotKeepTheOthersFromBeingTried) {
  there_ = {kJob, kOnline, config_map_path("openfuyao-colocation-config"), config_map_path("node-colocation-config")};
  refused_ = {kJob};
  EXPECT_THAT(Cleaning(*client_).remove_objects(), ElementsAre(AllOf(HasSubstr(kJob), HasSubstr("you may not"))));
  EXPECT_THAT(there(), ElementsAre(kJob));
}

TEST_F(CleaningTest, WhatDoesNotGoAwayIsNamed) {
  there_ = {kJob, kOnline};
  stuck_ = {kJob, kOnline};
  EXPECT_THAT(Cleaning(*client_, std::chrono::milliseconds(0)).remove_objects(),
              ElementsAre(AllOf(HasSubstr(kJob), HasSubstr("does not go away")), HasSubstr(kOnline)));
}

TEST_F(CleaningTest, OnlyNamespacesThatWereMissingBeforeAreRemoved) {
  there_ = {"/api/v1/namespaces/production"};
  Cleaning cleaning(*client_);
  ASSERT_TRUE(cleaning.remember());
  there_.insert({"/api/v1/namespaces/offline", "/api/v1/namespaces/openfuyao-system"});
  refused_ = {"/api/v1/namespaces/openfuyao-system"};
  EXPECT_THAT(cleaning.remove_namespaces(), ElementsAre(HasSubstr("openfuyao-system")));
  EXPECT_THAT(there(), ElementsAre("/api/v1/namespaces/openfuyao-system", "/api/v1/namespaces/production"));
}

TEST_F(CleaningTest, AWorkloadOfTheDemosNameIsNotTouched) {
  there_ = {kOnline};
  const Status remembered = Cleaning(*client_).remember();
  ASSERT_FALSE(remembered);
  EXPECT_EQ(remembered.error().code, Errc::denied);
}

TEST_F(CleaningTest, NothingIsLeftOfNothing) { EXPECT_THAT(Cleaning(*client_).remove_objects(), IsEmpty()); }

}   // namespace
}   // namespace ebb::cli
