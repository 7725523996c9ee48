// What the real server (v1.37.2) adds to the same objects.
#include "sandbox/schema/schema.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ebb::sandbox {
namespace {

json::object defaulted(std::string_view version, std::string_view resource, std::string_view text) {
  const auto kind = std::ranges::find_if(builtin_kinds(), [&](const Kind& k) { return k.resource == resource && k.version == version; });
  json::object object = json::parse(text).as_object();
  std::vector<std::string> unknown;
  EXPECT_TRUE(prune_and_check(*kind->schema, object, unknown).empty());
  EXPECT_TRUE(unknown.empty());
  apply_defaults(*kind, object);
  json::object again = object;
  apply_defaults(*kind, again);
  EXPECT_EQ(again, object) << "defaulting twice changes something";
  return object;
}

TEST(Defaults, APodGetsItsPoliciesAndRequestsFromLimits) {
  const json::object pod = defaulted("v1", "pods", R"({"spec":{"containers":[{"name":"c","image":"nginx:1","ports":[{"containerPort":80}],
      "resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}},"livenessProbe":{"httpGet":{"port":80}}},{"name":"d","image":"host:5000/x"}],
      "volumes":[{"name":"v"},{"name":"s","secret":{"secretName":"x"}}]}})");
  EXPECT_EQ(string_at(pod, "spec.restartPolicy"), "Always");
  EXPECT_EQ(string_at(pod, "spec.dnsPolicy"), "ClusterFirst");
  EXPECT_EQ(string_at(pod, "spec.schedulerName"), "default-scheduler");
  EXPECT_EQ(integer_at(pod, "spec.terminationGracePeriodSeconds"), 30);
  EXPECT_TRUE(bool_at(pod, "spec.enableServiceLinks"));
  const json::array& containers = *array_at(pod, "spec.containers");
  EXPECT_EQ(string_at(containers[0], "imagePullPolicy"), "IfNotPresent");
  EXPECT_EQ(string_at(containers[1], "imagePullPolicy"), "Always");
  EXPECT_EQ(*find_path(containers[0], "resources.requests"), json::parse(R"({"cpu":"500m","memory":"1Gi"})"));
  EXPECT_EQ(*find_path(containers[0], "ports"), json::parse(R"([{"containerPort":80,"protocol":"TCP"}])"));
  EXPECT_EQ(*find_path(containers[0], "livenessProbe"),
            json::parse(R"({"httpGet":{"port":80,"path":"/","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,
      "successThreshold":1,"failureThreshold":3})"));
  EXPECT_EQ(*find_path(pod, "spec.volumes"),
            json::parse(R"([{"name":"v","emptyDir":{}},{"name":"s","secret":{"secretName":"x","defaultMode":420}}])"));
}

TEST(Defaults, ATemplateKeepsItsLimitsToItself) {
  const json::object deployment =
      defaulted("v1", "deployments",
                R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"x","resources":{"limits":{"cpu":"1"}}}]}}}})");
  EXPECT_EQ(find_path((*array_at(deployment, "spec.template.spec.containers"))[0], "resources.requests"), nullptr);
  EXPECT_EQ(find_path(deployment, "spec.template.spec.enableServiceLinks"), nullptr);
  EXPECT_EQ(integer_at(deployment, "spec.replicas"), 1);
  EXPECT_EQ(integer_at(deployment, "spec.progressDeadlineSeconds"), 600);
  EXPECT_EQ(integer_at(deployment, "spec.revisionHistoryLimit"), 10);
  EXPECT_EQ(*find_path(deployment, "spec.strategy"),
            json::parse(R"({"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}})"));
}

TEST(Defaults, AJobSelectsItsOwnPodsByUid) {
  const json::object job =
      defaulted("v1", "jobs",
                R"({"metadata":{"name":"j","uid":"u-1"},"spec":{"template":{"metadata":{"labels":{"x":"y"}},"spec":{"containers":[]}}}})");
  EXPECT_EQ(integer_at(job, "spec.completions"), 1);
  EXPECT_EQ(integer_at(job, "spec.parallelism"), 1);
  EXPECT_EQ(integer_at(job, "spec.backoffLimit"), 6);
  EXPECT_EQ(string_at(job, "spec.completionMode"), "NonIndexed");
  EXPECT_EQ(*find_path(job, "spec.selector.matchLabels"), json::parse(R"({"batch.kubernetes.io/controller-uid":"u-1"})"));
  EXPECT_EQ(*find_path(job, "metadata.labels"), *find_path(job, "spec.template.metadata.labels"));
  EXPECT_EQ(object_at(job, "metadata.labels")->size(), 5U);
  EXPECT_EQ(integer_at(defaulted("v1", "jobs", R"({"spec":{"parallelism":3}})"), "spec.completions"), std::nullopt);
}

TEST(Defaults, ServicesSecretsNodesAndNamespaces) {
  const json::object service = defaulted("v1", "services", R"({"spec":{"type":"LoadBalancer","ports":[{"port":80}]}})");
  EXPECT_EQ(*find_path(service, "spec.ports"), json::parse(R"([{"port":80,"protocol":"TCP","targetPort":80}])"));
  EXPECT_EQ(string_at(service, "spec.externalTrafficPolicy"), "Cluster");
  EXPECT_TRUE(bool_at(service, "spec.allocateLoadBalancerNodePorts"));
  const json::object secret = defaulted("v1", "secrets", R"({"stringData":{"a":"hi","b":"x","c":"abc"}})");
  EXPECT_EQ(*find_path(secret, "data"), json::parse(R"({"a":"aGk=","b":"eA==","c":"YWJj"})"));
  EXPECT_EQ(string_at(secret, "type"), "Opaque");
  EXPECT_EQ(string_at(defaulted("v1", "nodes", R"({"status":{"capacity":{"cpu":"4"}}})"), "status.allocatable.cpu"), "4");
  const json::object ns = defaulted("v1", "namespaces", R"({"metadata":{"name":"n"}})");
  EXPECT_EQ(find_member(*find_path(ns, "metadata.labels"), "kubernetes.io/metadata.name")->as_string(), "n");
}

TEST(Defaults, BothVersionsOfAutoscalersAimAtCpu) {
  EXPECT_EQ(integer_at(defaulted("v1", "horizontalpodautoscalers", R"({"spec":{"maxReplicas":3}})"), "spec.targetCPUUtilizationPercentage"),
            80);
  EXPECT_EQ(array_at(defaulted("v2", "horizontalpodautoscalers", R"({"spec":{"maxReplicas":3}})"), "spec.metrics")->size(), 1U);
}

TEST(Defaults, ALimitRangesDefaultsFollowFromItsBounds) {
  const json::object range =
      defaulted("v1", "limitranges", R"({"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"1Mi"}}]}})");
  EXPECT_EQ(
      (*array_at(range, "spec.limits"))[0],
      json::parse(
          R"({"type":"Container","max":{"cpu":"2"},"min":{"memory":"1Mi"},"default":{"cpu":"2"},"defaultRequest":{"cpu":"2","memory":"1Mi"}})"));
}

}   // namespace
}   // namespace ebb::sandbox
