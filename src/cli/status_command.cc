#include "cli/cluster/read_cluster.h"
#include "cli/cluster/status_report.h"
#include "cli/commands.h"
#include "kube/kubeconfig.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace ebb::cli {
namespace {

Result<StatusReport> look(const std::string& kubeconfig) {
  EBB_TRY(auto access, kube::load_access(kubeconfig));
  EBB_TRY(const auto client, kube::Client::make(std::move(access)));
  ClusterSnapshot snapshot;
  EBB_TRY_VOID(read_cluster(*client, [&](const model::ClusterEvent& event) { snapshot.step(event); }));
  return make_status_report(snapshot);
}

}   // namespace

int run_status(const Arguments& arguments) {
  CLI::App app("Shows nodes with their use by class, what is oversold, jobs, and who waits", "ebb status");
  std::string kubeconfig;
  bool as_json = false;
  add_kubeconfig_flag(app, kubeconfig);
  app.add_flag("--json", as_json, "As JSON");
  if (const auto done = parse(app, arguments)) return *done;
  const auto report = look(kubeconfig);
  if (!report) return failed(report.error().message);
  fmt::print("{}{}", as_json ? to_json(*report) : to_text(*report), as_json ? "\n" : "");
  return 0;
}

}   // namespace ebb::cli
