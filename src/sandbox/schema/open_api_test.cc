#include "sandbox/schema/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace ebb::sandbox {
namespace {

// Every "$ref" of a document.
void collect_references(const json::value& value, std::set<std::string>& names) {
  if (const json::object* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      if (key == "$ref" && member.is_string())
        names.emplace(member.get_string());
      else
        collect_references(member, names);
    }
  }
  if (const json::array* array = value.if_array()) {
    for (const json::value& item : *array) collect_references(item, names);
  }
}

TEST(OpenApi, EveryReferenceOfV3LeadsToAType) {
  std::set<std::string> versions;
  for (const Kind& kind : builtin_kinds()) versions.insert(kind.group.empty() ? kind.version : kind.group + "/" + kind.version);
  for (const std::string& version : versions) {
    const json::value document = json::parse(open_api_v3(builtin_kinds(), version));
    const json::object& schemas = *object_at(document.as_object(), "components.schemas");
    std::set<std::string> references;
    collect_references(document, references);
    for (const std::string& reference : references)
      EXPECT_TRUE(schemas.contains(reference.substr(reference.rfind('/') + 1))) << version << " " << reference;
    for (const auto& [name, schema] : schemas) EXPECT_TRUE(schema.is_object()) << name;
  }
}

TEST(OpenApi, V2HasDefinitionsAndTheirReferences) {
  const json::value document = json::parse(open_api_v2(builtin_kinds()));
  const json::object& definitions = *object_at(document.as_object(), "definitions");
  std::set<std::string> references;
  collect_references(document, references);
  for (const std::string& reference : references)
    EXPECT_TRUE(definitions.contains(reference.substr(reference.rfind('/') + 1))) << reference;
  EXPECT_TRUE(definitions.contains("io.k8s.api.core.v1.Pod"));
}
TEST(OpenApi, PatchSaysThatFieldsAreValidatedAndListsHowTheyMerge) {
  const json::value document = json::parse(open_api_v3(builtin_kinds(), "apps/v1"));
  const json::value& patch =
      *find_member(*find_member(*find_path(document, "paths"), "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"), "patch");
  EXPECT_EQ(*find_path(patch, "x-kubernetes-group-version-kind"), json::parse(R"({"group":"apps","kind":"Deployment","version":"v1"})"));
  const json::array& parameters = find_path(patch, "parameters")->as_array();
  EXPECT_TRUE(std::ranges::any_of(parameters, [](const json::value& p) { return string_at(p, "name") == "fieldValidation"; }));
  const json::value& pod_spec = *find_member(*find_path(document, "components.schemas"), "io.k8s.api.core.v1.PodSpec");
  const json::value& containers = *find_path(pod_spec, "properties.containers");
  EXPECT_EQ(string_at(containers, "x-kubernetes-patch-merge-key"), "name");
  EXPECT_EQ(string_at(containers, "x-kubernetes-patch-strategy"), "merge");
  EXPECT_EQ(string_at(containers, "x-kubernetes-list-type"), "map");
}

TEST(OpenApi, ACustomKindIsListedUnderItsReversedGroup) {
  Kind kind;
  kind.group = "example.com";
  kind.version = "v1";
  kind.resource = "foos";
  kind.kind = "Foo";
  kind.list_kind = "FooList";
  kind.schema = *schema_from_openapi(json::parse(R"({"type":"object","properties":{"spec":{"type":"object","description":"what is wanted",
      "properties":{"a":{"type":"integer","minimum":1}}}}})")
                                         .as_object());
  const json::value document = json::parse(open_api_v3({kind}, "example.com/v1"));
  const json::value* foo = find_member(*find_path(document, "components.schemas"), "com.example.v1.Foo");
  ASSERT_NE(foo, nullptr);
  EXPECT_EQ(string_at(*foo, "properties.spec.description"), "what is wanted");
  EXPECT_EQ(string_at(*foo, "properties.spec.properties.a.type"), "integer");
  EXPECT_EQ(find_path(*foo, "x-kubernetes-group-version-kind")->as_array().size(), 1U);
}

}   // namespace
}   // namespace ebb::sandbox
