#include "cli/commands.h"
#include "cli/listen_address.h"
#include "cli/scheduler_thread.h"
#include "cli/signals.h"
#include "sandbox/server/kubeconfig_file.h"
#include "sandbox/server/sandbox.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>

namespace ebb::cli {
namespace {

constexpr std::int32_t kNodesMax = 20'000;
constexpr std::int64_t kSpeedMax = 3'600;

struct UpFlags {
  std::string listen = "127.0.0.1:0";
  std::string kubeconfig = "ebb.kubeconfig";
  std::string data;
  std::int32_t nodes = 3;
  std::int64_t speed = 1;
  bool no_scheduler = false, no_controllers = false, no_admission = false;
};

// The loop says it once, however often it tries again.
void report_commit(const Status& committed) {
  if (committed) {
    fmt::print(stderr, "ebb: the data file is written again, and holds everything\n");
  } else {
    fmt::print(stderr, "ebb: the data file cannot be written, changes are in memory only: {}\n", committed.error().message);
  }
  std::fflush(stderr);
}

Status serve(const UpFlags& flags) {
  EBB_TRY_VOID(sandbox::check_replaceable(flags.kubeconfig));
  EBB_TRY(const ListenAddress listen, parse_listen_address(flags.listen));
  sandbox::SandboxOptions options{.address = listen.address, .port = listen.port, .data_path = flags.data};
  options.controllers = !flags.no_controllers;
  options.admission = !flags.no_admission;
  options.clock = sandbox::Clock(flags.speed);
  options.kubelets.nodes = flags.nodes;
  options.commit_report = report_commit;
  EBB_TRY(const auto running, sandbox::Sandbox::start(std::move(options)));

  std::unique_ptr<SchedulerThread> scheduler;
  if (!flags.no_scheduler) {
    EBB_TRY(scheduler, SchedulerThread::start(running->kubeconfig(), running->clock()));
  }
  EBB_TRY_VOID(sandbox::write_private_file(flags.kubeconfig, running->kubeconfig()));
  std::error_code ignored;
  fmt::print("ready kubeconfig={} url={}\n", std::filesystem::absolute(flags.kubeconfig, ignored).string(), running->url());
  std::fflush(stdout);
  wait_for_ending_signal();
  scheduler.reset();
  if (Status stopped = running->stop(); !stopped) {
    return std::unexpected(std::move(stopped).error().with("the last changes could not be written and are lost"));
  }
  return {};
}

}   // namespace

int run_up(const Arguments& arguments) {
  CLI::App app("Starts a Kubernetes-compatible control plane with simulated nodes in this process, until SIGTERM", "ebb up");
  UpFlags flags;
  app.add_option("--listen", flags.listen, "Where to serve HTTPS; port 0 is any free one")
      ->option_text("ADDRESS:PORT")
      ->check([](const std::string& text) {
        const auto address = parse_listen_address(text);
        return address ? std::string() : address.error().message;
      })
      ->capture_default_str();
  app.add_option("--kubeconfig", flags.kubeconfig, "Where to write the kubeconfig (mode 600); only a sandbox's own is replaced")
      ->option_text("FILE")
      ->capture_default_str();
  app.add_option("--nodes", flags.nodes, "Simulated nodes; 0: somebody else runs them")
      ->check(CLI::Range(0, kNodesMax))
      ->capture_default_str();
  app.add_option("--data", flags.data, "Keep everything in this SQLite file")->option_text("FILE");
  app.add_option("--speed", flags.speed, "How many times as fast as the real one the sandbox's clock runs")
      ->check(CLI::Range(std::int64_t{1}, kSpeedMax))
      ->capture_default_str();
  app.add_flag("--no-scheduler", flags.no_scheduler, "Leave scheduling to somebody else");
  app.add_flag("--no-controllers", flags.no_controllers, "Leave Deployments, Jobs, garbage ... to somebody else");
  app.add_flag("--no-admission", flags.no_admission, "Take pods as they are written");
  if (const auto done = parse(app, arguments)) return *done;
  block_ending_signals();
  const Status served = serve(flags);
  return served ? 0 : failed(served.error().message);
}

}   // namespace ebb::cli
