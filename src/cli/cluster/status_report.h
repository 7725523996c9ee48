#pragma once

// What `ebb status` says: nodes with their use by class and what is oversold of them, the policy in
// force, pods by class, jobs, and who waits. A pure function of a snapshot.

#include "base/units.h"
#include "cli/cluster/cluster_snapshot.h"
#include "model/node_report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::cli {

struct NodeStatus {
  std::string name;
  bool ready = false;
  bool colocation = false;
  MilliCpu cpu_allocatable, cpu_requested;
  Bytes memory_allocatable, memory_requested;
  std::optional<model::UseByClass> use;   // of the node's report
  std::optional<model::Use> total_use;    // of the report, else of metrics.k8s.io
  std::optional<MilliCpu> oversold_cpu;   // published
  std::optional<Bytes> oversold_memory;
  MilliCpu oversold_cpu_taken;
  std::int64_t offline_pods = 0;
  std::optional<std::int32_t> offline_pods_max;
};

struct ClassStatus {
  std::int64_t running = 0, pending = 0;
};

struct JobStatus {
  std::string key;
  std::string qos;
  std::int32_t wanted = 1, succeeded = 0, active = 0, failed = 0;
};

struct StatusReport {
  std::string policy;   // its name; empty: none in force
  bool policy_enabled = false;
  std::vector<NodeStatus> nodes;
  ClassStatus hls, ls, be;
  std::vector<JobStatus> jobs;
  std::vector<std::string> waiting;   // namespace/name of pods that no node took yet
};

StatusReport make_status_report(const ClusterSnapshot& snapshot);
std::string to_text(const StatusReport& report);
std::string to_json(const StatusReport& report);

}   // namespace ebb::cli
