#pragma once

// The file behind `ebb scheduler --config`:
//
//   schedulerNames: [openfuyao-scheduler]
//   publishOversold: true
//   logLevel: info                      # debug, info, warning, error
//   leaderElection:
//     enabled: true
//     namespace: kube-system
//     name: openfuyao-scheduler
//     leaseDuration: 15s
//     renewDeadline: 10s
//     retryPeriod: 2s

#include "kube/leader_election.h"
#include "model/finding.h"
#include "telemetry/event_log.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::cli {

struct SchedulerConfig {
  std::vector<std::string> scheduler_names{"openfuyao-scheduler"};
  bool publish_oversold = true;
  LogLevel log_level = LogLevel::info;
  bool leader_election = true;
  kube::LeaderElectionOptions election;
};

// Lays what `text` says over `config`. Everything that is wrong is found at once; then `config` is not to be used.
model::Findings read_scheduler_config(std::string_view text, SchedulerConfig& config);

}   // namespace ebb::cli
