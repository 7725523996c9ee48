#include "model/finding.h"

#include "model/suggestion.h"
#include "model/text_encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>

namespace ebb::model {
namespace {

TEST(Finding, is_told_with_line_path_and_message_as_far_as_known) {
  EXPECT_EQ(to_string(Finding{3, "spec.a", "wrong"}), "line 3: spec.a: wrong");
  EXPECT_EQ(to_string(Finding{0, "", "wrong"}), "wrong");
}

TEST(Finding, paths_put_unusual_keys_in_brackets) {
  EXPECT_EQ(path_of("", "spec"), "spec");
  EXPECT_EQ(path_of("spec", "enabled"), "spec.enabled");
  EXPECT_EQ(path_of("matchLabels", "workload.type"), "matchLabels[\"workload.type\"]");
  EXPECT_EQ(path_of("list", std::size_t{2}), "list[2]");
  EXPECT_LT(path_of("a", std::string(5000, 'k')).size(), 100u);
}

TEST(Finding, a_summary_says_how_many_it_left_out) {
  const Findings three = {{1, "a", "x"}, {2, "b", "y"}, {3, "c", "z"}};
  EXPECT_EQ(summary(three, 1000), "line 1: a: x; line 2: b: y; line 3: c: z");
  EXPECT_EQ(summary(three, 40), "line 1: a: x; and 2 more");
  EXPECT_EQ(summary({}, 40), "");
}

RC_GTEST_PROP(Finding, a_summary_never_exceeds_its_room_and_never_cuts_a_character, ()) {
  const auto count = *rc::gen::inRange(0, 5);
  Findings findings;
  for (int i = 0; i < count; ++i) {
    std::string message;
    for (int n = *rc::gen::inRange(0, 80); n > 0; --n) message += *rc::gen::element<std::string>("x", "é", "水", "🌊");
    findings.push_back({i, "p", message});
  }
  const auto room = static_cast<std::size_t>(*rc::gen::inRange(0, 200));
  std::string text = summary(findings, room);
  RC_ASSERT(text.size() <= room);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    RC_ASSERT(length > 0u);
    rest.remove_prefix(length);
  }
}

TEST(Suggestion, the_nearest_word_is_found_and_a_far_one_is_not) {
  constexpr auto kKnown = std::to_array<std::string_view>({"cpuThreshold", "memoryThreshold", "enabled"});
  EXPECT_EQ(nearest("cpuThreshhold", kKnown), "cpuThreshold");
  EXPECT_EQ(nearest("cputhreshold", kKnown), "cpuThreshold");
  EXPECT_EQ(nearest("enabeld", kKnown), "enabled");
  EXPECT_EQ(nearest("disk", kKnown), std::nullopt);
  EXPECT_EQ(nearest("", kKnown), std::nullopt);
  EXPECT_EQ(nearest(std::string(10'000, 'x'), kKnown), std::nullopt);
}

}   // namespace
}   // namespace ebb::model
