#include "cli/demo/cluster_demo.h"

#include "cli/cluster/applier.h"
#include "cli/cluster/manifest.h"
#include "cli/demo/manifests.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "model/policy_parser.h"
#include "model/resources.h"
#include "sandbox/json/json.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

namespace ebb::cli {
namespace {

namespace json = boost::json;

constexpr auto kNamespaces = std::to_array<std::string_view>({"openfuyao-system", "production", "offline"});
constexpr std::chrono::minutes kCleaningPatience{2};
constexpr std::chrono::seconds kAdmissionPatience{5};

Result<bool> exists(kube::Client& client, const std::string& target) {
  const auto answer = client.request({.target = target});
  if (answer) return true;
  if (answer.error().code == Errc::not_found) return false;
  return std::unexpected(answer.error());
}

std::string config_map_path(std::string_view name) {
  return fmt::format("/api/v1/namespaces/{}/configmaps/{}", model::kPolicyNamespace, name);
}

// What a BE pod is turned into under the policy, asked without creating it. An admission takes a moment to learn of the policy.
Status check_admission(kube::Client& client) {
  const json::object probe{
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", "ebb-demo-probe"}, {"annotations", {{"scheduling.openfuyao.io/qos-class", "best-effort"}}}}},
      {"spec", {{"containers", json::array{{{"name", "probe"}, {"image", "probe"}, {"resources", {{"requests", {{"cpu", "1"}}}}}}}}}}};
  const auto give_up = std::chrono::steady_clock::now() + kAdmissionPatience;
  while (std::chrono::steady_clock::now() < give_up) {
    EBB_TRY(const auto answer,
            client.request({.method = "POST", .target = "/api/v1/namespaces/offline/pods?dryRun=All", .body = json::serialize(probe)}));
    if (answer.body.contains(model::kBatchCpu)) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return fail(Errc::unsupported,
              "this cluster has no admission that turns offline pods to oversold resources, so they could only use what nobody requested: "
              "there is nothing to compare");
}

// The policy and the namespaces, before anything else: the admission can be asked only under a policy.
Status prepare(kube::Client& client) {
  Applier applier(client, {.force = true, .create_namespaces = true});
  for (const std::string_view text : {kPolicyManifest, kNodePolicyManifest}) {
    EBB_TRY(const auto documents, parse_manifests("the demo's manifests", std::string(text)));
    for (const Manifest& document : documents) {
      EBB_TRY([[maybe_unused]] const Applied applied, applier.apply(document));
    }
  }
  EBB_TRY_VOID(applier.ensure_namespace("offline"));
  return check_admission(client);
}

Status check_cluster(kube::Client& client) {
  for (const std::string_view name : {model::kPolicyConfigMap, model::kNodeConfigMap}) {
    EBB_TRY(const bool there, exists(client, config_map_path(name)));
    if (there)
      return fail(Errc::denied, "ConfigMap {}/{} exists: the demo does not replace a policy that somebody uses", model::kPolicyNamespace,
                  name);
  }
  EBB_TRY(const bool resource,
          exists(client, fmt::format("/apis/scheduling.openfuyao.io/v1alpha1/colocationpolicies/{}", model::kDefaultPolicyName)));
  if (resource)
    return fail(Errc::denied, "ColocationPolicy {} exists: the demo does not replace a policy that somebody uses",
                model::kDefaultPolicyName);
  EBB_TRY(const bool metrics, exists(client, "/apis/metrics.k8s.io/v1beta1/nodes"));
  if (!metrics) return fail(Errc::unsupported, "this cluster serves no metrics.k8s.io, so nobody knows what is idle");
  return {};
}

// What was there before stays; only what this demo made is taken away again.
class Cleaning {
 public:
  explicit Cleaning(kube::Client& client) : client_(client) {}

  Status remember() {
    for (const std::string_view ns : kNamespaces) {
      EBB_TRY(const bool there, exists(client_, fmt::format("/api/v1/namespaces/{}", ns)));
      if (!there) made_.push_back(std::string(ns));
    }
    for (const auto& path : workloads()) {
      EBB_TRY(const bool there, exists(client_, path));
      if (there) return fail(Errc::denied, "{} exists: the demo would replace it", path);
    }
    return {};
  }

  Status remove(bool policies) {
    std::vector<std::string> targets = workloads();
    if (policies) {
      for (const std::string_view name : {model::kPolicyConfigMap, model::kNodeConfigMap}) targets.push_back(config_map_path(name));
    }
    for (const std::string& target : targets) EBB_TRY_VOID(remove_one(target));
    return wait_until_gone(targets);
  }

  Status remove_namespaces() {
    for (const std::string& ns : made_) EBB_TRY_VOID(remove_one(fmt::format("/api/v1/namespaces/{}", ns)));
    return {};
  }

 private:
  static std::vector<std::string> workloads() {
    return {"/apis/batch/v1/namespaces/offline/jobs/data-analytics-job",
            "/apis/apps/v1/namespaces/production/deployments/online-web-service",
            "/apis/apps/v1/namespaces/production/deployments/checkout"};
  }

  Status remove_one(const std::string& target) {
    const auto removed = client_.request({.method = "DELETE", .target = target + "?propagationPolicy=Foreground"});
    if (!removed && removed.error().code != Errc::not_found) return std::unexpected(removed.error());
    return {};
  }

  Status wait_until_gone(const std::vector<std::string>& targets) {
    const auto give_up = std::chrono::steady_clock::now() + kCleaningPatience;
    for (const std::string& target : targets) {
      for (;;) {
        EBB_TRY(const bool there, exists(client_, target));
        if (!there) break;
        if (std::chrono::steady_clock::now() > give_up) return fail(Errc::unavailable, "{} does not go away", target);
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
      }
    }
    return {};
  }

  kube::Client& client_;
  std::vector<std::string> made_;
};

void say_plan(const DemoPlan& plan, const kube::Client& client) {
  fmt::print(stderr,
             "On {} this will create, where they are missing, the namespaces openfuyao-system, production and offline;\n"
             "in them ConfigMaps {} and {},\nDeployments online-web-service ({} pods of 2 CPUs) and checkout ({} pods of 1 CPU), and Job "
             "data-analytics-job (50 pods, 10 at once).\nIt runs them twice, with the policy and without, and removes all of it.\n",
             client.server(), model::kPolicyConfigMap, model::kNodeConfigMap, plan.online_replicas, plan.checkout_replicas());
}

Result<std::int32_t> count_nodes(kube::Client& client) {
  EBB_TRY(const auto answer, client.request({.target = "/api/v1/nodes"}));
  boost::system::error_code error;
  const json::value list = json::parse(answer.body, error);
  const json::value* items = error ? nullptr : sandbox::find_path(list, "items");
  if (items == nullptr || !items->is_array()) return fail(Errc::invalid, "the server's answer is no list of nodes");
  return static_cast<std::int32_t>(items->get_array().size());
}

Result<DemoReport> run_twice(const DemoPlan& plan, kube::Client& client, Cleaning& cleaning, const RunHooks& hooks) {
  EBB_TRY_VOID(prepare(client));
  DemoReport report;
  EBB_TRY(report.colocation, StagedRun(plan, client, nullptr, true, hooks).run());
  EBB_TRY_VOID(cleaning.remove(true));
  EBB_TRY(report.baseline, StagedRun(plan, client, nullptr, false, hooks).run());
  return report;
}

}   // namespace

Result<DemoReport> run_on_cluster(const DemoPlan& wanted, const std::string& kubeconfig, const ClusterDemoOptions& options,
                                  const RunHooks& hooks) {
  EBB_TRY(auto access, kube::load_access(kubeconfig));
  EBB_TRY(const auto client, kube::Client::make(std::move(access)));
  DemoPlan plan = wanted;
  EBB_TRY(plan.nodes, count_nodes(*client));
  plan.speed = 1;
  say_plan(plan, *client);
  EBB_TRY_VOID(check_cluster(*client));
  if (!options.go_ahead) return fail(Errc::denied, "nothing was created; add --yes to go ahead");

  Cleaning cleaning(*client);
  EBB_TRY_VOID(cleaning.remember());
  auto report = run_twice(plan, *client, cleaning, hooks);
  if (options.keep) return report;
  const Status removed = cleaning.remove(true);
  const Status namespaces = cleaning.remove_namespaces();
  if (report && !removed) return std::unexpected(Error(removed.error()).with("cleaning up"));
  if (report && !namespaces) return std::unexpected(Error(namespaces.error()).with("cleaning up"));
  return report;
}

}   // namespace ebb::cli
