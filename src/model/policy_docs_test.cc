// docs/policy.md shows the table of fields as the program knows it.

#include "model/policy_fields.h"
#include "model/policy_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ebb::model {
namespace {

constexpr std::string_view kBegin = "<!-- fields -->\n";
constexpr std::string_view kEnd = "<!-- end of fields -->";

std::string table_of_fields() {
  std::string table = "| Field | Default | Allowed | What it does |\n|---|---|---|---|\n";
  for (const PolicyField& field : policy_fields()) {
    const bool is_value = field.get(ColocationPolicy{}).has_value();
    const std::string quote = is_value ? "`" : "";
    table += fmt::format("| `{}` | {}{}{} | {} | {} |\n", field.key, quote, default_text(field), quote, allowed_text(field), field.help);
  }
  return table;
}

std::string page() {
  std::ifstream in(fmt::format("{}/docs/policy.md", EBB_SOURCE_DIR), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(PolicyDocs, the_page_shows_every_field_with_its_default_and_range) {
  const std::string text = page();
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_LT(begin, end);
  EXPECT_EQ(text.substr(begin + kBegin.size(), end - begin - kBegin.size()), table_of_fields()) << "the table must be:\n"
                                                                                                << table_of_fields();
}

// The text after `key: |` of an example, without the indentation that the block has.
std::string example(const std::string& text, std::string_view key) {
  std::size_t at = text.find(fmt::format("  {}: |\n", key));
  if (at == std::string::npos) return "";
  std::string block;
  for (at = text.find('\n', at) + 1; text.substr(at, 4) == "    "; at = text.find('\n', at) + 1) {
    block += text.substr(at + 4, text.find('\n', at) - at - 3);
  }
  return block;
}

TEST(PolicyDocs, the_examples_are_accepted) {
  const std::string text = page();
  const auto policy = parse_colocation_policy(example(text, kPolicyKey));
  EXPECT_TRUE(policy.value) << (policy.findings.empty() ? "" : to_string(policy.findings.front()));
  const auto nodes = parse_node_overlay(example(text, kNodePolicyKey), policy.value ? &*policy.value : nullptr);
  EXPECT_TRUE(nodes.value) << (nodes.findings.empty() ? "" : to_string(nodes.findings.front()));
}

}   // namespace
}   // namespace ebb::model
