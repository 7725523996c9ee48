#include "sandbox/admission/pod_admission.h"

#include "sandbox/store/stored.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ebb::sandbox {
namespace {

Change seen(const ResourceId& resource, const model::ObjectKey& key, std::string text) {
  Stored stored;
  stored.key = key;
  stored.uid = "uid-" + key.name;
  stored.text = std::make_shared<const std::string>(std::move(text));
  return {.resource = resource, .object = std::make_shared<const Stored>(std::move(stored))};
}

// An admission in a cluster whose policy's ConfigMap holds that spec.
PodAdmission under_policy(const std::string& spec, const std::string& annotations = "{}") {
  PodAdmission admission;
  admission.observe(seen({"", "v1", "configmaps"}, {"openfuyao-system", "openfuyao-colocation-config"},
                         fmt::format(R"({{"metadata":{{"name":"openfuyao-colocation-config","namespace":"openfuyao-system","uid":"u",
                         "annotations":{}}},"data":{{"colocation-policy.yaml":
                         "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nspec: {}\n"}}}})",
                                     annotations, spec)));
  return admission;
}

json::object created(PodAdmission& admission, std::string_view pod) {
  json::object object = json::parse(json::string_view(pod.data(), pod.size())).as_object();
  const Status done = admission.review({.kind = "Pod", .operation = "CREATE"}, object);
  EXPECT_TRUE(done) << done.error().message;
  return object;
}

TEST(PodAdmission, TheOldNamesOfOversoldResourcesAreRenamedInTheObject) {
  PodAdmission admission = under_policy("{enabled: true}");
  const json::object pod =
      created(admission, R"({"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c","resources":{
      "requests":{"kubernetes.io/be-cpu":"500","kubernetes.io/be-memory":"1Gi"},
      "limits":{"kubernetes.io/be-cpu":"500","kubernetes.io/be-memory":"1Gi"}}}]}})");
  const json::value amounts = json::parse(R"({"kubernetes.io/batch-cpu":"500","kubernetes.io/batch-memory":"1Gi"})");
  const json::value& resources = pod.at("spec").at("containers").at(0).at("resources");
  EXPECT_EQ(resources.at("requests"), amounts);
  EXPECT_EQ(resources.at("limits"), amounts);
}

TEST(PodAdmission, ACronJobsAnnotationsReachThePodsOfItsJobs) {
  PodAdmission admission = under_policy("{enabled: true}");
  admission.observe(
      seen({"batch", "v1", "cronjobs"}, {"default", "nightly"}, R"({"metadata":{"name":"nightly","namespace":"default","uid":"cj",
      "annotations":{"scheduling.openfuyao.io/qos-class":"best-effort"}}})"));
  admission.observe(
      seen({"batch", "v1", "jobs"}, {"default", "nightly-1"}, R"({"metadata":{"name":"nightly-1","namespace":"default","uid":"j",
      "ownerReferences":[{"apiVersion":"batch/v1","kind":"CronJob","name":"nightly","uid":"cj","controller":true}]}})"));
  const json::object pod = created(admission, R"({"metadata":{"name":"p","namespace":"default",
      "ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"nightly-1","uid":"j","controller":true}]},
      "spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]}})");
  EXPECT_EQ(pod.at("metadata").at("annotations").at("scheduling.openfuyao.io/qos-class"), json::value("best-effort"));
  EXPECT_TRUE(pod.at("spec").at("containers").at(0).at("resources").at("requests").as_object().contains("kubernetes.io/batch-cpu"));
}

TEST(PodAdmission, WithABadPolicyTheOneKeptWithItIsInForce) {
  PodAdmission admission = under_policy("{nonsense: 1}", R"({"scheduling.openfuyao.io/last-accepted":
      "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nspec: {enabled: true}\n"})");
  ASSERT_NE(admission.policy(), nullptr);
  EXPECT_TRUE(admission.policy()->enabled);
}

}   // namespace
}   // namespace ebb::sandbox
