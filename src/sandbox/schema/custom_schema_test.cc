#include "sandbox/schema/custom_schema.h"

#include "sandbox/schema/structure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

SchemaPtr schema_of(std::string_view properties) {
  const json::value text =
      json::parse(fmt::format(R"({{"type":"object","properties":{{"spec":{{"type":"object","properties":{}}}}}}})", properties));
  auto schema = schema_from_openapi(text.as_object());
  EXPECT_TRUE(schema.has_value()) << (schema ? "" : schema.error().message);
  return schema ? *schema : nullptr;
}

std::string problem(const SchemaPtr& schema, std::string_view spec) {
  const auto problems = custom_problems(
      *schema, json::parse(fmt::format(R"({{"apiVersion":"a/v1","kind":"K","metadata":{{"name":"n"}},"spec":{}}})", spec)).as_object());
  return problems.empty() ? "" : fmt::format("{}: {}", problems.front().field, problems.front().message);
}

TEST(CustomSchema, ProblemsAreWordedAsTheRealServerDoes) {
  const SchemaPtr schema = schema_of(
      R"({"n":{"type":"integer","minimum":1,"maximum":5},"s":{"type":"string","pattern":"^a+$","maxLength":3},"e":{"type":"string","enum":["x","y"]},
      "l":{"type":"array","maxItems":2,"minItems":1,"items":{"type":"string"}},"t":{"type":"string","format":"date-time"},"o":{"type":"object","required":["r"],
      "properties":{"r":{"type":"string"}}},"ios":{"x-kubernetes-int-or-string":true},"nil":{"type":"string","nullable":true}})");
  EXPECT_EQ(problem(schema, R"({"n":"x"})"), R"(spec.n: Invalid value: "string": spec.n in body must be of type integer: "string")");
  EXPECT_EQ(problem(schema, R"({"n":0})"), "spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1");
  EXPECT_EQ(problem(schema, R"({"n":6})"), "spec.n: Invalid value: 6: spec.n in body should be less than or equal to 5");
  EXPECT_EQ(problem(schema, R"({"s":"b"})"), R"(spec.s: Invalid value: "b": spec.s in body should match '^a+$')");
  EXPECT_EQ(problem(schema, R"({"s":"aaaa"})"), "spec.s: Too long: may not be more than 3 bytes");
  EXPECT_EQ(problem(schema, R"({"e":"z"})"), R"(spec.e: Unsupported value: "z": supported values: "x", "y")");
  EXPECT_EQ(problem(schema, R"({"l":["a","b","c"]})"), "spec.l: Too many: 3: must have at most 2 items");
  EXPECT_EQ(problem(schema, R"({"l":[]})"), "spec.l: Invalid value: 0: spec.l in body should have at least 1 items");
  EXPECT_EQ(problem(schema, R"({"l":[1]})"), R"(spec.l[0]: Invalid value: "integer": spec.l[0] in body must be of type string: "integer")");
  EXPECT_EQ(problem(schema, R"({"t":"noon"})"), R"(spec.t: Invalid value: "noon": spec.t in body must be of type date-time: "noon")");
  EXPECT_EQ(problem(schema, R"({"o":{}})"), "spec.o.r: Required value");
  EXPECT_EQ(problem(schema, R"({"ios":true})"),
            R"(spec.ios: Invalid value: "boolean": spec.ios in body must be of type integer,string: "boolean")");
  EXPECT_EQ(problem(schema, R"({"nil":null,"ios":"50%","n":3,"s":"aa","e":"x","l":["a"],"t":"2026-01-02T03:04:05Z","o":{"r":""}})"), "");
}

TEST(CustomSchema, CombinationsAreChecked) {
  const SchemaPtr schema = schema_of(
      R"({"a":{"type":"integer"},"b":{"type":"integer","not":{"enum":[7]},"anyOf":[{"minimum":10},{"maximum":3}],"allOf":[{"maximum":100}]},
      "c":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},"oneOf":[{"required":["x"]},{"required":["y"]}]}})");
  EXPECT_EQ(problem(schema, R"({"b":5})"), R"(<nil>: Invalid value: "": "spec.b" must validate at least one schema (anyOf))");
  EXPECT_NE(problem(schema, R"({"b":101})"), "");
  EXPECT_NE(problem(schema, R"({"b":7})"), "");
  EXPECT_NE(problem(schema, R"({"c":{}})").find("Found none valid"), std::string::npos);
  EXPECT_NE(problem(schema, R"({"c":{"x":"","y":""}})").find("Found 2 valid alternatives"), std::string::npos);
  EXPECT_EQ(problem(schema, R"({"c":{"x":""},"b":2})"), "");
}

