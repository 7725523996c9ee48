#include "core/admission/original_resources.h"

#include <gtest/gtest.h>

namespace ebb::core {
namespace {

TEST(OriginalResources, what_is_written_is_read_back) {
  OriginalResources r;
  r.containers["a"] = {{MilliCpu{1500}, gibibytes(2)}, {cpus(4), std::nullopt}};
  r.containers["quote\"d"] = {};
  r.init_containers["b"] = {{}, {std::nullopt, mebibytes(100)}};
  const auto parsed = parse_original_resources(to_json(r));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, r);
}

TEST(OriginalResources, nothing_is_an_object_with_two_empty_lists) {
  EXPECT_EQ(to_json({}), R"({"containers":{},"initContainers":{}})");
  EXPECT_TRUE(parse_original_resources("{}")->empty());
}

TEST(OriginalResources, anything_else_is_an_error) {
  for (const char* text : {"", "[]", "7", "{", R"({"pods":{}})", R"({"containers":[]})", R"({"containers":{"a":7}})",
                           R"({"containers":{"a":{"uses":{}}}})", R"({"containers":{"a":{"requests":{"gpu":"1"}}}})",
                           R"({"containers":{"a":{"requests":{"cpu":"fast"}}}})", R"({"containers":{"a":{"requests":{"cpu":[]}}}})"}) {
    const auto parsed = parse_original_resources(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
}

}   // namespace
}   // namespace ebb::core
