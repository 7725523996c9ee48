#include "sandbox/schema/list_order.h"
#include "sandbox/schema/schema.h"

#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

const Schema& pod() {
  static const SchemaPtr schema = builtin_schema("v1", "Pod");
  return *schema;
}

json::value patched(std::string_view document, std::string_view patch, const Schema& schema = pod()) {
  const auto result = apply_strategic_merge_patch(schema, json::parse(document), json::parse(patch));
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
  return result ? *result : json::value("failed");
}

std::string refused(std::string_view document, std::string_view patch) {
  const auto result = apply_strategic_merge_patch(pod(), json::parse(document), json::parse(patch));
  EXPECT_FALSE(result.has_value());
  return result ? "" : result.error().message;
}

TEST(StrategicPatch, ListsMergeByTheirKeyAndNewElementsComeInThePatchOrder) {
  EXPECT_EQ(patched(R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}})",
                    R"({"spec":{"containers":[{"name":"b","image":"2"},{"name":"c","image":"3"}]}})"),
            json::parse(R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c","image":"3"}]}})"));
}

TEST(StrategicPatch, OtherListsAreReplaced) {
  EXPECT_EQ(patched(R"({"spec":{"containers":[{"name":"a","args":["1","2"]}]}})", R"({"spec":{"containers":[{"name":"a","args":["3"]}]}})"),
            json::parse(R"({"spec":{"containers":[{"name":"a","args":["3"]}]}})"));
}

TEST(StrategicPatch, NullDeletesAndIsNotBroughtIn) {
  EXPECT_EQ(patched(R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
                    R"({"metadata":{"labels":{"a":null,"c":null},"annotations":{"x":null,"y":"1"}}})"),
            json::parse(R"({"metadata":{"labels":{"b":"2"},"annotations":{"y":"1"}}})"));
}

TEST(StrategicPatch, PatchDirectivesDeleteAndReplace) {
  EXPECT_EQ(
      patched(R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})", R"({"spec":{"containers":[{"$patch":"delete","name":"a"}]}})"),
      json::parse(R"({"spec":{"containers":[{"name":"b"}]}})"));
  EXPECT_EQ(
      patched(R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})", R"({"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}})"),
      json::parse(R"({"spec":{"containers":[{"name":"c"}]}})"));
  EXPECT_EQ(patched(R"({"spec":{"nodeSelector":{"a":"1"},"x":1}})", R"({"spec":{"nodeSelector":{"$patch":"replace","b":"2"}}})"),
            json::parse(R"({"spec":{"nodeSelector":{"b":"2"},"x":1}})"));
  EXPECT_EQ(patched(R"({"metadata":{"labels":{"a":"1"}}})", R"({"metadata":{"labels":{"$patch":"delete"}}})"),
            json::parse(R"({"metadata":{"labels":{}}})"));
  EXPECT_EQ(refused(R"({"metadata":{"labels":{"a":"1"}}})", R"({"metadata":{"labels":{"$patch":"explode"}}})"),
            "unknown patch type found: explode");
}

TEST(StrategicPatch, ListsOfPrimitivesMergeAsSets) {
  EXPECT_EQ(patched(R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"finalizers":["b","c"]}})"),
            json::parse(R"({"metadata":{"finalizers":["a","b","c"]}})"));
  EXPECT_EQ(patched(R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})"),
            json::parse(R"({"metadata":{"finalizers":["b"]}})"));
  EXPECT_EQ(
      patched(R"({"metadata":{"finalizers":["a","b","c"]}})",
              R"({"metadata":{"$setElementOrder/finalizers":["c","d"],"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["d"]}})"),
      json::parse(R"({"metadata":{"finalizers":["b","c","d"]}})"));
}

TEST(StrategicPatch, SetElementOrderOrdersWhatThePatchKnows) {
  EXPECT_EQ(patched(R"({"spec":{"containers":[{"name":"a"},{"name":"server"},{"name":"b"}]}})",
                    R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a","image":"2"}]}})"),
            json::parse(R"({"spec":{"containers":[{"name":"server"},{"name":"b"},{"name":"a","image":"2"}]}})"));
  EXPECT_NE(refused(R"({"spec":{"containers":[{"name":"a"}]}})",
                    R"({"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"z"}]}})")
                .find("doesn't match"),
            std::string::npos);
}

TEST(StrategicPatch, RetainKeysDropsWhatItDoesNotName) {
  const SchemaPtr deployment = builtin_schema("apps/v1", "Deployment");
  EXPECT_EQ(patched(R"({"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}})",
                    R"({"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}})", *deployment),
            json::parse(R"({"spec":{"strategy":{"type":"Recreate"}}})"));
  EXPECT_FALSE(apply_strategic_merge_patch(*deployment, json::parse(R"({"spec":{"strategy":{"type":"x"}}})"),
                                           json::parse(R"({"spec":{"strategy":{"$retainKeys":["type"],"rollingUpdate":{}}}})"))
                   .has_value());
}

TEST(StrategicPatch, AnElementWithoutItsKeyIsRefused) {
  EXPECT_NE(refused(R"({"spec":{"containers":[{"name":"a"}]}})", R"({"spec":{"containers":[{"image":"z"}]}})")
                .find("does not contain declared merge key: name"),
            std::string::npos);
}

TEST(ListOrder, ServerOnlyElementsStayBeforeWhatTheyWereBefore) {
  const json::array list = json::parse(R"(["s1","a","s2","b"])").as_array();
  EXPECT_EQ(in_order(list, json::parse(R"(["a","b"])").as_array(), list, ""), list);
  EXPECT_EQ(in_order(list, json::parse(R"(["b","a"])").as_array(), list, ""), json::parse(R"(["s1","s2","b","a"])").as_array());
}

}   // namespace
}   // namespace ebb::sandbox
