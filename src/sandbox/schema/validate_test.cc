// The messages are those of the real server (v1.37.2) for the same objects.
#include "sandbox/schema/name_rules.h"
#include "sandbox/schema/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace ebb::sandbox {
namespace {

const Kind& kind_of(std::string_view resource) { return *std::ranges::find(builtin_kinds(), resource, &Kind::resource); }

json::object stored(std::string_view resource, std::string_view text) {
  json::object object = json::parse(text).as_object();
  std::vector<std::string> unknown;
  EXPECT_TRUE(prune_and_check(*kind_of(resource).schema, object, unknown).empty());
  apply_defaults(kind_of(resource), object);
  return object;
}

std::vector<std::string> lines(const std::vector<FieldError>& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) texts.push_back(fmt::format("{}: {}", error.field, error.message));
  return texts;
}

std::vector<std::string> problems(std::string_view resource, std::string_view text) {
  return lines(validate(kind_of(resource), stored(resource, text), nullptr));
}

std::vector<std::string> pod(std::string_view spec) {
  return problems("pods", fmt::format(R"({{"metadata":{{"name":"p","namespace":"n"}},"spec":{}}})", spec));
}

std::vector<std::string> changed(std::string_view resource, std::string_view before, std::string_view after) {
  const json::object old = stored(resource, before);
  return lines(validate(kind_of(resource), stored(resource, after), &old));
}

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Validate, NamesAndLabelsHaveTheirSyntax) {
  EXPECT_THAT(problems("configmaps", R"({"metadata":{"name":"Bad_","namespace":"n"}})"),
              ElementsAre(HasSubstr("metadata.name: Invalid value: \"Bad_\": a lowercase RFC 1123 subdomain")));
  EXPECT_THAT(problems("configmaps", R"({"metadata":{"name":"a","namespace":"n","labels":{"x y":"z"}}})"),
              ElementsAre(HasSubstr("metadata.labels: Invalid value: \"x y\": name part")));
  EXPECT_THAT(problems("configmaps", R"({"metadata":{"name":"a","namespace":"n","labels":{"x":"-"}}})"),
              ElementsAre(HasSubstr("a valid label must be")));
  EXPECT_THAT(problems("configmaps", fmt::format(R"({{"metadata":{{"name":"a","namespace":"n","annotations":{{"x":"{}"}}}}}})",
                                                 std::string(300'000, 'x'))),
              ElementsAre("metadata.annotations: Too long: may not be more than 262144 bytes"));
  EXPECT_THAT(problems("namespaces", R"({"metadata":{"name":"a.b"}})"),
              ElementsAre("metadata.name: Invalid value: \"a.b\": must not contain dots"));
  EXPECT_THAT(problems("nodes", R"({"metadata":{"name":"a","namespace":"n"}})"),
              ElementsAre("metadata.namespace: Forbidden: not allowed on this type"));
}

TEST(Validate, APodNeedsContainersThatCanRun) {
  EXPECT_THAT(pod(R"({"containers":[]})"), ElementsAre("spec.containers: Required value"));
  EXPECT_THAT(pod(R"({"containers":[{"name":"c","image":"x"},{"name":"c","image":"x"}]})"),
              ElementsAre("spec.containers[1].name: Duplicate value: \"c\""));
  EXPECT_THAT(pod(R"({"containers":[{"name":"c"}]})"), ElementsAre("spec.containers[0].image: Required value"));
  EXPECT_THAT(pod(R"({"restartPolicy":"Sometimes","containers":[{"name":"c","image":"x"}]})"),
              ElementsAre("spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\""));
  EXPECT_THAT(pod(R"({"containers":[{"name":"c","image":"x","volumeMounts":[{"name":"v","mountPath":"/a"}]}]})"),
              ElementsAre("spec.containers[0].volumeMounts[0].name: Not found: \"v\""));
  EXPECT_THAT(pod(R"({"containers":[{"name":"c","image":"x"}]})"), IsEmpty());
}

TEST(Validate, RequestsFitTheirLimits) {
  const auto resources = [](std::string_view text) {
    return pod(fmt::format(R"({{"containers":[{{"name":"c","image":"x","resources":{}}}]}})", text));
  };
  EXPECT_THAT(resources(R"({"requests":{"cpu":2},"limits":{"cpu":1}})"),
              ElementsAre("spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1"));
  EXPECT_THAT(resources(R"({"requests":{"a.b/c":1},"limits":{"a.b/c":2}})"),
              ElementsAre("spec.containers[0].resources.requests: Invalid value: \"1\": must be equal to a.b/c limit of 2"));
  EXPECT_THAT(resources(R"({"requests":{"a.b/c":1}})"),
              ElementsAre("spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources"));
  EXPECT_THAT(resources(R"({"limits":{"a.b/c":"500m"}})"),
              Contains("spec.containers[0].resources.limits[a.b/c]: Invalid value: \"500m\": must be an integer"));
  EXPECT_THAT(resources(R"({"requests":{"cpu":"100m","kubernetes.io/batch-cpu":"1500"},"limits":{"cpu":"2"}})"), IsEmpty());
}

constexpr std::string_view kPod =
    R"({"metadata":{"name":"p","namespace":"n"},"spec":{"nodeSelector":{"x":"y"},"containers":[{"name":"c","image":"x"}]}})";

TEST(Validate, OfAPodOnlyAFewFieldsChange) {
  const auto with = [](std::string_view spec) { return fmt::format(R"({{"metadata":{{"name":"p","namespace":"n"}},"spec":{}}})", spec); };
  EXPECT_THAT(
      changed(
          "pods", kPod,
          with(
              R"({"nodeSelector":{"x":"y"},"activeDeadlineSeconds":5,"containers":[{"name":"c","image":"y"}],"tolerations":[{"operator":"Exists"}]})")),
      IsEmpty());
  EXPECT_THAT(changed("pods", kPod, with(R"({"nodeSelector":{"x":"z"},"containers":[{"name":"c","image":"x"}]})")),
              ElementsAre(HasSubstr("spec: Forbidden: pod updates may not change fields other than")));
  EXPECT_THAT(
      changed("pods", kPod, with(R"({"nodeSelector":{"x":"y"},"schedulingGates":[{"name":"g"}],"containers":[{"name":"c","image":"x"}]})")),
      ElementsAre("spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"));
  EXPECT_THAT(changed("pods", with(R"({"schedulingGates":[{"name":"g"}],"containers":[{"name":"c","image":"x"}]})"),
                      with(R"({"nodeSelector":{"a":"b"},"containers":[{"name":"c","image":"x"}]})")),
              IsEmpty());
}

std::string deployment(std::string_view selector, std::string_view rest = "") {
  return fmt::format(
      R"({{"metadata":{{"name":"d","namespace":"n"}},"spec":{{{}"selector":{},"template":{{"metadata":{{"labels":{{"a":"b"}}}},
      "spec":{{"containers":[{{"name":"c","image":"x"}}]}}}}}}}})",
      rest, selector);
}

