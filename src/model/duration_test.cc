#include "model/duration.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <ostream>
#include <string_view>

namespace ebb::model {
namespace {

struct Accepted {
  std::string_view text;
  std::int64_t nanos;
  std::string_view go;
};

void PrintTo(const Accepted& row, std::ostream* out) { *out << row.text; }

class AcceptedDuration : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedDuration, is_read_and_printed_as_go_does) {
  const auto duration = parse_duration(GetParam().text);
  ASSERT_TRUE(duration) << duration.error().message;
  EXPECT_EQ(duration->v, GetParam().nanos);
  EXPECT_EQ(to_duration_text(*duration), GetParam().go);
}

// What Go's time.ParseDuration makes of each.
INSTANTIATE_TEST_SUITE_P(
    Duration, AcceptedDuration,
    ::testing::Values(Accepted{"0", 0, "0s"}, Accepted{"-0", 0, "0s"}, Accepted{"5s", 5'000'000'000, "5s"},
                      Accepted{"1h30m", 5'400'000'000'000, "1h30m0s"}, Accepted{"1.5h", 5'400'000'000'000, "1h30m0s"},
                      Accepted{"100ms", 100'000'000, "100ms"}, Accepted{"1us", 1000, "1µs"}, Accepted{"1µs", 1000, "1µs"},
                      Accepted{"1μs", 1000, "1µs"}, Accepted{"-1.5s", -1'500'000'000, "-1.5s"}, Accepted{"+5s", 5'000'000'000, "5s"},
                      Accepted{".5s", 500'000'000, "500ms"}, Accepted{"1.s", 1'000'000'000, "1s"},
                      Accepted{"1h1h", 7'200'000'000'000, "2h0m0s"},
                      Accepted{"9223372036854775807ns", std::numeric_limits<std::int64_t>::max(), "2562047h47m16.854775807s"},
                      Accepted{"0.000000001s", 1, "1ns"}, Accepted{"0.0000000001s", 0, "0s"}));

class RefusedDuration : public ::testing::TestWithParam<std::string_view> {};

TEST_P(RefusedDuration, is_refused_with_its_text) {
  const auto duration = parse_duration(GetParam());
  ASSERT_FALSE(duration);
  EXPECT_NE(duration.error().message.find("'" + std::string(GetParam()) + "'"), std::string::npos) << duration.error().message;
}

INSTANTIATE_TEST_SUITE_P(Duration, RefusedDuration,
                         ::testing::Values("", "5", "s", "1d", "1 s", "1s ", "-", "1.5.5s", "00", "1h2", "9223372036854775808ns",
                                           "3000000h", "1M", "one"));

TEST(Duration, days_are_a_unit_of_policies_only) {
  EXPECT_EQ(parse_duration("7d", DurationUnits::with_days)->v, hours(7 * 24).v);
  EXPECT_EQ(parse_duration("1d12h", DurationUnits::with_days)->v, hours(36).v);
  EXPECT_FALSE(parse_duration("7d"));
}

TEST(Duration, the_short_text_is_what_people_write) {
  EXPECT_EQ(to_short_duration_text(hours(7 * 24)), "7d");
  EXPECT_EQ(to_short_duration_text(minutes(90)), "1h30m");
  EXPECT_EQ(to_short_duration_text(minutes(15)), "15m");
  EXPECT_EQ(to_short_duration_text(milliseconds(100)), "100ms");
  EXPECT_EQ(to_short_duration_text(Duration{}), "0s");
}

RC_GTEST_PROP(Duration, every_duration_survives_both_of_its_texts, (std::int64_t nanos)) {
  RC_PRE(nanos != std::numeric_limits<std::int64_t>::min());
  RC_ASSERT(parse_duration(to_duration_text(Duration{nanos}))->v == nanos);
  RC_ASSERT(parse_duration(to_short_duration_text(Duration{nanos}), DurationUnits::with_days)->v == nanos);
}

}   // namespace
}   // namespace ebb::model
