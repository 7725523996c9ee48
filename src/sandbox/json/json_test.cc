#include "sandbox/json/json.h"

#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

const json::value kPod =
    json::parse(R"({"metadata":{"name":"a","labels":{"app.kubernetes.io/name":"x"}},"spec":{"n":3,"on":true,"list":[1]}})");

TEST(Json, APathLeadsThroughObjectsAndEndsWhereAStepIsMissing) {
  EXPECT_EQ(string_at(kPod, "metadata.name"), "a");
  EXPECT_EQ(find_path(kPod, "metadata.missing.name"), nullptr);
  EXPECT_EQ(find_path(kPod, "metadata.name.deeper"), nullptr);
  EXPECT_EQ(string_at(kPod, "spec"), "");
}

TEST(Json, AKeyWithDotsIsAMemberNotAPath) {
  const json::value* labels = find_path(kPod, "metadata.labels");
  ASSERT_NE(labels, nullptr);
  EXPECT_NE(find_member(*labels, "app.kubernetes.io/name"), nullptr);
  EXPECT_EQ(find_path(*labels, "app.kubernetes.io/name"), nullptr);
}

TEST(Json, TypedLookUpsAnswerNothingForAnotherType) {
  const json::object& pod = kPod.as_object();
  EXPECT_EQ(integer_at(pod, "spec.n"), 3);
  EXPECT_EQ(integer_at(pod, "spec.on"), std::nullopt);
  EXPECT_TRUE(bool_at(pod, "spec.on"));
  EXPECT_FALSE(bool_at(pod, "spec.n"));
  EXPECT_EQ(array_at(pod, "spec.list")->size(), 1U);
  EXPECT_EQ(object_at(pod, "spec.list"), nullptr);
}

}   // namespace
}   // namespace ebb::sandbox
