#include "cli/scheduler/scheduler_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace ebb::cli {
namespace {

LogLevel level_of(model::LogVerbosity verbosity) {
  switch (verbosity) {
    case model::LogVerbosity::debug: return LogLevel::debug;
    case model::LogVerbosity::info: return LogLevel::info;
    case model::LogVerbosity::warning: return LogLevel::warning;
    case model::LogVerbosity::error: return LogLevel::error;
  }
  return LogLevel::info;
}

}   // namespace

std::vector<std::string> SchedulerConfig::scheduler_names() const {
  std::vector<std::string> names;
  for (const model::SchedulerProfile& profile : profiles) names.push_back(profile.scheduler_name);
  return names;
}

ReadSchedulerConfig read_scheduler_config(std::string_view text) {
  model::ReadConfiguration read = model::read_scheduler_configuration(text);
  const model::LeaderElectionSettings& election = read.value.leader_election;
  ReadSchedulerConfig out{.config = {}, .findings = std::move(read.findings), .notes = std::move(read.notes)};
  SchedulerConfig& config = out.config;
  config.publish_oversold = read.value.publish_oversold;
  config.log_level = level_of(read.value.log_level);
  config.leader_election = election.enabled;
  config.election.lease = {election.lease_namespace, election.lease_name};
  config.election.lease_duration = election.lease_duration;
  config.election.renew_deadline = election.renew_deadline;
  config.election.retry_period = election.retry_period;
  config.kubeconfig = read.value.client_connection.kubeconfig;
  config.rate = {.milli_per_second = read.value.client_connection.milli_requests_per_second, .burst = read.value.client_connection.burst};
  config.pod_initial_backoff = read.value.pod_initial_backoff;
  config.pod_max_backoff = read.value.pod_max_backoff;
  config.profiles = std::move(read.value.profiles);
  return out;
}

Status rename_profiles(SchedulerConfig& config, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  if (config.profiles.size() > 1) {
    return fail(Errc::invalid, "--scheduler-name cannot be given beside a file with several profiles ({})",
                fmt::join(config.scheduler_names(), ", "));
  }
  const model::SchedulerProfile profile = config.profiles.front();
  config.profiles.clear();
  for (const std::string& name : names) {
    const auto same = [&](const model::SchedulerProfile& other) { return other.scheduler_name == name; };
    if (std::ranges::any_of(config.profiles, same)) continue;
    config.profiles.push_back(profile);
    config.profiles.back().scheduler_name = name;
  }
  return {};
}

}   // namespace ebb::cli
