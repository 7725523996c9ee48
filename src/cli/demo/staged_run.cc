#include "cli/demo/staged_run.h"

#include "cli/cluster/manifest.h"
#include "cli/demo/manifests.h"
#include "cli/scheduler/scheduler_loop.h"
#include "model/resources.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::cli {
namespace {

constexpr Duration kLookInterval = milliseconds(50);
constexpr std::size_t kEventsAtOnce = 5'000;

kube::KubeClusterOptions cluster_options(sandbox::Sandbox* sandbox) {
  kube::KubeClusterOptions options;
  if (sandbox != nullptr) options.pace.speed = Permille{sandbox->clock().speed() * 1000};
  options.controller = "ebb-demo";
  return options;
}

Permille mean(Int128 integral_before, Int128 integral_after, std::int64_t allocatable, Duration time) {
  const Int128 whole = Int128{allocatable} * time.v;
  return whole <= 0 ? Permille{0} : Permille{static_cast<std::int64_t>((integral_after - integral_before) * 1000 / whole)};
}

}   // namespace

StagedRun::StagedRun(const DemoPlan& plan, kube::Client& client, sandbox::Sandbox* sandbox, bool colocated, RunHooks hooks)
    : plan_(plan),
      sandbox_(sandbox),
      colocated_(colocated),
      hooks_(std::move(hooks)),
      applier_(client, {.force = true, .create_namespaces = true}),
      cluster_(client, cluster_options(sandbox)),
      observer_({.online = plan.online_replicas, .checkout = plan.checkout_replicas()}) {}

Status StagedRun::apply(std::string_view manifest) {
  EBB_TRY(const auto documents, parse_manifests("the demo's manifests", std::string(manifest)));
  for (const Manifest& document : documents) {
    EBB_TRY([[maybe_unused]] const Applied applied, applier_.apply(document));
  }
  return {};
}

Status StagedRun::apply_checkout() {
  EBB_TRY(auto documents, parse_manifests("the demo's manifests", std::string(kCheckoutManifest)));
  for (Manifest& document : documents) {
    document.object["spec"].as_object()["replicas"] = plan_.checkout_replicas();
    EBB_TRY([[maybe_unused]] const Applied applied, applier_.apply(document));
  }
  return {};
}

bool StagedRun::capacity_published() const {
  const model::ColocationPolicy* policy = snapshot_.policy.policy();
  const auto colocates = [&](const model::Node& node) {
    return model::resolve_node_policy(policy, snapshot_.policy.overlay(), node.labels).colocation;
  };
  return policy != nullptr && std::ranges::all_of(snapshot_.nodes, [&](const auto& node) {
           return node.second.allocatable.has_scalar(model::kBatchCpu) || !colocates(node.second);
         });
}

Status StagedRun::bring_up() {
  if (colocated_) {
    EBB_TRY_VOID(apply(kPolicyManifest));
    EBB_TRY_VOID(apply(kNodePolicyManifest));
  }
  EBB_TRY_VOID(apply(kOnlineManifest));
  EBB_TRY_VOID(apply_checkout());
  EBB_TRY_VOID(look_until([this] { return observer_.services_run(); }, "the online services run"));
  if (colocated_)
    EBB_TRY_VOID(look_until([this] { return capacity_published(); }, "the oversold capacity of every node with colocation is published"));
  return {};
}

Status StagedRun::wait_for_trough() {
  if (sandbox_ == nullptr) return {};
  const Duration day = plan_.on_sandbox_clock(plan_.day);
  Instant next = plan_.first_trough(sandbox_->clock().origin());
  while (next < sandbox_->clock().now()) next = next + day;
  return look_until([&] { return sandbox_->clock().now() >= next; }, "the trough of the day comes");
}

Status StagedRun::watch_job() {
  EBB_TRY_VOID(apply(kOfflineManifest));
  submitted_ = Clock::now();
  return look_until([this] { return observer_.job_done(); }, "the job is done");
}

void StagedRun::show() {
  if (!hooks_.show) return;
  LiveFrame frame = observer_.frame(snapshot_);
  frame.title = colocated_ ? "Run 1 of 2: colocation on" : "Run 2 of 2: colocation off";
  const std::int64_t real = submitted_ ? std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - *submitted_).count() : -1;
  frame.elapsed = Duration{submitted_ ? real * plan_.speed : -1};
  if (sandbox_ != nullptr) frame.violations = violations_;
  hooks_.show(frame);
}

Status StagedRun::look_until(const std::function<bool()>& done, std::string_view what) {
  const auto give_up = Clock::now() + std::chrono::nanoseconds(plan_.patience.v / plan_.speed) + std::chrono::seconds(30);
  for (;;) {
    for (const model::ClusterEvent& event : cluster_.take_events(kEventsAtOnce, kLookInterval)) snapshot_.step(event);
    observer_.look(snapshot_);
    if (sandbox_ == nullptr && submitted_) meter_.look(snapshot_, system_now());
    if (sandbox_ != nullptr && hooks_.show) violations_ = sandbox_->measurements().violations.violated - violations_before_;
    show();
    if (done()) return {};
    if (hooks_.interrupted && hooks_.interrupted()) return fail(Errc::cancelled, "interrupted");
    if (Clock::now() > give_up) return fail(Errc::unavailable, "gave up waiting until {}", what);
  }
}

DemoRun StagedRun::measured(const sandbox::SandboxMeasurements* before, const sandbox::SandboxMeasurements* after) const {
  DemoRun run = observer_.run();
  run.offline_time = job_time_;
  if (before == nullptr || after == nullptr) {
    if (job_time_) {
      run.cpu_utilization = meter_.cpu();
      run.memory_utilization = meter_.memory();
    }
    return run;
  }
  run.evictions = after->evictions - before->evictions;
  run.violations = after->violations.violated - before->violations.violated;
  if (!job_time_) return run;
  const Duration time = after->time - before->time;
  run.cpu_utilization = mean(before->used.cpu, after->used.cpu, after->allocatable.cpu.v, time);
  run.memory_utilization = mean(before->used.memory, after->used.memory, after->allocatable.memory.v, time);
  return run;
}

Result<DemoRun> StagedRun::run() {
  auto result = run_to_end();
  if (hooks_.ended) hooks_.ended();
  return result;
}

Result<DemoRun> StagedRun::run_to_end() {
  EBB_TRY_VOID(bring_up());
  EBB_TRY_VOID(wait_for_trough());
  std::optional<sandbox::SandboxMeasurements> before;
  std::optional<sandbox::SandboxMeasurements> after;
  if (sandbox_ != nullptr) {
    before = sandbox_->measurements();
    violations_before_ = before->violations.violated;
  }
  const Status watched = watch_job();
  if (!watched && (watched.error().code != Errc::unavailable || !submitted_)) return std::unexpected(watched.error());
  // A run that was cut off is a result too: what it reached is in the report.
  if (watched) job_time_ = Duration{std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - *submitted_).count() * plan_.speed};
  if (sandbox_ != nullptr) after = sandbox_->measurements();
  return measured(before ? &*before : nullptr, after ? &*after : nullptr);
}

}   // namespace ebb::cli
