#include "model/custom_resources.h"

#include "model/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ebb::model {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The one document of a text as JSON without regard to how it was written.
std::string as_json(const std::string& text) {
  const YamlText parsed = parse_yaml(text);
  if (!parsed.ok() || parsed.documents.size() != 1) return "not one document";
  return to_json(parsed.documents.front()).value_or("no JSON");
}

struct Definition {
  std::string_view file;
  std::string (*json)();
};

class DefinitionTest : public ::testing::TestWithParam<Definition> {};

TEST_P(DefinitionTest, the_file_in_deploy_crds_says_the_same) {
  const auto [file, definition] = GetParam();
  const std::string path = fmt::format("{}/deploy/crds/{}", EBB_SOURCE_DIR, file);
  EXPECT_EQ(as_json(file_text(path)), as_json(definition())) << path << " must be what custom_resources.cc says:\n" << definition();
}

INSTANTIATE_TEST_SUITE_P(CustomResources, DefinitionTest,
                         ::testing::Values(Definition{"colocationpolicies.yaml", colocation_policy_definition},
                                           Definition{"nodereports.yaml", node_report_definition}));

TEST(CustomResources, the_schema_of_the_policy_names_range_and_default_of_a_field) {
  const YamlText parsed = parse_yaml(colocation_policy_schema());
  ASSERT_TRUE(parsed.ok());
  const YamlNode* node = &parsed.documents.front();
  for (const char* step : {"properties", "spec", "properties", "eviction", "properties", "waterLine", "properties", "cpu"}) {
    node = node->find(step);
    ASSERT_NE(node, nullptr) << step;
  }
  EXPECT_EQ(node->find("type")->text, "number");
  EXPECT_EQ(node->find("minimum")->text, "0");
  EXPECT_EQ(node->find("maximum")->text, "1");
  EXPECT_NE(node->find("description")->text.find("Default: the smaller of 0.6 and the admission line."), std::string::npos);
}

}   // namespace
}   // namespace ebb::model
