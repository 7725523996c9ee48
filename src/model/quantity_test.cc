#include "model/quantity.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <string_view>

namespace ebb::model {
namespace {

struct Accepted {
  std::string_view text;
  std::string_view stored;   // as the API server gives it back
  std::int64_t value;
  std::int64_t milli;
};

void PrintTo(const Accepted& row, std::ostream* out) { *out << row.text; }

class AcceptedQuantity : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedQuantity, is_read_rounded_and_printed_as_kubernetes_does) {
  const auto& [text, stored, value, milli] = GetParam();
  const auto quantity = parse_quantity(text);
  ASSERT_TRUE(quantity) << quantity.error().message;
  EXPECT_EQ(stored_quantity_text(text).value(), stored);
  EXPECT_EQ(quantity->value(), value);
  EXPECT_EQ(quantity->milli_value(), milli);
}

// What k8s.io/apimachinery 0.33's resource.ParseQuantity makes of each.
INSTANTIATE_TEST_SUITE_P(
    Quantity, AcceptedQuantity,
    ::testing::Values(Accepted{"0", "0", 0, 0}, Accepted{"1", "1", 1, 1000}, Accepted{"1500m", "1500m", 2, 1500},
                      Accepted{"1.5", "1500m", 2, 1500}, Accepted{"0.5", "500m", 1, 500}, Accepted{"1000m", "1", 1, 1000},
                      Accepted{"1.500", "1.500", 2, 1500}, Accepted{"2.50", "2500m", 3, 2500}, Accepted{"+2", "+2", 2, 2000},
                      Accepted{"-1", "-1", -1, -1000}, Accepted{"4Gi", "4Gi", 4294967296, 4294967296000},
                      Accepted{"1.5Gi", "1536Mi", 1610612736, 1610612736000}, Accepted{"1024Ki", "1Mi", 1048576, 1048576000},
                      Accepted{"1000Ki", "1000Ki", 1024000, 1024000000}, Accepted{"0.5Ki", "512", 512, 512000},
                      Accepted{"+562Mi", "+562Mi", 589299712, 589299712000}, Accepted{"1000k", "1M", 1000000, 1000000000},
                      Accepted{"1e3", "1e3", 1000, 1000000}, Accepted{"1E3", "1E3", 1000, 1000000},
                      Accepted{"12e6", "12e6", 12000000, 12000000000}, Accepted{"1.1e1", "1.1e1", 11, 11000},
                      Accepted{"100u", "100u", 1, 1}, Accepted{"1500u", "1500u", 1, 2}, Accepted{"0.1n", "1n", 1, 1},
                      Accepted{"0.0000000001", "1n", 1, 1}, Accepted{"5.", "5.", 5, 5000}, Accepted{".5", "500m", 1, 500},
                      Accepted{"-", "0", 0, 0}, Accepted{"Mi", "0", 0, 0}, Accepted{"1e-3", "1e-3", 1, 1}, Accepted{"007", "007", 7, 7000},
                      Accepted{"0.001", "1m", 1, 1}, Accepted{"12.000", "12", 12, 12000}, Accepted{"1.25Ki", "1280", 1280, 1280000},
                      Accepted{"3.0001Ki", "3072102400u", 3073, 3072103}, Accepted{"1.5e3", "1500", 1500, 1500000},
                      Accepted{"10e-3", "10e-3", 1, 10}, Accepted{"1e-10", "1e-9", 1, 1}));

class RefusedQuantity : public ::testing::TestWithParam<std::string_view> {};

TEST_P(RefusedQuantity, is_refused_with_its_text) {
  const auto quantity = parse_quantity(GetParam());
  ASSERT_FALSE(quantity);
  EXPECT_EQ(quantity.error().code, Errc::invalid);
  EXPECT_TRUE(quantity.error().message.starts_with("'" + std::string(GetParam()) + "' is not a quantity")) << quantity.error().message;
}

INSTANTIATE_TEST_SUITE_P(Quantity, RefusedQuantity,
                         ::testing::Values("", "..5", "Pi", "Ei", "e-20", "abc", "1 ", " 1", "1K", "1ki", "1mi", "1e", "1e+", "1ee3",
                                           "1e+-3", "0x10", "1,5", "--1", "1.5.2", "NaN"));

TEST(Quantity, beyond_64_bits_the_nearest_end_is_taken) {
  EXPECT_EQ(parse_quantity("1000E")->value(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_quantity("-1000E")->value(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_quantity("1E")->milli_value(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_quantity("9223372036854775807Ki")->value(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_quantity(std::string(500, '9'))->value(), std::numeric_limits<std::int64_t>::max());
}

TEST(Quantity, a_long_text_is_cut_in_the_message) { EXPECT_LT(parse_quantity(std::string(5000, 'x')).error().message.size(), 300u); }

TEST(Quantity, units_come_out_of_texts_and_go_back) {
  EXPECT_EQ(parse_cpu("2")->v, 2000);
  EXPECT_EQ(parse_cpu("0.1m")->v, 1);
  EXPECT_EQ(parse_memory("4Gi")->v, gibibytes(4).v);
  EXPECT_EQ(*parse_count("1.2"), 2);
  EXPECT_EQ(to_quantity_text(MilliCpu{1500}), "1500m");
  EXPECT_EQ(to_quantity_text(cpus(2)), "2");
  EXPECT_EQ(to_quantity_text(mebibytes(1536)), "1536Mi");
  EXPECT_EQ(to_quantity_text(Bytes{1000}), "1k");
}

RC_GTEST_PROP(Quantity, every_cpu_and_memory_amount_survives_its_text, (std::int64_t amount)) {
  RC_ASSERT(parse_memory(to_quantity_text(Bytes{amount}))->v == (amount == std::numeric_limits<std::int64_t>::min() ? amount + 1 : amount));
  const std::int64_t milli = amount / 1000;
  RC_ASSERT(parse_cpu(to_quantity_text(MilliCpu{milli}))->v == milli);
}

RC_GTEST_PROP(Quantity, what_was_asked_for_is_never_rounded_to_nothing, ()) {
  const auto digits = *rc::gen::inRange(1, 1'000'000);
  const auto zeros = *rc::gen::inRange(0, 40);
  const std::string text = "0." + std::string(static_cast<std::size_t>(zeros), '0') + std::to_string(digits);
  RC_ASSERT(parse_quantity(text)->milli_value() >= 1);
}

}   // namespace
}   // namespace ebb::model
