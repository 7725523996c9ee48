#include "model/timestamp.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>
#include <string_view>

namespace ebb::model {
namespace {

struct Accepted {
  std::string_view text;
  std::string_view micro;
};

void PrintTo(const Accepted& row, std::ostream* out) { *out << row.text; }

class AcceptedTimestamp : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedTimestamp, is_read_and_printed_in_utc) {
  const auto time = parse_timestamp(GetParam().text);
  ASSERT_TRUE(time) << time.error().message;
  EXPECT_EQ(to_micro_timestamp_text(*time), GetParam().micro);
}

INSTANTIATE_TEST_SUITE_P(Timestamp, AcceptedTimestamp,
                         ::testing::Values(Accepted{"2026-11-24T02:56:01Z", "2026-11-24T02:56:01.000000Z"},
                                           Accepted{"2026-11-24T02:56:01.5Z", "2026-11-24T02:56:01.500000Z"},
                                           Accepted{"2026-11-24T02:56:01.1234567899Z", "2026-11-24T02:56:01.123456Z"},
                                           Accepted{"2026-11-24T02:56:01+08:00", "2026-11-23T18:56:01.000000Z"},
                                           Accepted{"2026-11-24T02:56:01-12:30", "2026-11-24T15:26:01.000000Z"},
                                           Accepted{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
                                           Accepted{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"},
                                           Accepted{"1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z"}));

class RefusedTimestamp : public ::testing::TestWithParam<std::string_view> {};

TEST_P(RefusedTimestamp, is_refused) { EXPECT_FALSE(parse_timestamp(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Timestamp, RefusedTimestamp,
                         ::testing::Values("", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-24",
                                           "2026-11-24 02:56:01Z", "2026-11-24T02:56:01", "2026-11-24T02:56:01z", "2026-11-24t02:56:01Z",
                                           "2026-11-24T24:00:00Z", "2026-11-24T02:60:00Z", "2026-11-24T02:56:60Z", "2026-1-24T02:56:01Z",
                                           "2026-11-24T02:56:01.Z", "2026-11-24T02:56:01+0800", "0001-01-01T00:00:00Z",
                                           "9999-12-31T23:59:59Z"));

TEST(Timestamp, known_seconds_of_the_epoch_come_out) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z")->v, 0);
  EXPECT_EQ(parse_timestamp("2001-09-09T01:46:40Z")->v, seconds(1'000'000'000).v);
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59Z")->v, -seconds(1).v);
}

RC_GTEST_PROP(Timestamp, every_time_survives_its_text_to_the_microsecond, ()) {
  const Instant time{*rc::gen::inRange<std::int64_t>(-9'000'000'000'000'000'000, 9'000'000'000'000'000'000)};
  const auto again = parse_timestamp(to_micro_timestamp_text(time));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again <= time && time - *again < microseconds(1));
}

}   // namespace
}   // namespace ebb::model
