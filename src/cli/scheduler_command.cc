#include "cli/commands.h"
#include "cli/scheduler/scheduler_config.h"
#include "cli/scheduler/scheduler_loop.h"
#include "cli/signals.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "kube/leader_election.h"
#include "kube/read_file.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <thread>

namespace ebb::cli {
namespace {

constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;

struct SchedulerFlags {
  std::string kubeconfig;
  std::string config;
  std::vector<std::string> names;
  bool no_leader_election = false;
};

void print(const std::string& file, std::string_view what, const model::Findings& findings) {
  for (const model::Finding& finding : findings) {
    fmt::print(stderr, "{}:{}: {}{}{}{}\n", file, finding.line, what, finding.path, finding.path.empty() ? "" : ": ", finding.message);
  }
}

Result<SchedulerConfig> read_config(const SchedulerFlags& flags) {
  SchedulerConfig config;
  if (!flags.config.empty()) {
    EBB_TRY(const std::string text, kube::read_whole_file(flags.config, kConfigBytesMax));
    ReadSchedulerConfig read = read_scheduler_config(text);
    print(flags.config, "", read.findings);
    print(flags.config, "note: ", read.notes);
    if (!read.findings.empty()) return fail(Errc::invalid, "{} is not right", flags.config);
    config = std::move(read.config);
  }
  EBB_TRY_VOID(rename_profiles(config, flags.names));
  if (flags.no_leader_election) config.leader_election = false;
  if (!flags.kubeconfig.empty()) config.kubeconfig = flags.kubeconfig;
  return config;
}

Result<std::unique_ptr<kube::Client>> connect(const SchedulerConfig& config, kube::RequestRate rate) {
  EBB_TRY(kube::Access access, kube::load_access(config.kubeconfig));
  kube::ClientOptions options;
  options.user_agent = "ebb-scheduler";
  options.rate = rate;
  return kube::Client::make(std::move(access), std::move(options));
}

// Schedules while it holds the lease. Errors: the lease was lost; the next process begins from the cluster.
Status run_elected(kube::Client& client, const SchedulerConfig& config, const SchedulerLoopOptions& options, EventLog& log,
                   kube::Stop& stop) {
  if (!config.leader_election) {
    run_scheduler_loop(client, options, log, stop);
    return {};
  }
  // The lease is renewed beside the work: whatever limit that has, it must not be late.
  EBB_TRY(const auto lease_client, connect(config, {}));
  kube::LeaderElection election(*lease_client, config.election);
  const auto trouble = [&](const Error& error) {
    log.write(LogLevel::warning, "election_failed", {{"message", std::string_view(error.message)}});
  };
  if (Status acquired = election.acquire(stop, trouble); !acquired) {
    if (acquired.error().code == Errc::cancelled) return {};
    return std::unexpected(std::move(acquired).error().with("leader election"));
  }
  log.write(LogLevel::info, "leader_elected", {{"lease", std::string_view(config.election.lease.name)}});
  Status held;
  std::thread holding([&] {
    held = election.hold(stop);
    stop.request();
  });
  run_scheduler_loop(client, options, log, stop);
  holding.join();
  if (held) election.release();
  return held;
}

Status schedule(const SchedulerFlags& flags) {
  EBB_TRY(const SchedulerConfig config, read_config(flags));
  EBB_TRY(const auto client, connect(config, config.rate));
  EventLog log(config.log_level, system_now, standard_error_sink());
  log.write(LogLevel::info, "scheduler_started",
            {{"server", std::string_view(client->server())}, {"name", std::string_view(config.profiles.front().scheduler_name)}});
  kube::Stop stop;
  std::thread signals([&] {
    while (!stop.wait_for(milliseconds(100))) {
      if (ending_signal_came()) stop.request();
    }
  });
  const SchedulerLoopOptions options{.profiles = config.profiles,
                                     .pod_initial_backoff = config.pod_initial_backoff,
                                     .pod_max_backoff = config.pod_max_backoff,
                                     .publish_oversold = config.publish_oversold,
                                     .pace = {},
                                     .now = system_now};
  Status ran = run_elected(*client, config, options, log, stop);
  stop.request();
  signals.join();
  log.write(LogLevel::info, "scheduler_stopped");
  return ran;
}

}   // namespace

int run_scheduler(const Arguments& arguments) {
  CLI::App app("Places the pods that name this scheduler, until SIGTERM", "ebb scheduler");
  SchedulerFlags flags;
  add_kubeconfig_flag(app, flags.kubeconfig);
  app.add_option("--config", flags.config, "A KubeSchedulerConfiguration, an EbbSchedulerConfiguration, or both in one file")
      ->option_text("FILE");
  app.add_option("--scheduler-name", flags.names, "Whose pods are placed (default: openfuyao-scheduler); may be given several times")
      ->option_text("NAME");
  app.add_flag("--no-leader-election", flags.no_leader_election, "Act at once: no other scheduler of these names runs");
  if (const auto done = parse(app, arguments)) return *done;
  block_ending_signals();
  const Status scheduled = schedule(flags);
  return scheduled ? 0 : failed(scheduled.error().message);
}

}   // namespace ebb::cli
