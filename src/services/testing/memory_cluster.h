#pragma once

// A cluster in memory for tests: nodes, pods and owners that a test puts and removes, and an API
// server's answers to actions. A pod that is evicted ends a few calls of take_events later. Faults are drawn from a seed: answers that get
// lost although the action was done, refusals, events that come twice or after newer ones.

#include "base/rng.h"
#include "ports/cluster.h"
#include "services/testing/cluster_objects.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace ebb::services::testing {

struct Faults {
  Permille refuse;         // the action is not done, and the answer says so
  Permille lose_answer;    // it is done, and the answer says that nobody knows
  Permille repeat_event;   // an event comes a second time, later
  Permille late;           // an answer takes a turn longer
};

class MemoryCluster final : public ports::Cluster {
 public:
  explicit MemoryCluster(std::uint64_t seed = 1, Faults faults = {}) : rng_(seed), faults_(faults) {}

  void put(model::Node node);
  void put(model::Pod pod);
  void put(model::Owner owner);
  void put(model::NodeReport report);
  void put(model::PolicyDocument document);
  void put_object(model::ClusterEvent seen);   // of a kind that ClusterObjects keeps
  bool remove_object(std::string_view kind, const model::ObjectKey& key);
  void remove_node(const model::NodeName& name);
  void remove_pod(const model::ObjectKey& key);

  // Whoever watches starts over: every object once more, then Synced. What was under way is cut off.
  void relist();

  std::vector<model::ClusterEvent> take_events(std::size_t max, Duration patience) override;
  void submit(std::uint64_t id, model::ClusterAction action) override;
  std::vector<model::ActionDone> take_results() override;

  const std::map<model::ObjectKey, model::Pod>& pods() const { return pods_; }
  const std::map<model::NodeName, model::Node>& nodes() const { return nodes_; }
  const ClusterObjects& objects() const { return objects_; }
  bool quiet() const { return events_.empty() && answers_.empty() && dying_.empty(); }
  void set_grace(int calls) { grace_ = calls; }   // of take_events, until an evicted pod is gone

  // What was done.
  std::vector<model::Bind> binds;
  std::vector<model::PostEvent> posted;
  std::vector<model::MarkUnschedulable> marked;
  std::vector<model::PublishOversold> published;
  std::vector<model::Evict> evicted;
  std::vector<model::Nominate> nominated;
  std::vector<model::SetPodGroupStatus> group_statuses;
  int second_binds = 0;   // asked for a pod that was bound already

 private:
  struct Answer {
    model::ActionDone done;
    int turns = 0;
  };

  void tell(model::ClusterEvent event);
  std::string next_version() { return std::to_string(++version_); }
  Status perform(const model::Bind& bind);
  Status perform(const model::MarkUnschedulable& mark);
  Status perform(const model::PostEvent& event);
  Status perform(const model::PublishOversold& publish);
  Status perform(const model::SetPolicyCondition&) { return {}; }
  Status perform(const model::KeepAcceptedPolicy& keep);
  Status perform(const model::Evict& evict);
  Status perform(const model::Nominate& nominate);
  Status perform(const model::SelectClaimNode& select);
  Status perform(const model::BindVolume& bind);
  Status perform(const model::SetPodGroupStatus& status);
  void tell_all(ClusterObjects::Events events);
  void end_dying();

  Rng rng_;
  Faults faults_;
  std::uint64_t version_ = 0;
  std::map<model::NodeName, model::Node> nodes_;
  std::map<model::ObjectKey, model::Pod> pods_;
  std::map<model::Uid, model::Owner> owners_;
  std::map<model::NodeName, model::NodeReport> reports_;
  std::map<model::ObjectKey, model::PolicyDocument> documents_;
  ClusterObjects objects_;
  struct Dying {
    model::ObjectKey key;
    model::Uid uid;
    int calls = 0;
  };
  std::vector<Dying> dying_;
  int grace_ = 1;
  std::deque<model::ClusterEvent> events_;
  std::vector<model::ClusterEvent> repeated_;
  std::vector<Answer> answers_;
};

}   // namespace ebb::services::testing
