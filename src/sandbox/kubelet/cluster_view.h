#pragma once

// What the simulated kubelets know of the cluster beside their own nodes and pods: the workloads that
// own pods (users annotate those), what Jobs have counted, and the policy in force.

#include "core/colocation/owner_index.h"
#include "core/colocation/qos.h"
#include "core/colocation/three_lines.h"
#include "core/policy/policy_in_force.h"
#include "sandbox/api/api.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ebb::sandbox {

class ClusterView {
 public:
  // Everything that take() understands; the first list of each is taken at the start.
  static std::span<const ResourceId> resources();
  static bool watches(const ResourceId& resource);

  void take(ChangeType type, const ResourceId& resource, const Stored& object);

  std::vector<const model::Owner*> owners(const model::Pod& pod) const { return owners_.chain(pod); }
  const model::ColocationPolicy* policy() const { return policy_.policy(); }
  const model::NodeOverlay& overlay() const { return policy_.overlay(); }
  std::uint64_t policy_generation() const { return policy_.generation(); }
  bool policy_enabled() const { return policy() != nullptr && policy()->enabled; }

  // The Job that owns the pod; empty: none.
  static model::Uid job_of(const model::Pod& pod);
  // Pods of a Job report what its controller will count.
  void count_terminating(const model::Uid& job, std::int32_t more);
  void count_restarts(const model::Uid& job, std::int32_t more);
  std::optional<core::JobBudget> budget(const model::Uid& job) const;

 private:
  struct Tally {
    std::int32_t terminating = 0;
    std::int32_t restarts = 0;
  };
  core::OwnerIndex owners_;
  core::policy::PolicyInForce policy_;
  std::map<model::Uid, Tally> tallies_;
};

}   // namespace ebb::sandbox
