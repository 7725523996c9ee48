#pragma once

// The ReplicaSets of one Deployment as a rollout sees them, which of them is the new one, and what
// Deployment and ReplicaSet write into each other's annotations.

#include "base/time.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/rollout_plan.h"
#include "sandbox/json/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox::control {

inline constexpr std::string_view kRevision = "deployment.kubernetes.io/revision";
inline constexpr std::string_view kRevisionHistory = "deployment.kubernetes.io/revision-history";
inline constexpr std::string_view kDesiredReplicas = "deployment.kubernetes.io/desired-replicas";
inline constexpr std::string_view kMaxReplicas = "deployment.kubernetes.io/max-replicas";
inline constexpr std::string_view kTemplateHash = "pod-template-hash";

struct RolloutSet {
  json::object object;
  SetSize size;
  std::string uid;
  std::int64_t revision = 0;
  std::int64_t observed_replicas = 0, ready = 0, terminating = 0;   // of its status

  explicit RolloutSet(json::object set);
};

// Oldest first. `newest` is the one whose template is the Deployment's; null: it has to be made.
struct RolloutSets {
  std::vector<RolloutSet> all;
  RolloutSet* newest = nullptr;

  std::vector<RolloutSet*> old();      // all but the newest
  std::vector<RolloutSet*> active();   // those that ask for pods
  std::int64_t replicas() const;       // asked for, in all
  std::int64_t available() const;
  std::int64_t max_old_revision() const;
};
RolloutSets sets_of(const json::object& deployment, std::vector<json::object> sets);

// Templates are equal but for their hash label and for what means nothing (nulls, empty lists).
bool same_template(const json::object& a, const json::object& b);
// Stable over member order; a counter tells apart templates that collide.
std::string template_hash(const json::object& deployment, std::int64_t collisions);

// The Deployment's annotations, without those that are about itself, and the revision. Says whether anything changed.
bool take_over_annotations(const json::object& deployment, json::object& set, std::int64_t revision, bool exists);
bool set_replica_annotations(json::object& set, std::int64_t desired, std::int64_t max_replicas);
bool set_annotation(json::object& object, std::string_view key, std::string_view value);

}   // namespace ebb::sandbox::control
