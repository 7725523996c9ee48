#include "cli/cluster/applier.h"
#include "cli/cluster/manifest.h"
#include "cli/commands.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace ebb::cli {
namespace {

Status apply_all(const std::string& kubeconfig, const std::vector<std::string>& files, const Applier::Options& options) {
  EBB_TRY(const auto manifests, read_manifests(files));
  EBB_TRY(auto access, kube::load_access(kubeconfig));
  EBB_TRY(const auto client, kube::Client::make(std::move(access)));
  Applier applier(*client, options);
  for (const Manifest& manifest : manifests) {
    EBB_TRY(const Applied applied, applier.apply(manifest));
    fmt::print("{} {}\n", applied.object, applied.outcome);
  }
  return {};
}

}   // namespace

int run_apply(const Arguments& arguments) {
  CLI::App app("Brings manifests into a cluster, for people without kubectl (server-side apply)", "ebb apply");
  std::string kubeconfig;
  std::vector<std::string> files;
  Applier::Options options;
  add_kubeconfig_flag(app, kubeconfig);
  app.add_option("-f,--filename", files, "Files, folders, or - for standard input")->required()->option_text("FILE...");
  app.add_option("-n,--namespace", options.ns, "For objects that name none")->option_text("NAME");
  app.add_flag("--create-namespaces", options.create_namespaces, "Make the namespaces that the manifests name");
  app.add_flag("--force", options.force, "Take over fields that another manager owns");
  if (const auto done = parse(app, arguments)) return *done;
  const Status applied = apply_all(kubeconfig, files, options);
  return applied ? 0 : failed(applied.error().message);
}

}   // namespace ebb::cli
