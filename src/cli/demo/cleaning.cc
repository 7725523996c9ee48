#include "cli/demo/cleaning.h"

#include "model/policy_parser.h"

#include <fmt/format.h>

#include <array>
#include <thread>

namespace ebb::cli {
namespace {

constexpr auto kNamespaces = std::to_array<std::string_view>({"openfuyao-system", "production", "offline"});
constexpr auto kWorkloads = std::to_array<std::string_view>({"/apis/batch/v1/namespaces/offline/jobs/data-analytics-job",
                                                             "/apis/apps/v1/namespaces/production/deployments/online-web-service",
                                                             "/apis/apps/v1/namespaces/production/deployments/checkout"});

std::string namespace_path(std::string_view ns) { return fmt::format("/api/v1/namespaces/{}", ns); }

}   // namespace

Result<bool> exists(kube::Client& client, const std::string& target) {
  const auto answer = client.request({.target = target});
  if (answer) return true;
  if (answer.error().code == Errc::not_found) return false;
  return std::unexpected(answer.error());
}

std::string config_map_path(std::string_view name) {
  return fmt::format("/api/v1/namespaces/{}/configmaps/{}", model::kPolicyNamespace, name);
}

Status Cleaning::remember() {
  for (const std::string_view path : kWorkloads) {
    EBB_TRY(const bool there, exists(client_, std::string(path)));
    if (there) return fail(Errc::denied, "{} exists: the demo would replace it", path);
  }
  for (const std::string_view ns : kNamespaces) {
    EBB_TRY(const bool there, exists(client_, namespace_path(ns)));
    if (!there) made_.emplace_back(ns);
  }
  return {};
}

std::vector<std::string> Cleaning::remove_objects() {
  std::vector<std::string> targets(kWorkloads.begin(), kWorkloads.end());
  targets.push_back(fmt::format("/api/v1/namespaces/offline/pods/{}", kProbePod));
  for (const std::string_view name : {model::kPolicyConfigMap, model::kNodeConfigMap}) targets.push_back(config_map_path(name));

  std::vector<std::string> left;
  std::vector<std::string> leaving;
  for (const std::string& target : targets) {
    if (const Status removed = remove(target); removed)
      leaving.push_back(target);
    else
      left.push_back(fmt::format("{}: {}", target, removed.error().message));
  }
  const auto give_up = std::chrono::steady_clock::now() + patience_;
  for (const std::string& target : leaving) {
    if (const Status gone = wait_until_gone(target, give_up); !gone) left.push_back(fmt::format("{}: {}", target, gone.error().message));
  }
  return left;
}

std::vector<std::string> Cleaning::remove_namespaces() {
  std::vector<std::string> left;
  for (const std::string& ns : made_) {
    if (const Status removed = remove(namespace_path(ns)); !removed) {
      left.push_back(fmt::format("{}: {}", namespace_path(ns), removed.error().message));
    }
  }
  return left;
}

Status Cleaning::remove(const std::string& target) {
  const auto removed = client_.request({.method = "DELETE", .target = target + "?propagationPolicy=Foreground"});
  if (!removed && removed.error().code != Errc::not_found) return std::unexpected(removed.error());
  return {};
}

Status Cleaning::wait_until_gone(const std::string& target, std::chrono::steady_clock::time_point give_up) {
  for (;;) {
    EBB_TRY(const bool there, exists(client_, target));
    if (!there) return {};
    if (std::chrono::steady_clock::now() > give_up) return fail(Errc::unavailable, "it was deleted, but does not go away");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

}   // namespace ebb::cli