TEST(CustomSchema, KeyedListsAndSetsHoldNothingTwice) {
  const SchemaPtr schema =
      schema_of(R"({"m":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object",
      "properties":{"k":{"type":"string"}},"required":["k"]}},"s":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}})");
  EXPECT_EQ(problem(schema, R"({"m":[{"k":"a"},{"k":"a"}]})"), R"(spec.m[1]: Duplicate value: {"k":"a"})");
  EXPECT_EQ(problem(schema, R"({"s":["a","a"]})"), R"(spec.s[1]: Duplicate value: "a")");
}

Kind custom_kind(SchemaPtr schema) {
  Kind kind;
  kind.group = "a";
  kind.kind = "K";
  kind.schema = std::move(schema);
  return kind;
}

TEST(CustomSchema, UnknownFieldsArePrunedUnlessTheyArePreserved) {
  const SchemaPtr schema = schema_of(
      R"({"known":{"type":"object","properties":{"a":{"type":"integer"}}},"free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
      "map":{"type":"object","additionalProperties":{"type":"object","properties":{"b":{"type":"string"}}}},
      "pod":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}})");
  json::value object = json::parse(
      R"({"apiVersion":"a/v1","kind":"K","metadata":{"name":"n","bad":1},"extra":1,"spec":{"known":{"a":1,"b":2},"free":{"x":{"y":1}},
      "map":{"k":{"b":"1","c":1}},"pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","wrong":1},"spec":{"any":1}}}})");
  std::vector<std::string> unknown;
  EXPECT_TRUE(prune_and_check(*schema, object.as_object(), unknown).empty());
  EXPECT_THAT(unknown, testing::UnorderedElementsAre(R"(unknown field "metadata.bad")", R"(unknown field "extra")",
                                                     R"(unknown field "spec.known.b")", R"(unknown field "spec.map.k.c")",
                                                     R"(unknown field "spec.pod.metadata.wrong")"));
  EXPECT_EQ(
      object,
      json::parse(
          R"({"apiVersion":"a/v1","kind":"K","metadata":{"name":"n"},"spec":{"known":{"a":1},"free":{"x":{"y":1}},"map":{"k":{"b":"1"}},
      "pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"any":1}}}})"));
}

TEST(CustomSchema, DefaultsAreFilledInFromTheOutsideIn) {
  const Kind kind = custom_kind(schema_of(
      R"({"a":{"type":"object","default":{},"properties":{"b":{"type":"integer","default":3},"c":{"type":"string","nullable":true,"default":"x"}}},
      "l":{"type":"array","items":{"type":"object","properties":{"d":{"type":"boolean","default":true}}}}})"));
  json::object object = json::parse(R"({"spec":{"l":[{},{"d":false}]}})").as_object();
  apply_defaults(kind, object);
  EXPECT_EQ(object, json::parse(R"({"spec":{"l":[{"d":true},{"d":false}],"a":{"b":3,"c":"x"}}})").as_object());
  json::object nulls = json::parse(R"({"spec":{"a":{"b":null,"c":null}}})").as_object();
  apply_defaults(kind, nulls);
  EXPECT_EQ(nulls, json::parse(R"({"spec":{"a":{"b":3,"c":null}}})").as_object());
}

TEST(CustomSchema, WhatIsNotStructuralIsRefusedWithItsPath) {
  const auto refused = [](std::string_view text) {
    const auto schema = schema_from_openapi(json::parse(text).as_object());
    return schema ? std::string() : schema.error().message;
  };
  EXPECT_EQ(refused(R"({"properties":{}})"), "openAPIV3Schema.type: Required value: must not be empty at the root");
  EXPECT_EQ(refused(R"({"type":"string"})"), "openAPIV3Schema.type: Invalid value: \"string\": must be object at the root");
  EXPECT_EQ(refused(R"({"type":"object","properties":{"a":{}}})"),
            "openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields");
  EXPECT_EQ(refused(R"({"type":"object","properties":{"a":{"type":"array"}}})"),
            "openAPIV3Schema.properties[a].items: Required value: must be specified");
  EXPECT_NE(refused(R"({"type":"object","properties":{"a":{"type":"string","pattern":"("}}})").find("must be a valid regular expression"),
            std::string::npos);
  EXPECT_NE(
      refused(
          R"({"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":{"type":"string"}}}})"),
      "");
  EXPECT_NE(refused(R"({"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","items":{"type":"object"}}}})"),
            "");
  EXPECT_EQ(refused(R"({"type":"object","x-kubernetes-preserve-unknown-fields":true})"), "");
}

TEST(CustomSchema, APatternThatExplodesDoesNotMatch) {
  const SchemaPtr schema = schema_of(R"({"s":{"type":"string","pattern":"^(a|a)*$"}})");
  EXPECT_EQ(problem(schema, fmt::format(R"({{"s":"{}b"}})", std::string(200, 'a'))).find("spec.s: Invalid value"), 0U);
}

}   // namespace
}   // namespace ebb::sandbox
