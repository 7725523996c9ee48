#include "cli/demo/cluster_demo.h"

#include "cli/cluster/applier.h"
#include "cli/cluster/manifest.h"
#include "cli/cluster/read_cluster.h"
#include "cli/demo/cleaning.h"
#include "cli/demo/manifests.h"
#include "cli/demo/own_scheduler.h"
#include "cli/demo/scheduler_probe.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "model/policy_parser.h"
#include "model/resources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <thread>
#include <vector>

namespace ebb::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kAdmissionPatience{5};

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

void say_plan(const DemoPlan& plan, const kube::Client& client) {
  fmt::print(stderr,
             "On {} this will create, where they are missing, the namespaces openfuyao-system, production and offline;\n"
             "in them ConfigMaps {} and {},\nDeployments online-web-service ({} pods of 2 CPUs) and checkout ({} pods of 1 CPU), and Job "
             "data-analytics-job (50 pods, 10 at once).\nIt runs them twice, with the policy and without, and removes all of it.\n",
             client.server(), model::kPolicyConfigMap, model::kNodeConfigMap, plan.online_replicas, plan.checkout_replicas());
}

// As many services as the cluster's nodes have room for beside what runs there.
Result<DemoPlan> fitted(const DemoPlan& wanted, kube::Client& client) {
  ClusterSnapshot snapshot;
  EBB_TRY_VOID(read_cluster(client, [&](const model::ClusterEvent& event) { snapshot.step(event); }));
  MilliCpu free;
  for (const auto& [name, node] : snapshot.nodes) free += node.allocatable.cpu;
  for (const auto& [key, pod] : snapshot.pods) {
    if (snapshot.nodes.contains(pod.node) && !pod.terminal()) free -= model::effective_requests(pod).cpu;
  }
  if (snapshot.nodes.empty() || free <= MilliCpu{}) return fail(Errc::unsupported, "this cluster has no CPU to give");
  DemoPlan plan = wanted;
  plan.nodes = static_cast<std::int32_t>(snapshot.nodes.size());
  plan.node_cpu = free / plan.nodes;
  plan.speed = 1;
  return plan;
}

// Pods of a scheduler that nobody is would wait for ever.
Result<std::unique_ptr<OwnScheduler>> find_scheduler(kube::Client& client, const std::string& kubeconfig, const RunHooks& hooks) {
  EBB_TRY(const bool runs, somebody_schedules(client, {.ns = "offline", .name = kProbePod, .interrupted = hooks.interrupted}));
  if (runs) return nullptr;
  fmt::print(stderr, "Nobody there schedules for openfuyao-scheduler: this process does, until the demo ends.\n");
  return OwnScheduler::start(kubeconfig);
}

Result<DemoReport> run_twice(const DemoPlan& plan, kube::Client& client, Cleaning& cleaning, const std::string& kubeconfig,
                             const RunHooks& hooks) {
  EBB_TRY_VOID(prepare(client));
  EBB_TRY(const auto scheduler, find_scheduler(client, kubeconfig, hooks));
  DemoReport report;
  EBB_TRY(report.colocation, StagedRun(plan, client, nullptr, true, hooks).run());
  if (const auto left = cleaning.remove_objects(); !left.empty()) {
    return fail(Errc::unavailable, "between the two runs: {}", fmt::join(left, "; "));
  }
  EBB_TRY(report.baseline, StagedRun(plan, client, nullptr, false, hooks).run());
  return report;
}

Status clean_up(Cleaning& cleaning) {
  fmt::print(stderr, "Removing what the demo created.\n");
  std::vector<std::string> left = cleaning.remove_objects();
  std::ranges::move(cleaning.remove_namespaces(), std::back_inserter(left));
  if (left.empty()) return {};
  fmt::print(stderr, "These are left, and are yours to delete:\n  {}\n", fmt::join(left, "\n  "));
  return fail(Errc::unavailable, "not everything that the demo created could be removed");
}

}   // namespace

Result<DemoReport> run_on_cluster(const DemoPlan& wanted, const std::string& kubeconfig, const ClusterDemoOptions& options,
                                  const RunHooks& hooks) {
  EBB_TRY(auto access, kube::load_access(kubeconfig));
  EBB_TRY(const auto client, kube::Client::make(std::move(access)));
  EBB_TRY(const DemoPlan plan, fitted(wanted, *client));
  say_plan(plan, *client);
  EBB_TRY_VOID(check_cluster(*client));
  Cleaning cleaning(*client);
  EBB_TRY_VOID(cleaning.remember());
  if (!options.go_ahead) return fail(Errc::denied, "nothing was created; add --yes to go ahead");

  auto report = run_twice(plan, *client, cleaning, kubeconfig, hooks);
  if (options.keep) {
    fmt::print(stderr, "Kept, as told: the namespaces and what the second run left in them.\n");
    return report;
  }
  const Status cleaned = clean_up(cleaning);
  if (report && !cleaned) return std::unexpected(cleaned.error());
  return report;
}

}   // namespace ebb::cli
