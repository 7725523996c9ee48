#pragma once

// The objects of a cluster in memory that are neither pods nor nodes: namespaces, services, budgets, storage,
// gangs and queues. Plays the volume controller too: a claim gets the volume that is reserved for it, the
// smallest that fits, or one that is made for it.

#include "base/result.h"
#include "model/cluster_action.h"
#include "model/cluster_event.h"

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::services::testing {

class ClusterObjects final {
 public:
  using Events = std::vector<model::ClusterEvent>;

  // Adds or replaces an object. Requires: the "seen" event of a kind that is kept here.
  void put(model::ClusterEvent seen, Events& out);
  // False where there is no such object. `kind` is as in kind_of.
  bool remove(std::string_view kind, const model::ObjectKey& key, Events& out);

  // As the API server and the volume controller would. Errors: not_found, conflict.
  Status perform(const model::SelectClaimNode& action, Events& out);
  Status perform(const model::BindVolume& action, Events& out);
  Status perform(const model::SetPodGroupStatus& action, Events& out);

  Events all() const;
  template <class Seen>
  const Seen* find(std::string_view kind, const model::ObjectKey& key) const {
    const auto found = objects_.find({std::string(kind), key});
    return found == objects_.end() ? nullptr : std::get_if<Seen>(&found->second);
  }

  // "PersistentVolumeClaim" ...; the pod groups of the three dialects are "PodGroup/0" to "PodGroup/2". Empty: not kept here.
  static std::string kind_of(const model::ClusterEvent& seen);

 private:
  struct Identity {
    std::string kind;
    model::ObjectKey key;
    friend auto operator<=>(const Identity&, const Identity&) = default;
  };

  static Identity identity_of(const model::ClusterEvent& seen);
  static Identity identity_of(const model::SetPodGroupStatus& action);
  void store(model::ClusterEvent seen, Events& out);
  void settle_volumes(Events& out);
  bool settle_claim(const model::VolumeClaim& claim, Events& out);
  void bind(model::VolumeClaim claim, model::Volume volume, Events& out);

  std::map<Identity, model::ClusterEvent> objects_;
  std::uint64_t version_ = 0;
};

}   // namespace ebb::services::testing
