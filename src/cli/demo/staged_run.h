#pragma once

// One run of the demo's workloads on a cluster: bring the services up, wait for the trough of the
// day, submit the job, watch until it is done. The cluster is the demo's own sandbox or one that
// exists; what only a sandbox can tell (its time, what its machines measured) is left out otherwise.

#include "base/result.h"
#include "cli/cluster/applier.h"
#include "cli/cluster/cluster_snapshot.h"
#include "cli/demo/demo_plan.h"
#include "cli/demo/demo_report.h"
#include "cli/demo/live_view.h"
#include "cli/demo/run_observer.h"
#include "cli/demo/utilization_meter.h"
#include "kube/client.h"
#include "kube/kube_cluster.h"
#include "sandbox/server/sandbox.h"

#include <chrono>
#include <functional>
#include <string>

namespace ebb::cli {

struct RunHooks {
  std::function<void(const LiveFrame&)> show;   // many times a second
  std::function<bool()> interrupted;            // asked between two looks
  std::function<void()> ended;                  // nothing more of this run is shown
};

class StagedRun final {
 public:
  // `sandbox`: nullptr on a cluster that exists.
  StagedRun(const DemoPlan& plan, kube::Client& client, sandbox::Sandbox* sandbox, bool colocated, RunHooks hooks);

  // Errors: those of the server, cancelled, and unavailable where the services do not come up in time.
  Result<DemoRun> run();
  // Only its beginning: the policy where colocation is on, and the services until they run. Errors as run().
  Status bring_up();

 private:
  using Clock = std::chrono::steady_clock;

  Status apply(std::string_view manifest);
  Status apply_checkout();
  Result<DemoRun> run_to_end();
  Status wait_for_trough();
  Status watch_job();
  // Looks until `done` holds. Errors: cancelled, unavailable after the plan's patience.
  Status look_until(const std::function<bool()>& done, std::string_view what);
  bool capacity_published() const;
  void show();
  DemoRun measured(const sandbox::SandboxMeasurements* before, const sandbox::SandboxMeasurements* after) const;

  DemoPlan plan_;
  sandbox::Sandbox* sandbox_;
  bool colocated_;
  RunHooks hooks_;
  Applier applier_;
  kube::KubeCluster cluster_;
  ClusterSnapshot snapshot_;
  RunObserver observer_;
  UtilizationMeter meter_;   // where no sandbox measures
  std::optional<Clock::time_point> submitted_;
  std::optional<Duration> job_time_;   // demo time
  std::int64_t violations_ = 0;        // for the live view
  std::int64_t violations_before_ = 0;
};

}   // namespace ebb::cli
