#pragma once

// What a Deployment's status says about a rollout: counts, Available, Progressing with its deadline,
// ReplicaFailure. A function of the Deployment, its sets and the time.

#include "base/time.h"
#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/rollout_plan.h"
#include "sandbox/controllers/rollout_sets.h"

#include <cstdint>
#include <optional>

namespace ebb::sandbox::control {

// One sync of one Deployment.
struct Rollout {
  json::object deployment;
  RolloutSets sets;
  Instant now;
  std::int64_t desired = 0;
  RolloutBounds bounds;

  model::ObjectKey key() const { return key_of(deployment); }
};

// Seconds a rollout may stand still; none: for ever.
std::optional<Duration> progress_deadline(const json::object& deployment);

// Every pod is of the new template, available, and none is left over.
bool rollout_complete(const json::object& deployment, const json::object& status);

json::object counted_status(const Rollout& rollout);
// Moves Progressing and ReplicaFailure of `status`, which counted_status made.
void judge_progress(const Rollout& rollout, json::object& status);

// When the deadline passes if nothing moves before; none: nothing is waited for.
std::optional<Instant> deadline_of(const json::object& deployment, const json::object& status);

}   // namespace ebb::sandbox::control
