#include "sandbox/schema/schema.h"

#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

json::value patched(std::string_view document, std::string_view operations) {
  const auto result = apply_json_patch(json::parse(document), json::parse(operations));
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
  return result ? *result : json::value("failed");
}

Errc refused(std::string_view document, std::string_view operations) {
  const auto result = apply_json_patch(json::parse(document), json::parse(operations));
  EXPECT_FALSE(result.has_value());
  return result ? Errc::io : result.error().code;
}

TEST(JsonPatch, AddsToObjectsAndAtEveryPlaceOfLists) {
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"add","path":"/b","value":{"c":2}}])"), json::parse(R"({"a":1,"b":{"c":2}})"));
  EXPECT_EQ(patched(R"({"l":[1,3]})", R"([{"op":"add","path":"/l/1","value":2}])"), json::parse(R"({"l":[1,2,3]})"));
  EXPECT_EQ(patched(R"({"l":[1]})", R"([{"op":"add","path":"/l/-","value":2},{"op":"add","path":"/l/2","value":3}])"),
            json::parse(R"({"l":[1,2,3]})"));
  EXPECT_EQ(refused(R"({"l":[1]})", R"([{"op":"add","path":"/l/2","value":2}])"), Errc::invalid);
  EXPECT_EQ(refused(R"({})", R"([{"op":"add","path":"/a/b","value":2}])"), Errc::invalid);
}

TEST(JsonPatch, RemovesReplacesMovesAndCopies) {
  EXPECT_EQ(patched(R"({"a":1,"b":2,"c":3})", R"([{"op":"remove","path":"/a"}])"), json::parse(R"({"b":2,"c":3})"));
  EXPECT_EQ(patched(R"({"l":[1,2,3]})", R"([{"op":"remove","path":"/l/0"}])"), json::parse(R"({"l":[2,3]})"));
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"replace","path":"","value":[7]}])"), json::parse("[7]"));
  EXPECT_EQ(patched(R"({"a":{"b":1},"c":{}})", R"([{"op":"move","from":"/a/b","path":"/c/d"}])"), json::parse(R"({"a":{},"c":{"d":1}})"));
  EXPECT_EQ(patched(R"({"a":[1]})", R"([{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/0","value":0}])"),
            json::parse(R"({"a":[1],"b":[0,1]})"));
  EXPECT_EQ(refused(R"({"a":{}})", R"([{"op":"move","from":"/a","path":"/a/b"}])"), Errc::invalid);
  EXPECT_EQ(refused(R"({"a":1})", R"([{"op":"remove","path":"/b"}])"), Errc::invalid);
  EXPECT_EQ(refused(R"({"a":1})", R"([{"op":"replace","path":"/b","value":1}])"), Errc::invalid);
}

TEST(JsonPatch, AFailedTestIsAConflict) {
  EXPECT_EQ(patched(R"({"a":[1,{"b":2}]})", R"([{"op":"test","path":"/a","value":[1,{"b":2}]}])"), json::parse(R"({"a":[1,{"b":2}]})"));
  EXPECT_EQ(refused(R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])"), Errc::conflict);
}

TEST(JsonPatch, PointersAreUnescapedAndIndicesCanonical) {
  EXPECT_EQ(patched(R"({"a/b":1,"m~n":2})", R"([{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"}])"), json::parse("{}"));
  EXPECT_EQ(refused(R"({"a":[1,2]})", R"([{"op":"remove","path":"/a/01"}])"), Errc::invalid);
  EXPECT_EQ(refused(R"({"a":[1,2]})", R"([{"op":"remove","path":"/a/-1"}])"), Errc::invalid);
  EXPECT_EQ(refused(R"({"a":1})", R"([{"op":"remove","path":"a"}])"), Errc::invalid);
  EXPECT_EQ(refused(R"({"a":1})", R"([{"op":"remove","path":"/~2"}])"), Errc::invalid);
}

TEST(JsonPatch, IncompleteOperationsAreInvalid) {
  for (const std::string_view operations : {R"({})", R"([1])", R"([{"op":"add","path":"/a"}])", R"([{"op":"move","path":"/a"}])",
                                            R"([{"op":"add","value":1}])", R"([{"op":"jump","path":"/a"}])"}) {
    EXPECT_EQ(refused(R"({"a":1})", operations), Errc::invalid) << operations;
  }
}

TEST(JsonPatch, CopiesOfCopiesAreBounded) {
  json::array operations;
  for (int i = 0; i < 40; ++i) operations.push_back(json::parse(R"({"op":"copy","from":"/l","path":"/l/-"})"));
  const auto doubled = apply_json_patch(json::parse(R"({"l":["some text"]})"), operations);
  ASSERT_FALSE(doubled.has_value());
  EXPECT_EQ(doubled.error().code, Errc::too_large);
  const auto many = apply_json_patch(json::parse("{}"), json::array(10'001, json::parse(R"({"op":"add","path":"/a","value":1})")));
  ASSERT_FALSE(many.has_value());
  EXPECT_EQ(many.error().code, Errc::too_large);
}

json::value merged(std::string_view document, std::string_view patch) {
  return apply_merge_patch(json::parse(document), json::parse(patch));
}

// The examples of RFC 7386, appendix A.
TEST(MergePatch, DoesWhatTheExamplesOfItsRfcSay) {
  const struct {
    std::string_view document, patch, result;
  } cases[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", R"(null)", R"(null)"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& each : cases) EXPECT_EQ(merged(each.document, each.patch), json::parse(each.result)) << each.patch;
}

}   // namespace
}   // namespace ebb::sandbox
