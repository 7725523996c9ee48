#pragma once

// The file behind `ebb scheduler --config`, in the terms of the program that runs the scheduler:
// docs/scheduler-configuration.md says what may stand in it.

#include "kube/leader_election.h"
#include "kube/request_rate.h"
#include "model/profile/scheduler_configuration.h"
#include "telemetry/event_log.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::cli {

struct SchedulerConfig {
  std::vector<model::SchedulerProfile> profiles{model::default_profile()};
  bool publish_oversold = true;
  LogLevel log_level = LogLevel::info;
  bool leader_election = true;
  kube::LeaderElectionOptions election;
  std::string kubeconfig;
  kube::RequestRate rate;
  Duration pod_initial_backoff = seconds(1);
  Duration pod_max_backoff = seconds(10);

  std::vector<std::string> scheduler_names() const;
};

struct ReadSchedulerConfig {
  SchedulerConfig config;     // to be used where nothing was found
  model::Findings findings;   // everything that is wrong
  model::Findings notes;      // what an accepted value comes to
};

ReadSchedulerConfig read_scheduler_config(std::string_view text);

// `--scheduler-name` given beside the file: each name gets the file's profile. Errors: invalid, where
// the file has several profiles, whose names then stand in it.
Status rename_profiles(SchedulerConfig& config, const std::vector<std::string>& names);

}   // namespace ebb::cli
