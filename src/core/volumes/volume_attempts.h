#pragma once

// Pods that have a node and wait for their volumes: what was asked for, what of it has been seen to
// happen since, and whether it can still work out. (AssumePodVolumes and BindPodVolumes of the
// default scheduler's volume binder.)

#include "core/volumes/node_volumes.h"
#include "core/volumes/storage_objects.h"
#include "core/volumes/volume_match.h"
#include "model/cluster_action.h"
#include "model/node.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace ebb::core::volumes {

enum class Progress {
  bound,     // every claim has its volume: bind the pod
  pending,   // not yet; the caller watches the time (bindTimeoutSeconds)
  failed,    // it will not work out there: forget it and place the pod anew
};

class VolumeAttempts {
 public:
  // `objects` outlives this.
  explicit VolumeAttempts(StorageObjects& objects) : objects_(objects) {}

  // Assumes what the match says. What is seen already needs no action. Requires: the pod has no attempt under way.
  std::vector<model::ClusterAction> begin(const model::Uid& pod, Slot slot, const model::Node& node, const VolumeMatch& match);

  struct Ended {   // what nobody holds any more because of it
    std::vector<std::string> volumes;
    std::vector<model::ObjectKey> claims;
  };
  Ended end(const model::Uid& pod);

  struct State {
    Progress progress = Progress::bound;
    std::string why;   // of failed

    static State failed(std::string why) { return {Progress::failed, std::move(why)}; }
  };
  State state(const model::Uid& pod, const std::map<std::string, model::CsiNode, std::less<>>& csi_nodes) const;

  // To be called after the objects have taken the event in.
  void claim_changed(const model::ObjectKey& key);
  void volume_changed(const std::string& name);
  void node_changed(Slot slot, const model::Node* node);   // null: gone
  void drivers_changed(Slot slot);

  std::vector<model::Uid> take_touched();

 private:
  struct Binding {
    model::ObjectKey claim;
    model::Uid claim_uid;
    std::string volume;
    bool seen = false;   // the volume has been seen to be reserved
  };
  struct Provision {
    model::ObjectKey claim;
    model::Uid claim_uid;
    bool seen = false;   // the claim has been seen with the node selected
  };
  struct Attempt {
    Slot slot = 0;
    model::NodeName node;
    model::Labels labels;
    bool node_gone = false;
    std::vector<Binding> bindings;
    std::vector<Provision> provisions;
  };

  State state_of(const Binding& binding, const NodeView& node) const;
  State state_of(const Provision& provision, const NodeView& node) const;
  bool reserved(const Binding& binding) const;
  bool selected(const Provision& provision, const Attempt& attempt) const;
  // What the event has shown of this attempt, which is remembered: it may be undone later.
  void look(const model::Uid& pod);

  StorageObjects& objects_;
  std::map<model::Uid, Attempt> attempts_;
  std::map<model::ObjectKey, std::set<model::Uid>> by_claim_;
  std::map<std::string, std::set<model::Uid>> by_volume_;   // of bindings only
  std::map<Slot, std::set<model::Uid>> by_slot_;
  std::set<model::Uid> touched_;
};

}   // namespace ebb::core::volumes