TEST(Validate, SelectorsMatchTheirTemplateAndStay) {
  EXPECT_THAT(problems("deployments", deployment(R"({"matchLabels":{"a":"b"}})")), IsEmpty());
  EXPECT_THAT(problems("deployments", deployment(R"({"matchLabels":{"a":"c"}})")),
              ElementsAre("spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"));
  EXPECT_THAT(problems("deployments", deployment("{}")),
              ElementsAre("spec.selector: Invalid value: {}: empty selector is invalid for deployment"));
  EXPECT_THAT(changed("deployments", deployment(R"({"matchLabels":{"a":"b"}})"),
                      deployment(R"({"matchExpressions":[{"key":"a","operator":"Exists"}]})")),
              ElementsAre(HasSubstr("spec.selector: Invalid value: ")));
  EXPECT_THAT(
      changed("deployments", deployment(R"({"matchLabels":{"a":"b"}})"), deployment(R"({"matchLabels":{"a":"b"}})", R"("replicas":4,)")),
      IsEmpty());
  EXPECT_THAT(problems("deployments", deployment(R"({"matchLabels":{"a":"b"}})", R"("strategy":{"type":"Recreate","rollingUpdate":{}},)")),
              ElementsAre("spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"));
}

std::string job(std::string_view spec, std::string_view pod_spec = R"("restartPolicy":"Never")") {
  return fmt::format(
      R"({{"metadata":{{"name":"j","namespace":"n","uid":"u"}},"spec":{{{}"template":{{"spec":{{{},"containers":[{{"name":"c","image":"x"}}]}}}}}}}})",
      spec, pod_spec);
}

