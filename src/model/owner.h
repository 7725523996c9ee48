#pragma once

// A workload that owns pods: Deployment, ReplicaSet, Job, StatefulSet, DaemonSet ... Users annotate
// the workload, Kubernetes does not copy the annotations to the pods, so decisions look up the chain.

#include "model/pod.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::model {

// What the Job controller counts against backoffLimit.
struct JobState {
  std::int32_t backoff_limit = 6;
  std::int32_t failed = 0;
  std::int32_t succeeded = 0;
  std::int32_t active = 0;
  std::optional<std::int32_t> parallelism;
  std::optional<std::int32_t> completions;

  friend bool operator==(const JobState&, const JobState&) = default;
};

struct Owner {
  std::string kind;
  ObjectKey key;
  Uid uid;
  Labels labels;
  Annotations annotations;
  std::vector<OwnerRef> owners;
  std::optional<JobState> job;             // kind Job only
  std::optional<LabelSelector> selector;   // of ReplicaSet and StatefulSet: what default spreading counts

  friend bool operator==(const Owner&, const Owner&) = default;
};

}   // namespace ebb::model
