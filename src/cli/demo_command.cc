#include "cli/commands.h"
#include "cli/demo/cluster_demo.h"
#include "cli/demo/demo_plan.h"
#include "cli/demo/demo_report.h"
#include "cli/demo/screen.h"
#include "cli/demo/staged_run.h"
#include "cli/scheduler_thread.h"
#include "cli/signals.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "sandbox/server/kubeconfig_file.h"
#include "sandbox/server/sandbox.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>

namespace ebb::cli {
namespace {

constexpr std::int32_t kNodesMin = 2;   // what is over on one machine beside the sample's exclusive cores is nothing
constexpr std::int32_t kNodesMax = 1'000;
constexpr std::int64_t kSpeedMax = 10;

struct DemoFlags {
  bool json = false;
  bool keep = false;
  bool yes = false;
  std::string kubeconfig;
  DemoPlan plan;
};

struct Stage {
  std::unique_ptr<sandbox::Sandbox> sandbox;
  std::unique_ptr<SchedulerThread> scheduler;   // stops before the sandbox does
  std::unique_ptr<kube::Client> client;
};

Result<Stage> set_stage(const DemoPlan& plan, bool colocated) {
  sandbox::SandboxOptions options;
  options.admission = colocated;
  options.clock = sandbox::Clock(plan.clock_speed());
  options.kubelets.nodes = plan.nodes;
  options.kubelets.cpu = plan.node_cpu;
  options.kubelets.memory = plan.node_memory;
  options.kubelets.profiles = plan.workloads(options.clock.origin());
  Stage stage;
  EBB_TRY(stage.sandbox, sandbox::Sandbox::start(std::move(options)));
  EBB_TRY(stage.scheduler, SchedulerThread::start(stage.sandbox->kubeconfig(), stage.sandbox->clock()));
  EBB_TRY(auto access, kube::parse_kubeconfig({{.path = "the sandbox's kubeconfig", .text = stage.sandbox->kubeconfig()}}));
  EBB_TRY(stage.client, kube::Client::make(std::move(access)));
  return stage;
}

RunHooks hooks_for(Screen& screen) {
  return {.show = [&screen](const LiveFrame& frame) { screen.show(frame); },
          .interrupted = ending_signal_came,
          .ended = [&screen] { screen.end_run(); }};
}

// Nothing of one run goes on during the next: both have the machine for themselves.
Result<DemoRun> run_once(const DemoFlags& flags, bool colocated, Screen& screen) {
  EBB_TRY(const Stage stage, set_stage(flags.plan, colocated));
  return StagedRun(flags.plan, *stage.client, stage.sandbox.get(), colocated, hooks_for(screen)).run();
}

Result<DemoReport> run_in_sandboxes(const DemoFlags& flags, Screen& screen) {
  DemoReport report;
  EBB_TRY(report.colocation, run_once(flags, true, screen));
  EBB_TRY(report.baseline, run_once(flags, false, screen));
  return report;
}

// A fresh stage with the policy and the services: the job is the user's to submit.
Status keep_until_told(const DemoFlags& flags) {
  constexpr std::string_view kPath = "ebb-demo.kubeconfig";
  EBB_TRY(const Stage stage, set_stage(flags.plan, true));
  RunHooks quiet{.show = nullptr, .interrupted = ending_signal_came, .ended = nullptr};
  EBB_TRY_VOID(StagedRun(flags.plan, *stage.client, stage.sandbox.get(), true, std::move(quiet)).bring_up());
  EBB_TRY_VOID(sandbox::write_private_file(std::string(kPath), stage.sandbox->kubeconfig()));
  fmt::print(stderr,
             "\nA fresh cluster with the policy and the online services runs until Ctrl-C, without the job:\n"
             "  export KUBECONFIG=$PWD/{}\n",
             kPath);
  wait_for_ending_signal();
  std::error_code ignored;
  std::filesystem::remove(kPath, ignored);
  return {};
}

int finish(const DemoFlags& flags, const DemoReport& report) {
  fmt::print("{}{}", flags.json ? to_json(report) : "\n" + to_text(report), flags.json ? "\n" : "");
  std::fflush(stdout);
  return broken_promises(report).empty() ? 0 : 1;
}

}   // namespace

int run_demo(const Arguments& arguments) {
  CLI::App app("Runs online and offline work on the same simulated machines, with colocation and without, and compares", "ebb demo");
  DemoFlags flags;
  app.add_flag("--json", flags.json, "Only the report, as JSON");
  auto* const nodes = app.add_option("--nodes", flags.plan.nodes, "Machines of 16 CPUs and 64 GiB")
                          ->check(CLI::Range(kNodesMin, kNodesMax))
                          ->option_text(fmt::format("N ({} to {}, default 3)", kNodesMin, kNodesMax));
  auto* const speed = app.add_option("--speed", flags.plan.speed, "How many times as fast to run it")
                          ->check(CLI::Range(std::int64_t{1}, kSpeedMax))
                          ->option_text(fmt::format("N (1 to {}, default 1)", kSpeedMax));
  app.add_flag("--keep", flags.keep, "Afterwards run a fresh colocated cluster until Ctrl-C; with --kubeconfig, remove nothing");
  auto* const cluster = app.add_option("--kubeconfig", flags.kubeconfig, "Do it on this cluster instead of simulated machines")
                            ->option_text("FILE")
                            ->excludes(nodes)
                            ->excludes(speed);
  app.add_flag("--yes", flags.yes, "With --kubeconfig: go ahead with what it says it will create")->needs(cluster);
  if (const auto done = parse(app, arguments)) return *done;
  block_ending_signals();

  Screen screen(flags.json);
  if (!flags.kubeconfig.empty()) {
    const auto report = run_on_cluster(flags.plan, flags.kubeconfig, {.go_ahead = flags.yes, .keep = flags.keep}, hooks_for(screen));
    return report ? finish(flags, *report) : failed(report.error().message);
  }
  const auto report = run_in_sandboxes(flags, screen);
  if (!report) return failed(report.error().message);
  const int code = finish(flags, *report);
  if (!flags.keep) return code;
  const Status held = keep_until_told(flags);
  return held ? code : failed(held.error().message);
}

}   // namespace ebb::cli
