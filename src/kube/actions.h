#pragma once

// Performs model::ClusterAction on an API server: each is one request, or a read and a write.

#include "kube/client.h"
#include "kube/event_poster.h"
#include "model/cluster_action.h"

#include <functional>
#include <mutex>
#include <set>
#include <string>

namespace ebb::kube {

class ActionPerformer final {
 public:
  ActionPerformer(Client& client, EventPosterOptions events) : client_(client), now_(events.now), events_(client, std::move(events)) {}

  // Safe from several threads, as long as actions of one key come from one at a time.
  Status perform(const model::ClusterAction& action, const Stop* stop);

  // Whose actions must keep their order.
  static std::string key_of(const model::ClusterAction& action);

  void forget_pod(const model::Uid& uid);

 private:
  Status perform(const model::Bind& action, const Stop* stop);
  Status perform(const model::MarkUnschedulable& action, const Stop* stop);
  Status perform(const model::PostEvent& action, const Stop* stop);
  Status perform(const model::PublishOversold& action, const Stop* stop);
  Status perform(const model::SetPolicyCondition& action, const Stop* stop);
  Status perform(const model::KeepAcceptedPolicy& action, const Stop* stop);
  // What making room, volumes and gangs need; scheduling_actions.cc.
  Status perform(const model::Evict& action, const Stop* stop);
  Status perform(const model::Nominate& action, const Stop* stop);
  Status perform(const model::SelectClaimNode& action, const Stop* stop);
  Status perform(const model::BindVolume& action, const Stop* stop);
  Status perform(const model::SetPodGroupStatus& action, const Stop* stop);

  Client& client_;
  const std::function<Instant()> now_;
  EventPoster events_;
  std::mutex mutex_;
  std::set<model::Uid> marked_;   // pods whose condition is False by our hand: since then, not since now
};

}   // namespace ebb::kube
