#include "cli/commands.h"
#include "cli/demo/cluster_demo.h"
#include "cli/demo/demo_plan.h"
#include "cli/demo/demo_report.h"
#include "cli/demo/live_view.h"
#include "cli/demo/staged_run.h"
#include "cli/scheduler_thread.h"
#include "cli/signals.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "sandbox/server/kubeconfig_file.h"
#include "sandbox/server/sandbox.h"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>

namespace ebb::cli {
namespace {

constexpr std::int32_t kNodesMax = 1'000;
constexpr std::int64_t kSpeedMax = 10;

struct DemoFlags {
  bool json = false;
  bool keep = false;
  bool yes = false;
  std::string kubeconfig;
  DemoPlan plan;
};

// Where the live view goes: a terminal is redrawn, anything else gets a line now and then.
class Screen {
 public:
  explicit Screen(bool quiet) : quiet_(quiet), terminal_(::isatty(STDOUT_FILENO) == 1) {}

  void show(const LiveFrame& frame) {
    const auto now = std::chrono::steady_clock::now();
    if (quiet_ || now < next_) return;
    next_ = now + (terminal_ ? std::chrono::milliseconds(150) : std::chrono::milliseconds(3000));
    if (terminal_) {
      fmt::print("\x1b[H\x1b[J{}\n", draw(frame, true));
    } else {
      fmt::print("{}: {} of {} online, {} of {} checkout, offline {} running, {} of {} done\n", frame.title, frame.online_running,
                 frame.online_wanted, frame.checkout_running, frame.checkout_wanted, frame.offline_running, frame.offline_completed,
                 frame.offline_wanted);
    }
    std::fflush(stdout);
  }

  void begin_run() const {
    if (!quiet_ && terminal_) fmt::print("\x1b[2J");
  }

 private:
  bool quiet_;
  bool terminal_;
  std::chrono::steady_clock::time_point next_{};
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

Result<DemoRun> run_once(const DemoFlags& flags, bool colocated, Screen& screen, Stage& stage) {
  EBB_TRY(stage, set_stage(flags.plan, colocated));
  screen.begin_run();
  RunHooks hooks{.show = [&](const LiveFrame& frame) { screen.show(frame); }, .interrupted = ending_signal_came};
  return StagedRun(flags.plan, *stage.client, stage.sandbox.get(), colocated, std::move(hooks)).run();
}

Status keep_until_told(Stage& stage) {
  constexpr std::string_view kPath = "ebb-demo.kubeconfig";
  EBB_TRY_VOID(sandbox::write_private_file(std::string(kPath), stage.sandbox->kubeconfig()));
  fmt::print(stderr, "The colocated cluster is kept until Ctrl-C: export KUBECONFIG=$PWD/{}\n", kPath);
  wait_for_ending_signal();
  return {};
}

Result<DemoReport> run_in_sandboxes(const DemoFlags& flags, Screen& screen, Stage& kept) {
  DemoReport report;
  EBB_TRY(report.colocation, run_once(flags, true, screen, kept));
  Stage stage;
  EBB_TRY(report.baseline, run_once(flags, false, screen, stage));
  return report;
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
  app.add_option("--nodes", flags.plan.nodes, "Machines of 16 CPUs and 64 GiB")->check(CLI::Range(1, kNodesMax))->capture_default_str();
  app.add_option("--speed", flags.plan.speed, "How many times as fast to run it")
      ->check(CLI::Range(std::int64_t{1}, kSpeedMax))
      ->capture_default_str();
  app.add_flag("--keep", flags.keep, "Keep the colocated cluster running afterwards, until Ctrl-C");
  app.add_option("--kubeconfig", flags.kubeconfig, "Do it on this cluster instead of simulated machines")->option_text("FILE");
  app.add_flag("--yes", flags.yes, "With --kubeconfig: go ahead with what it says it will create");
  if (const auto done = parse(app, arguments)) return *done;
  block_ending_signals();

  Screen screen(flags.json);
  if (!flags.kubeconfig.empty()) {
    const RunHooks hooks{.show = [&](const LiveFrame& frame) { screen.show(frame); }, .interrupted = ending_signal_came};
    const auto report = run_on_cluster(flags.plan, flags.kubeconfig, {.go_ahead = flags.yes, .keep = flags.keep}, hooks);
    return report ? finish(flags, *report) : failed(report.error().message);
  }
  Stage kept;
  const auto report = run_in_sandboxes(flags, screen, kept);
  if (!report) return failed(report.error().message);
  const int code = finish(flags, *report);
  if (!flags.keep) return code;
  const Status held = keep_until_told(kept);
  return held ? code : failed(held.error().message);
}

}   // namespace ebb::cli
