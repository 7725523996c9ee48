#pragma once

// The demo on a cluster that exists. It says first what it will create, refuses where it would get
// in the way of a policy that is there or could not work, and cleans up whatever happens.

#include "base/result.h"
#include "cli/demo/demo_plan.h"
#include "cli/demo/demo_report.h"
#include "cli/demo/staged_run.h"

#include <string>

namespace ebb::cli {

struct ClusterDemoOptions {
  bool go_ahead = false;   // else it only says what it would do
  bool keep = false;       // leave what it created
};

// Errors: denied (not told to go ahead; a policy exists), unsupported (no admission or no metrics
// there), those of the server.
Result<DemoReport> run_on_cluster(const DemoPlan& plan, const std::string& kubeconfig, const ClusterDemoOptions& options,
                                  const RunHooks& hooks);

}   // namespace ebb::cli
