#pragma once

// One case of the scheduler oracle: a cluster, a pod to be placed there, and what kube-scheduler's own plugins answered.

#include "base/result.h"
#include "model/cluster_event.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::oracle {

struct OracleRefusal {
  std::string plugin;
  std::vector<std::string> reasons;   // sorted
};

// A node where room can be made for the pod.
struct Candidate {
  std::set<std::string> victims;   // namespace/name
  std::int64_t violations = 0;
  std::int64_t highest = 0;
  std::int64_t sum = 0;
  std::int64_t start = 0;   // the earliest of those with the highest priority, in seconds
};

struct SchedulerCase {
  std::string name;
  std::vector<model::ClusterEvent> cluster;
  model::ObjectKey pod;
  bool pod_level = false;          // the pod itself states requests
  std::set<std::string> leaving;   // pods that are being deleted already

  std::optional<OracleRefusal> whole;                                  // the pod fits nowhere, whatever the node
  std::optional<std::set<std::string>> named;                          // only these nodes were looked at
  std::map<std::string, OracleRefusal> refused;                        // by node
  std::map<std::string, std::map<std::string, std::int64_t>> points;   // of nodes that fit: weighted, by plugin
  std::map<std::string, Candidate> candidates;                         // by node
};

// Errors: invalid, where an object is not understood or the line is no case.
Result<SchedulerCase> parse_scheduler_case(std::string_view line);

}   // namespace ebb::oracle
