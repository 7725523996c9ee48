#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"
#include "sandbox/schema/type_table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ebb::sandbox {
namespace {

const Kind& kind_of(std::string_view group, std::string_view version, std::string_view resource) {
  const auto found = std::ranges::find_if(
      builtin_kinds(), [&](const Kind& kind) { return kind.group == group && kind.version == version && kind.resource == resource; });
  EXPECT_NE(found, builtin_kinds().end()) << resource;
  return *found;
}

TEST(BuiltinKinds, TheUsualOnesAreThereAsDiscoveryNamesThem) {
  const Kind& deployment = kind_of("apps", "v1", "deployments");
  EXPECT_EQ(deployment.kind, "Deployment");
  EXPECT_EQ(deployment.list_kind, "DeploymentList");
  EXPECT_EQ(deployment.short_names, std::vector<std::string>{"deploy"});
  EXPECT_TRUE(deployment.namespaced && deployment.has_status && deployment.has_scale);
  EXPECT_FALSE(kind_of("", "v1", "nodes").namespaced);
  EXPECT_EQ(kind_of("events.k8s.io", "v1", "events").storage_group, "");
  EXPECT_GE(builtin_kinds().size(), 70U);
  EXPECT_TRUE(std::ranges::is_sorted(builtin_kinds(), {}, [](const Kind& k) { return std::tie(k.group, k.version, k.resource); }));
}

TEST(BuiltinKinds, TypesOfRequestsAreFoundByGroupVersionAndKind) {
  for (const auto& [group_version, kind] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"autoscaling/v1", "Scale"},
                                                                  {"policy/v1", "Eviction"},
                                                                  {"authentication.k8s.io/v1", "TokenRequest"},
                                                                  {"meta/v1", "DeleteOptions"},
                                                                  {"v1", "Pod"}}) {
    ASSERT_NE(builtin_schema(group_version, kind), nullptr) << kind;
  }
  EXPECT_EQ(builtin_schema("apps/v1", "Nothing"), nullptr);
}

TEST(BuiltinKinds, FieldsKnowHowTheyMerge) {
  const SchemaPtr pod = builtin_schema("v1", "PodSpec");
  const Field* containers = pod->find("containers");
  ASSERT_NE(containers, nullptr);
  EXPECT_TRUE(containers->required && containers->patch_merge);
  EXPECT_EQ(containers->merge_key, "name");
  EXPECT_EQ(containers->type->list_kind, ListKind::map);
  EXPECT_EQ(containers->type->element->find("ports")->type->list_keys, (std::vector<std::string>{"containerPort", "protocol"}));
  EXPECT_TRUE(builtin_schema("v1", "ObjectReference")->atomic);
}

TEST(TypeTable, WrongLinesAreNamed) {
  for (const std::string_view text :
       {"type a\n b [s\n", "type a\n b Z\n", " b s\n", "nonsense\n", "type a\n b @c\n", "kind a b\n", "type a\n b s =}\n"}) {
    EXPECT_FALSE(parse_type_table(text).has_value()) << text;
  }
}

struct Conformed {
  json::value object;
  std::vector<std::string> unknown;
  std::vector<FieldError> errors;
};

Conformed conform(std::string_view group, std::string_view resource, std::string_view text) {
  Conformed result{.object = json::parse(text), .unknown = {}, .errors = {}};
  result.errors = prune_and_check(*kind_of(group, "v1", resource).schema, result.object.as_object(), result.unknown);
  return result;
}

TEST(Prune, UnknownFieldsGoAndAreNamedByTheirPath) {
  const Conformed pod = conform("", "pods", R"({"metadata":{"name":"a","nam":1},"spec":{"foo":1,"containers":[{"name":"c","imag":"x"}]}})");
  EXPECT_EQ(pod.unknown, (std::vector<std::string>{R"(unknown field "metadata.nam")", R"(unknown field "spec.foo")",
                                                   R"(unknown field "spec.containers[0].imag")"}));
  EXPECT_TRUE(pod.errors.empty());
  EXPECT_EQ(pod.object, json::parse(R"({"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","resources":{}}]},"status":{}})"));
}

TEST(Prune, WrongTypesAreWordedAsTheDecoderDoes) {
  const auto message = [](std::string_view spec) {
    const Conformed deployment = conform("apps", "deployments", fmt::format(R"({{"spec":{}}})", spec));
    return deployment.errors.empty() ? std::string() : deployment.errors.front().message;
  };
  EXPECT_EQ(message(R"({"replicas":"3"})"),
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
  EXPECT_EQ(message(R"({"replicas":1.5})"),
            "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32");
  EXPECT_EQ(message(R"({"replicas":3000000000})"),
            "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32");
  EXPECT_EQ(message(R"({"template":{"spec":{"containers":[{"name":1}]}}})"),
            "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.name of type string");
  EXPECT_EQ(message(R"({"selector":{"matchLabels":{"a":1}}})"),
            "json: cannot unmarshal number into Go struct field LabelSelector.spec.selector.matchLabels of type string");
  EXPECT_EQ(message(R"({"replicas":3})"), "");
}

TEST(Prune, QuantitiesTimesAndBytesAreWrittenAsStored) {
  const Conformed pod =
      conform("", "pods", R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":0.5,"memory":"1024Mi","x":1}}}]}})");
  const json::array& containers = *array_at(pod.object.as_object(), "spec.containers");
  EXPECT_EQ(json::serialize(*find_path(containers[0], "resources.requests")), R"({"cpu":"500m","memory":"1Gi","x":"1"})");
  EXPECT_FALSE(conform("", "pods", R"({"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1 core"}}}]}})").errors.empty());
  const Conformed lease = conform("coordination.k8s.io", "leases", R"({"spec":{"renewTime":"2026-01-02T03:04:05.5+01:00"}})");
  EXPECT_EQ(string_at(lease.object, "spec.renewTime"), "2026-01-02T02:04:05.500000Z");
  EXPECT_EQ(conform("", "secrets", R"({"data":{"a":"aGk"}})").errors.front().message, "illegal base64 data at input byte 3");
  EXPECT_EQ(string_at(conform("", "secrets", R"({"data":{"a":"aG\nk="}})").object, "data.a"), "aGk=");
}

TEST(Prune, EmptyAndNullFieldsVanishAsTheyDoInGo) {
  const Conformed pod = conform(
      "", "pods", R"({"metadata":{"labels":{},"annotations":null,"creationTimestamp":null},"spec":{"hostNetwork":false,"nodeName":"",
      "terminationGracePeriodSeconds":0,"securityContext":{},"containers":[]}})");
  EXPECT_EQ(pod.object,
            json::parse(R"({"metadata":{},"spec":{"terminationGracePeriodSeconds":0,"securityContext":{},"containers":[]},"status":{}})"));
}

TEST(Prune, ConformingTwiceChangesNothingMore) {
  Conformed once = conform("apps", "deployments", R"({"spec":{"template":{"spec":{"containers":[{"name":"a","env":[{"name":"x"}]}]}}}})");
  json::value again = once.object;
  std::vector<std::string> unknown;
  EXPECT_TRUE(prune_and_check(*kind_of("apps", "v1", "deployments").schema, again.as_object(), unknown).empty());
  EXPECT_EQ(again, once.object);
}

}   // namespace
}   // namespace ebb::sandbox
