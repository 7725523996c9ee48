#include "model/label_selector.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {
namespace {

struct Accepted {
  std::string_view text;
  std::string_view printed;
};

void PrintTo(const Accepted& row, std::ostream* out) { *out << row.text; }

class AcceptedSelector : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedSelector, is_read_as_kubernetes_reads_it) {
  const auto selector = parse_label_selector(GetParam().text);
  ASSERT_TRUE(selector) << selector.error().message;
  EXPECT_EQ(to_string(*selector), GetParam().printed);
}

INSTANTIATE_TEST_SUITE_P(LabelSelector, AcceptedSelector,
                         ::testing::Values(Accepted{"", ""}, Accepted{"a", "a"}, Accepted{"a=b", "a=b"}, Accepted{"a == b", "a=b"},
                                           Accepted{"a!=b", "a!=b"}, Accepted{"!a", "!a"}, Accepted{"a in (c,b,b)", "a in (b,c)"},
                                           Accepted{"a notin (x, y)", "a notin (x,y)"}, Accepted{"a in (b,)", "a in (,b)"},
                                           Accepted{"a > 1,b", "a>1,b"}, Accepted{"a= ,b", "a=,b"}, Accepted{"in", "in"},
                                           Accepted{"in in (in)", "in=in"},
                                           Accepted{"app.kubernetes.io/name=x", "app.kubernetes.io/name=x"}, Accepted{"x=\n y", "x=y"},
                                           Accepted{"!b,a", "a,!b"}));

class RefusedSelector : public ::testing::TestWithParam<std::string_view> {};

TEST_P(RefusedSelector, is_refused_with_a_reason) {
  const auto selector = parse_label_selector(GetParam());
  ASSERT_FALSE(selector);
  EXPECT_FALSE(selector.error().message.empty());
}

INSTANTIATE_TEST_SUITE_P(LabelSelector, RefusedSelector,
                         ::testing::Values("a,", "a,,b", ",a", "a in", "a in b", "a in (", "a in (b", "a in (b))", "!", "!!a", "!a=b",
                                           "a b", "=a", "a>x", "a<-1", "A/b=x", "a/b/c=x", "a=b/c", "a=-b", "a=b-", "a in (b c)", "(a)",
                                           "a=(b)"));

TEST(LabelSelector, a_missing_label_matches_only_what_denies) {
  const Labels none;
  EXPECT_TRUE(parse_label_selector("a!=b,a notin (c),!a")->matches(none));
  EXPECT_FALSE(parse_label_selector("a")->matches(none));
  EXPECT_FALSE(parse_label_selector("a=")->matches(none));
  EXPECT_TRUE(parse_label_selector("")->matches(none));
}

TEST(LabelSelector, every_requirement_must_match) {
  const Labels labels{{"app", "web"}, {"tier", "1"}, {"cpus", "16"}};
  EXPECT_TRUE(parse_label_selector("app in (web,db),cpus>8,tier")->matches(labels));
  EXPECT_FALSE(parse_label_selector("app in (web,db),cpus>16")->matches(labels));
  EXPECT_TRUE(parse_label_selector("cpus<17")->matches(labels));
  EXPECT_FALSE(parse_label_selector("app>1")->matches(labels));
  EXPECT_FALSE(parse_label_selector("app!=web")->matches(labels));
}

TEST(LabelSelector, a_requirement_needs_as_many_values_as_its_operator_says) {
  EXPECT_TRUE(make_requirement("a", SelectorOperator::in, {"b", "c"}));
  EXPECT_FALSE(make_requirement("a", SelectorOperator::in, {}));
  EXPECT_FALSE(make_requirement("a", SelectorOperator::exists, {"b"}));
  EXPECT_FALSE(make_requirement("a", SelectorOperator::greater, {"1", "2"}));
  EXPECT_FALSE(make_requirement("a", SelectorOperator::less, {"one"}));
  EXPECT_FALSE(make_requirement("a b", SelectorOperator::exists, {}));
  EXPECT_TRUE(make_field_requirement("metadata.name", SelectorOperator::in, {std::string(200, 'n')}));
  EXPECT_FALSE(make_field_requirement("metadata.name", SelectorOperator::exists, {}));
  EXPECT_FALSE(parse_selector_operator("in"));
  EXPECT_EQ(*parse_selector_operator("DoesNotExist"), SelectorOperator::does_not_exist);
}

TEST(LabelSelector, keys_and_values_have_the_lengths_that_kubernetes_allows) {
  EXPECT_TRUE(check_label_key(std::string(63, 'k')));
  EXPECT_FALSE(check_label_key(std::string(64, 'k')));
  EXPECT_TRUE(check_label_key(std::string(63, 'p') + "/" + "k"));
  EXPECT_FALSE(check_label_key("/k"));
  EXPECT_FALSE(check_label_key("p/"));
  EXPECT_TRUE(check_label_value(""));
  EXPECT_TRUE(check_label_value("A.b_c-9"));
  EXPECT_FALSE(check_label_value(std::string(64, 'v')));
  EXPECT_TRUE(is_dns_subdomain("default-colocation-policy"));
  EXPECT_FALSE(is_dns_subdomain("Upper"));
  EXPECT_FALSE(is_dns_subdomain("a..b"));
}

rc::Gen<std::string> a_word() { return rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019")))); }

RC_GTEST_PROP(LabelSelector, what_is_printed_is_read_again_as_the_same, ()) {
  LabelSelector selector;
  const auto count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    const auto op =
        *rc::gen::element(SelectorOperator::in, SelectorOperator::not_in, SelectorOperator::exists, SelectorOperator::does_not_exist);
    const bool valued = op == SelectorOperator::in || op == SelectorOperator::not_in;
    auto values = valued ? *rc::gen::nonEmpty(rc::gen::unique<std::vector<std::string>>(
                               rc::gen::map(a_word(), [](std::string word) { return word.substr(0, 60); })))
                         : std::vector<std::string>{};
    std::ranges::sort(values);
    selector.requirements.push_back(*make_requirement("key" + std::to_string(i), op, std::move(values)));
  }
  const auto again = parse_label_selector(to_string(selector));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == selector);
}

}   // namespace
}   // namespace ebb::model
