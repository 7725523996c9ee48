#include "cli/demo/demo_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace ebb::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DemoReport good() {
  DemoRun on{.online_wanted = 5,
             .online_running = 5,
             .offline_wanted = 50,
             .offline_completed = 50,
             .offline_parallelism = 10,
             .offline_max_running = 10,
             .offline_time = milliseconds(20'500),
             .violations = 0,
             .cpu_utilization = Permille{512},
             .memory_utilization = Permille{487}};
  DemoRun off = on;
  off.offline_max_running = 4;
  off.offline_time = milliseconds(41'000);
  return {on, off};
}

TEST(DemoReport, HoldsItsPromisesWhenTheJobIsTwiceAsFastAndNothingOnlineWasTouched) {
  EXPECT_THAT(broken_promises(good()), IsEmpty());
  EXPECT_EQ(speedup(good()), Permille{2000});
}

TEST(DemoReport, NamesEachBrokenPromise) {
  DemoReport report = good();
  report.colocation.online_running = 4;
  report.colocation.online_restarts = 2;
  report.colocation.offline_completed = 49;
  report.colocation.offline_max_running = 11;
  report.baseline.offline_time = milliseconds(30'000);
  EXPECT_THAT(broken_promises(report), ElementsAre(HasSubstr("4 of 5 online"), HasSubstr("restarted 2"), HasSubstr("49 of 50"),
                                                   HasSubstr("11 offline pods ran at once"), HasSubstr("1.46 times")));
}

TEST(DemoReport, ARunThatWasCutOffHasNullsAndBreaksThePromise) {
  DemoReport report = good();
  report.baseline.offline_time.reset();
  report.baseline.cpu_utilization.reset();
  report.baseline.memory_utilization.reset();
  const auto json = boost::json::parse(to_json(report)).as_object();
  EXPECT_TRUE(json.at("baseline").at("offlineSeconds").is_null());
  EXPECT_TRUE(json.at("baseline").at("cpuUtilization").is_null());
  EXPECT_TRUE(json.at("speedup").is_null());
  EXPECT_FALSE(json.at("ok").as_bool());
}

TEST(DemoReport, WritesEveryFigureUnderItsPublicName) {
  const auto json = boost::json::parse(to_json(good())).as_object();
  EXPECT_EQ(json.at("colocation").at("offlineSeconds").as_double(), 20.5);
  EXPECT_EQ(json.at("colocation").at("cpuUtilization").as_double(), 0.512);
  for (const char* key : {"onlineWanted", "onlineRunning", "onlineRestarts", "offlineWanted", "offlineCompleted", "offlineMaxRunning",
                          "offlineSeconds", "evictions", "violations", "cpuUtilization", "memoryUtilization"}) {
    EXPECT_TRUE(json.at("colocation").as_object().contains(key)) << key;
    EXPECT_TRUE(json.at("baseline").as_object().contains(key)) << key;
  }
  EXPECT_EQ(json.at("speedup").as_double(), 2.0);
  EXPECT_TRUE(json.at("ok").as_bool());
}

}   // namespace
}   // namespace ebb::cli