TEST(Validate, JobsEndAndKeepTheirTemplate) {
  EXPECT_THAT(problems("jobs", job("")), IsEmpty());
  EXPECT_THAT(problems("jobs", job("", R"("restartPolicy":"Always")")),
              ElementsAre("spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""));
  EXPECT_THAT(problems("jobs", job(R"("parallelism":-1,)")),
              ElementsAre("spec.parallelism: Invalid value: -1: must be greater than or equal to 0"));
  EXPECT_THAT(changed("jobs", job(""), job(R"("completions":4,"parallelism":1,)")),
              ElementsAre("spec.completions: Invalid value: 4: field is immutable"));
  EXPECT_THAT(changed("jobs", job(""), job("", R"("restartPolicy":"OnFailure")")), ElementsAre(HasSubstr("spec.template: Invalid value")));
  EXPECT_THAT(changed("jobs", job(R"("suspend":true,)"), job("", R"("restartPolicy":"Never","nodeSelector":{"a":"b"})")), IsEmpty());
  EXPECT_THAT(changed("jobs", job(""), job(R"("parallelism":4,"suspend":true,)")), Contains(HasSubstr("spec.completions")));
}

TEST(Validate, WhatIsImmutableStays) {
  const auto map = [](std::string_view rest) { return fmt::format(R"({{"metadata":{{"name":"a","namespace":"n"}},{}}})", rest); };
  EXPECT_THAT(changed("configmaps", map(R"("immutable":true,"data":{"a":"1"})"), map(R"("immutable":true,"data":{"a":"2"})")),
              ElementsAre("data: Forbidden: field is immutable when `immutable` is set"));
  EXPECT_THAT(changed("secrets", map(R"("type":"Opaque")"), map(R"("type":"a/b")")),
              ElementsAre("type: Invalid value: \"a/b\": field is immutable"));
  EXPECT_THAT(changed("priorityclasses", R"({"metadata":{"name":"a"},"value":1})", R"({"metadata":{"name":"a"},"value":2})"),
              ElementsAre("value: Forbidden: may not be changed in an update."));
}

TEST(Validate, ADefinitionHasOneStoredVersionAndAStructuralSchema) {
  const auto definition = [](std::string_view versions, std::string_view name = "foos.example.com") {
    return problems("customresourcedefinitions",
                    fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{"group":"example.com","scope":"Namespaced",
        "names":{{"plural":"foos","kind":"Foo"}},"versions":[{}]}}}})",
                                name, versions));
  };
  constexpr std::string_view good = R"({"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}})";
  EXPECT_THAT(definition(good), IsEmpty());
  EXPECT_THAT(definition(good, "bars.example.com"),
              ElementsAre("metadata.name: Invalid value: \"bars.example.com\": must be spec.names.plural+\".\"+spec.group"));
  EXPECT_THAT(definition(""), ElementsAre("spec.versions: Invalid value: []: must have exactly one version marked as storage version"));
  EXPECT_THAT(definition(R"({"name":"v1","served":true,"storage":true})"),
              ElementsAre("spec.versions[0].schema.openAPIV3Schema: Required value"));
  EXPECT_THAT(
      definition(R"({"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"a":{}}}}})"),
      ElementsAre(
          "spec.versions[0].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields"));
}

TEST(Validate, ServicesBudgetsTaintsAndLeases) {
  EXPECT_THAT(problems("services", R"({"metadata":{"name":"s","namespace":"n"},"spec":{"ports":[{"port":80},{"port":81}]}})"),
              ElementsAre("spec.ports[0].name: Required value", "spec.ports[1].name: Required value"));
  EXPECT_THAT(problems("poddisruptionbudgets", R"({"metadata":{"name":"s","namespace":"n"},"spec":{"minAvailable":-1}})"),
              ElementsAre("spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"));
  EXPECT_THAT(
      problems("nodes", R"({"metadata":{"name":"a"},"spec":{"taints":[{"key":"a","effect":"X"}]}})"),
      ElementsAre(
          "metadata.taints[0].effect: Unsupported value: \"X\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\""));
  EXPECT_THAT(problems("leases", R"({"metadata":{"name":"a","namespace":"n"},"spec":{"leaseDurationSeconds":0}})"),
              ElementsAre("spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"));
}

TEST(NameRules, EachHasItsBounds) {
  EXPECT_THAT(names::subdomain("a.b-c.d"), IsEmpty());
  EXPECT_THAT(names::subdomain("a..b"), testing::SizeIs(1));
  EXPECT_THAT(names::label(std::string(64, 'a')), ElementsAre("must be no more than 63 characters"));
  EXPECT_THAT(names::qualified("a.b/c/d"), testing::SizeIs(1));
  EXPECT_THAT(names::qualified("/a"), ElementsAre("prefix part must be non-empty"));
  EXPECT_THAT(names::config_key(".."), ElementsAre("must not be '..'"));
  EXPECT_THAT(names::path_segment("system:a"), IsEmpty());
  EXPECT_THAT(names::port_name("1234"), ElementsAre("must contain at least one letter (a-z)"));
  EXPECT_THAT(names::percent("101%"), IsEmpty());
}

}   // namespace
}   // namespace ebb::sandbox
