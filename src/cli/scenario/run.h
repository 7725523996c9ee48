#pragma once

// A scenario's cluster: plays the API server, the kubelets and the clock for the core, which decides
// as it does everywhere else (admission, oversold capacity, placement). A pod that is bound runs at
// once; nodes that keep reporting do so every 60 s and whenever a pod has started.

#include "base/time.h"
#include "cli/scenario/scenario.h"
#include "core/admission/admission.h"
#include "core/colocation/owner_index.h"
#include "core/placement/placement.h"
#include "core/policy/policy_in_force.h"
#include "services/testing/cluster_objects.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ebb::cli::scenario {

struct PodRecord {
  model::ObjectKey group;
  model::Pod pod;   // as it is now; as it was sent in, if it was refused
  std::optional<std::string> refused;
  core::Resolved resolved;
  std::vector<std::string> warnings;
  std::vector<std::string> events;   // reasons
  Duration grace = seconds(30);      // between an eviction and the pod's end
  std::optional<Instant> ends;       // evicted
  std::optional<model::Use> use;
};

// A pod that was evicted, kept when it is gone.
struct Eviction {
  model::ObjectKey group;
  model::ObjectKey pod;
  model::NodeName node;
  std::string reason;
};

class Run {
 public:
  explicit Run(bool admission) : admission_(admission) {}

  // Errors: invalid, where the step names what is not there; cancelled, where the core never comes to rest.
  Status perform(const Step& step);

  // A pod by its name, or all of a group, in order of creation.
  std::vector<const PodRecord*> find(const model::ObjectKey& name) const;
  std::vector<const PodRecord*> pods() const;   // in order of creation
  const model::Node* node(const std::string& name) const;
  const core::placement::Placement& placement() const { return placement_; }
  std::vector<std::string> names() const;                                 // of groups and pods, for "did you mean"
  const std::vector<Eviction>& evictions() const { return evictions_; }   // of this step, in order
  const services::testing::ClusterObjects& objects() const { return objects_; }
  const model::PodGroup* pod_group(const model::ObjectKey& name) const;   // of any dialect

 private:
  struct NodeRecord {
    model::Node node;
    std::optional<Measurement<model::UseByClass>> report;
    std::optional<Measurement<model::Use>> metrics;
    Instant report_stated, metrics_stated;   // an age counts from here
  };

  Status advance(Duration by);
  void change_document(model::PolicySource source, const DocumentChange& change);
  void change_node(const NodeChange& change, const std::string& name);
  Status remove(const model::ObjectKey& name);
  Status remove_node(const std::string& name);
  Status remove_in_time(const model::ObjectKey& name);
  Status change_pod(const PodChange& change);
  Status add(const PodGroup& group);
  Status add_pod(const PodGroup& group, const std::string& name);
  void put(model::ClusterEvent seen);
  Status remove_object(const ObjectName& name);
  void add_ephemeral_claims(const PodGroup& group, model::Pod& pod);
  void admit_priority(model::Pod& pod) const;
  Status settle();
  void measure();
  void see(model::ClusterEvent event);
  void see_pod(PodRecord& record);
  void see_node(NodeRecord& record);
  std::string next_version() { return std::to_string(++version_); }

  bool carry_out(const model::ClusterAction& action);   // true: a pod has started
  void evict(const model::Evict& evict);
  void end_evicted();
  PodRecord* record_of(const model::ObjectKey& key, const model::Uid& uid);

  bool admission_;
  Instant now_{1'767'225'600'000'000'000};   // 2026-01-01
  Instant measured_ = now_;
  bool synced_ = false;
  std::uint64_t version_ = 0;
  core::placement::Placement placement_;
  core::placement::Actions actions_;
  core::OwnerIndex owners_;
  core::policy::PolicyInForce policy_;
  std::map<std::string, NodeRecord> nodes_;
  std::vector<PodRecord> pods_;   // in order of creation
  std::vector<Eviction> evictions_;
  services::testing::ClusterObjects objects_;
};

}   // namespace ebb::cli::scenario
