#pragma once

// A cluster at one moment, gathered from the same events that decisions are fed with: what `ebb
// status` looks at, and the demo's observer.

#include "core/colocation/owner_index.h"
#include "core/policy/policy_in_force.h"
#include "model/cluster_event.h"

#include <map>

namespace ebb::cli {

struct ClusterSnapshot {
  Instant time;
  bool synced = false;
  std::map<model::NodeName, model::Node> nodes;
  std::map<model::ObjectKey, model::Pod> pods;
  std::map<model::Uid, model::Owner> workloads;
  std::map<model::NodeName, model::NodeReport> reports;
  std::map<model::NodeName, model::Use> usage;   // of metrics.k8s.io
  core::OwnerIndex owners;
  core::policy::PolicyInForce policy;

  void step(const model::ClusterEvent& event);
};

}   // namespace ebb::cli
