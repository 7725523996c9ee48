#pragma once

// What `ebb scheduler --config` reads: a KubeSchedulerConfiguration as the default scheduler takes it,
// Ebb's own section beside it as a second document, or either of them alone. Everything is understood
// or refused; nothing is passed over.

#include "base/time.h"
#include "model/finding.h"
#include "model/profile/profile.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

inline constexpr std::string_view kKubeSchedulerGroup = "kubescheduler.config.k8s.io";
inline constexpr std::string_view kKubeSchedulerApiVersion = "kubescheduler.config.k8s.io/v1";
inline constexpr std::string_view kKubeSchedulerKind = "KubeSchedulerConfiguration";
inline constexpr std::string_view kEbbSchedulerApiVersion = "scheduling.openfuyao.io/v1alpha1";
inline constexpr std::string_view kEbbSchedulerKind = "EbbSchedulerConfiguration";

struct LeaderElectionSettings {
  bool enabled = true;
  std::string lease_namespace = "kube-system";
  std::string lease_name{kEbbSchedulerName};
  Duration lease_duration = seconds(15);
  Duration renew_deadline = seconds(10);
  Duration retry_period = seconds(2);

  friend bool operator==(const LeaderElectionSettings&, const LeaderElectionSettings&) = default;
};

struct ClientConnectionSettings {
  std::string kubeconfig;                       // empty: where every client looks
  std::int64_t milli_requests_per_second = 0;   // 0: no limit, unless the file states one
  std::int32_t burst = 0;                       // requests beyond that, where there is a limit

  friend bool operator==(const ClientConnectionSettings&, const ClientConnectionSettings&) = default;
};

enum class LogVerbosity { debug, info, warning, error };

struct SchedulerConfiguration {
  std::vector<SchedulerProfile> profiles{default_profile()};   // at least one, each name once
  LeaderElectionSettings leader_election;
  ClientConnectionSettings client_connection;
  Duration pod_initial_backoff = seconds(1);
  Duration pod_max_backoff = seconds(10);
  bool publish_oversold = true;
  LogVerbosity log_level = LogVerbosity::info;

  std::vector<std::string> scheduler_names() const;
  friend bool operator==(const SchedulerConfiguration&, const SchedulerConfiguration&) = default;
};

struct ReadConfiguration {
  SchedulerConfiguration value;   // to be used where nothing was found
  Findings findings;              // what is wrong, by line
  Findings notes;                 // what an accepted value comes to here, by line

  bool ok() const { return findings.empty(); }
};

ReadConfiguration read_scheduler_configuration(std::string_view text);

// Whether the text is meant to be one: by the apiVersion or kind of any of its documents.
bool is_scheduler_configuration(std::string_view text);

}   // namespace ebb::model
