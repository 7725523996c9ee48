#include "sandbox/api/request_fixture.h"

namespace ebb::sandbox {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CustomResourcesTest : public RequestTest {
 protected:
  static std::string definition(std::string_view more_versions = "") {
    return fmt::format(R"({{"metadata":{{"name":"widgets.example.com"}},"spec":{{"group":"example.com","scope":"Namespaced",
      "names":{{"plural":"widgets","kind":"Widget","shortNames":["wd"]}},"versions":[{{"name":"v1","served":true,"storage":true,
      "subresources":{{"status":{{}},"scale":{{"specReplicasPath":".spec.size","statusReplicasPath":".status.size"}}}},
      "additionalPrinterColumns":[{{"name":"Size","type":"integer","jsonPath":".spec.size"}}],
      "selectableFields":[{{"jsonPath":".spec.colour"}}],
      "schema":{{"openAPIV3Schema":{{"type":"object","properties":{{
        "spec":{{"type":"object","properties":{{"size":{{"type":"integer","minimum":1,"default":3}},"colour":{{"type":"string"}}}}}},
        "status":{{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}}}}}}{}]}}}})",
                       more_versions);
  }
  Answered make_widget(std::string_view name, std::string_view spec = "{}") {
    return make(kWidgets, fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{}}})", name, spec));
  }

  static constexpr std::string_view kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  static constexpr std::string_view kWidgets = "/apis/example.com/v1/namespaces/default/widgets";
};

TEST_F(CustomResourcesTest, ADefinedKindIsServedAtOnceAndEstablished) {
  EXPECT_EQ(call("GET", kWidgets).status, 404);
  make(kDefinitions, definition());
  EXPECT_EQ(call("GET", kWidgets).at("kind"), "WidgetList");
  const Answered stored = call("GET", at(kDefinitions, "/widgets.example.com"));
  EXPECT_THAT(stored.text, HasSubstr(R"("type":"Established","status":"True")"));
  EXPECT_THAT(stored.text, HasSubstr(R"("storedVersions":["v1"])"));
  EXPECT_THAT(call("GET", "/apis/example.com/v1").text, HasSubstr(R"("shortNames":["wd"])"));
  EXPECT_THAT(call("GET", "/openapi/v3").text, HasSubstr("apis/example.com/v1"));
}

TEST_F(CustomResourcesTest, ItsObjectsArePrunedDefaultedAndValidated) {
  make(kDefinitions, definition());
  const Answered made = make(kWidgets, R"({"metadata":{"name":"w"},"spec":{"flavour":"x"},"status":{"seen":true}})");
  EXPECT_EQ(made.body.at("spec"), (json::object{{"size", 3}}));
  EXPECT_FALSE(made.body.contains("status"));
  EXPECT_EQ(call("PATCH", at(kWidgets, "/w"), R"({"spec":{"size":0}})", std::string(kMerge)).status, 422);
  EXPECT_EQ(call("PATCH", at(kWidgets, "/w"), R"({"spec":{"size":0}})", "application/strategic-merge-patch+json").status, 415);
}

TEST_F(CustomResourcesTest, WhatWasStoredBeforeADefaultIsReadWithIt) {
  make(kDefinitions, definition());
  make_widget("w");
  const std::string add =
      R"([{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/colour/default","value":"red"}])";
  ASSERT_EQ(call("PATCH", at(kDefinitions, "/widgets.example.com"), add, "application/json-patch+json").status, 200);
  EXPECT_EQ(call("GET", at(kWidgets, "/w")).at("spec.colour"), "red");
  EXPECT_THAT(call("GET", kWidgets).text, HasSubstr(R"("colour":"red")"));
}

TEST_F(CustomResourcesTest, StatusScaleColumnsAndFieldsFollowTheDefinition) {
  make(kDefinitions, definition());
  make_widget("w", R"({"size":4,"colour":"red"})");
  make_widget("x", R"({"colour":"blue"})");
  EXPECT_EQ(call("PATCH", at(kWidgets, "/w/status"), R"({"spec":{"size":9},"status":{"size":2}})", std::string(kMerge)).at("spec.size"),
            "4");
  const Answered scale = call("GET", at(kWidgets, "/w/scale"));
  EXPECT_EQ(scale.at("spec.replicas"), "4");
  EXPECT_EQ(scale.at("status.replicas"), "2");
  EXPECT_EQ(call("PATCH", at(kWidgets, "/w/scale"), R"({"spec":{"replicas":6}})", std::string(kMerge)).at("spec.replicas"), "6");
  EXPECT_THAT(call("GET", at(kWidgets, "?fieldSelector=spec.colour=red")).names(), ElementsAre("w"));
  accept_ = "application/json;as=Table;v=v1;g=meta.k8s.io";
  EXPECT_THAT(call("GET", kWidgets).text, HasSubstr(R"("cells":["w",6])"));
}

TEST_F(CustomResourcesTest, VersionsShareTheirObjects) {
  make(
      kDefinitions,
      definition(
          R"(,{"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}})"));
  make_widget("w");
  const Answered other = call("GET", "/apis/example.com/v2/namespaces/default/widgets/w");
  EXPECT_EQ(other.at("apiVersion"), "example.com/v2");
  EXPECT_EQ(other.at("spec.size"), "3");
  EXPECT_THAT(call("GET", "/apis/example.com").text, HasSubstr(R"("preferredVersion":{"groupVersion":"example.com/v2")"));
}

TEST_F(CustomResourcesTest, AWatchSurvivesAChangeOfTheDefinitionAndEndsWithIt) {
  make(kDefinitions, definition());
  const auto watched = watch(at(kWidgets, "?watch=1"));
  call("PATCH", at(kDefinitions, "/widgets.example.com"), R"({"metadata":{"labels":{"a":"b"}}})", std::string(kMerge));
  make_widget("w");
  EXPECT_THAT(events(*watched), ElementsAre("ADDED w"));
  call("DELETE", at(kDefinitions, "/widgets.example.com"));
  EXPECT_THAT(events(*watched), ElementsAre("DELETED w"));
  EXPECT_TRUE(watched->finished());
}

TEST_F(CustomResourcesTest, ADefinitionWaitsForTheFinalizersOfItsObjects) {
  make(kDefinitions, definition());
  make(kWidgets, R"({"metadata":{"name":"w","finalizers":["x.io/hold"]}})");
  call("DELETE", at(kDefinitions, "/widgets.example.com"));
  EXPECT_NE(call("GET", at(kDefinitions, "/widgets.example.com")).at("metadata.deletionTimestamp"), "");
  call("PATCH", at(kWidgets, "/w"), R"({"metadata":{"finalizers":null}})", std::string(kMerge));
  EXPECT_EQ(call("GET", at(kDefinitions, "/widgets.example.com")).status, 404);
  EXPECT_EQ(call("GET", kWidgets).status, 404);
}

TEST_F(CustomResourcesTest, ASchemaThatIsNotStructuralIsRefused) {
  const std::string bad = R"({"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
      "names":{"plural":"widgets","kind":"Widget"},"versions":[{"name":"v1","served":true,"storage":true,
      "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{}}}}}]}})";
  EXPECT_EQ(call("POST", kDefinitions, bad).status, 422);
  EXPECT_EQ(call("GET", kWidgets).status, 404);
}

}   // namespace
}   // namespace ebb::sandbox
