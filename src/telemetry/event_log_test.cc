#include "telemetry/event_log.h"

#include <gtest/gtest.h>

#include <vector>

namespace ebb {
namespace {

struct Recorded {
  Instant now{1'700'000'000'000'000'000};
  std::vector<std::string> lines;
  EventLog log{LogLevel::info, [this] { return now; }, [this](LogLevel, const std::string& line) { lines.push_back(line); }};
};

TEST(EventLog, WritesOneJsonLineWithTypedFields) {
  Recorded r;
  r.log.write(LogLevel::warning, "policy_refused", {{"findings", std::int64_t{3}}, {"kept", true}, {"file", std::string_view("a\"b\n")}});
  ASSERT_EQ(r.lines.size(), 1u);
  EXPECT_EQ(r.lines[0], R"({"time_ms":1700000000000,"level":"warning","event":"policy_refused","findings":3,"kept":true,"file":"a\"b\n"})");
}

TEST(EventLog, CountsWhatRepeatsWithinASecondAndSaysSoOnce) {
  Recorded r;
  for (int i = 0; i < 5; ++i) r.log.write(LogLevel::info, "bind_conflict");
  EXPECT_EQ(r.lines.size(), 1u);
  r.now = r.now + seconds(2);
  r.log.write(LogLevel::info, "bind_conflict");
  ASSERT_EQ(r.lines.size(), 2u);
  EXPECT_NE(r.lines[1].find(R"("repeated":4)"), std::string::npos);
}

TEST(EventLog, NeverHoldsBackAnError) {
  Recorded r;
  r.log.write(LogLevel::error, "disk_full");
  r.log.write(LogLevel::error, "disk_full");
  EXPECT_EQ(r.lines.size(), 2u);
}

TEST(EventLog, LeavesOutWhatIsBelowItsThreshold) {
  Recorded r;
  r.log.write(LogLevel::debug, "tick");
  EXPECT_TRUE(r.lines.empty());
}

}   // namespace
}   // namespace ebb
