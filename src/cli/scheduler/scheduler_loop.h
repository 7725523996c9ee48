#pragma once

// The scheduler service on a Kubernetes cluster, turning until it is told to stop.

#include "kube/client.h"
#include "kube/pace.h"
#include "kube/stop.h"
#include "model/profile/profile.h"
#include "telemetry/event_log.h"

#include <functional>
#include <string>
#include <vector>

namespace ebb::cli {

struct SchedulerLoopOptions {
  std::vector<model::SchedulerProfile> profiles{model::default_profile()};   // at least one
  Duration pod_initial_backoff = seconds(1);
  Duration pod_max_backoff = seconds(10);
  bool publish_oversold = true;
  kube::Pace pace;                // of a sandbox that runs sped up
  std::function<Instant()> now;   // the cluster's time
};

void run_scheduler_loop(kube::Client& client, const SchedulerLoopOptions& options, EventLog& log, const kube::Stop& stop);

// The real time.
Instant system_now();

}   // namespace ebb::cli
