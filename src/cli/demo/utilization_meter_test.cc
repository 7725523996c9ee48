#include "cli/demo/utilization_meter.h"

#include <gtest/gtest.h>

namespace ebb::cli {
namespace {

constexpr Instant kStart{1'795'000'000'000'000'000};

class UtilizationMeterTest : public testing::Test {
 protected:
  void node(const std::string& name, std::int64_t cpu, std::int64_t memory) {
    model::Node node;
    node.name = model::NodeName(name);
    node.allocatable.cpu = cpus(cpu);
    node.allocatable.memory = gibibytes(memory);
    snapshot_.step(model::NodeSeen{node});
  }
  void report(const std::string& name, std::int64_t cpu, std::int64_t memory, Instant time = kStart) {
    model::NodeReport report;
    report.node = model::NodeName(name);
    report.time = time;
    report.use.ls = {cpus(cpu), gibibytes(memory)};
    snapshot_.step(model::ReportSeen{report});
  }
  void metrics(const std::string& name, std::int64_t cpu, std::int64_t memory) {
    snapshot_.step(model::NodeUsageSeen{.node = model::NodeName(name), .use = {cpus(cpu), gibibytes(memory)}});
  }
  void look(Duration after) { meter_.look(snapshot_, kStart + after); }

  ClusterSnapshot snapshot_;
  UtilizationMeter meter_;
};

TEST_F(UtilizationMeterTest, EachUseCountsForAsLongAsItLasted) {
  node("a", 10, 100);
  report("a", 2, 50);
  look(seconds(0));
  report("a", 8, 10);
  look(seconds(30));
  look(seconds(40));
  EXPECT_EQ(meter_.cpu(), Permille{(30 * 200 + 10 * 800) / 40});
  EXPECT_EQ(meter_.memory(), Permille{(30 * 500 + 10 * 100) / 40});
}

TEST_F(UtilizationMeterTest, ANodeWithoutAReportCountsByItsMetricsAndOneWithNeitherDoesNotCount) {
  node("a", 10, 100);
  node("b", 30, 100);
  node("c", 1000, 1000);
  report("a", 5, 50);
  metrics("b", 5, 10);
  look(seconds(0));
  look(seconds(10));
  EXPECT_EQ(meter_.cpu(), Permille{250});
  EXPECT_EQ(meter_.memory(), Permille{300});
}

TEST_F(UtilizationMeterTest, AReportThatGrewOldGivesWayToMetrics) {
  node("a", 10, 100);
  report("a", 1, 10);
  metrics("a", 9, 90);
  look(model::kNodeReportStale);
  look(model::kNodeReportStale + seconds(1));
  EXPECT_EQ(meter_.cpu(), Permille{100});
  look(model::kNodeReportStale + seconds(2));
  EXPECT_EQ(meter_.cpu(), Permille{500});
}

TEST_F(UtilizationMeterTest, NothingIsKnownWhereNothingWasSeenOrNoTimePassed) {
  EXPECT_EQ(meter_.cpu(), std::nullopt);
  node("a", 10, 100);
  look(seconds(0));
  look(seconds(10));
  EXPECT_EQ(meter_.cpu(), std::nullopt);
  report("a", 1, 10);
  look(seconds(20));
  EXPECT_EQ(meter_.memory(), std::nullopt);
}

TEST_F(UtilizationMeterTest, AClockThatIsSetBackTakesNothingAway) {
  node("a", 10, 100);
  report("a", 5, 50);
  look(seconds(10));
  look(seconds(20));
  look(seconds(5));
  look(seconds(6));
  EXPECT_EQ(meter_.cpu(), Permille{500});
}

}   // namespace
}   // namespace ebb::cli
