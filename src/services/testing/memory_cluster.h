#pragma once

// A cluster in memory for tests: nodes, pods and owners that a test puts and removes, and an API
// server's answers to actions. Faults are drawn from a seed: answers that get lost although the
// action was done, refusals, events that come twice or after newer ones.

#include "base/rng.h"
#include "ports/cluster.h"

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
  void remove_node(const model::NodeName& name);
  void remove_pod(const model::ObjectKey& key);

  // Whoever watches starts over: every object once more, then Synced. What was under way is cut off.
  void relist();

  std::vector<model::ClusterEvent> take_events(std::size_t max, Duration patience) override;
  void submit(std::uint64_t id, model::ClusterAction action) override;
  std::vector<model::ActionDone> take_results() override;

  const std::map<model::ObjectKey, model::Pod>& pods() const { return pods_; }
  const std::map<model::NodeName, model::Node>& nodes() const { return nodes_; }
  bool quiet() const { return events_.empty() && answers_.empty(); }

  // What was done.
  std::vector<model::Bind> binds;
  std::vector<model::PostEvent> posted;
  std::vector<model::MarkUnschedulable> marked;
  std::vector<model::PublishOversold> published;
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

  Rng rng_;
  Faults faults_;
  std::uint64_t version_ = 0;
  std::map<model::NodeName, model::Node> nodes_;
  std::map<model::ObjectKey, model::Pod> pods_;
  std::map<model::Uid, model::Owner> owners_;
  std::map<model::NodeName, model::NodeReport> reports_;
  std::map<model::ObjectKey, model::PolicyDocument> documents_;
  std::deque<model::ClusterEvent> events_;
  std::vector<model::ClusterEvent> repeated_;
  std::vector<Answer> answers_;
};

}   // namespace ebb::services::testing
