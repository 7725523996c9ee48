#pragma once

// One look at one Job: what its spec asks for, what its pods are, and what its status will say.
// Decisions that need no API are made here.

#include "base/time.h"
#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/index_set.h"
#include "sandbox/controllers/pod_index.h"
#include "sandbox/json/json.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ebb::sandbox::control {

inline constexpr std::string_view kJobFinalizer = "batch.kubernetes.io/job-tracking";
inline constexpr std::string_view kIndexAnnotation = "batch.kubernetes.io/job-completion-index";

struct JobSync {
  json::object job;
  json::object status;         // becomes the Job's
  std::vector<SeenPod> pods;   // copies: writing changes the index
  Instant now;

  std::string uid;
  std::int64_t parallelism = 1;
  std::optional<std::int64_t> completions;
  std::int64_t backoff_limit = 6;
  bool indexed = false;
  bool suspended = false;
  bool replace_failed_only = false;   // podReplacementPolicy Failed

  std::set<std::string> uncounted_succeeded, uncounted_failed;   // uids
  IndexSet completed;

  JobSync(json::object object, const PodSet& owned, Instant time);
  model::ObjectKey key() const;

  bool failed(const SeenPod& pod) const;   // and so is to be counted as a failure
  bool counted_later(const SeenPod& pod) const { return uncounted_succeeded.contains(pod.uid()) || uncounted_failed.contains(pod.uid()); }
  bool index_valid(const SeenPod& pod) const;

  std::int64_t active() const;
  std::int64_t ready() const;
  std::int64_t terminating() const;
  std::int64_t succeeded() const;       // counted or not
  std::int64_t failures() const;        // counted or not
  bool restarts_exceed_limit() const;   // OnFailure: containers that restart in place count too
  std::optional<Instant> deadline() const;

  // The verdict this Job is heading for; none: it goes on. Failure is decided before success.
  std::optional<Condition> verdict() const;
  bool failing() const;

  // uncountedTerminatedPods, counters and numbers of pods into `status`.
  void write_counts();
};

bool job_finished(const json::object& job);

}   // namespace ebb::sandbox::control
