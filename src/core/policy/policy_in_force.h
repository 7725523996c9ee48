#pragma once

// Which policy holds. Fed with the documents of a cluster as they come, change and go; says what is
// to be told to people about each: an event on every document, a condition on a custom resource.
//
// - A document with anything wrong in it is refused, and what it said before stays in force. The text
//   that was accepted last is kept with the object, so a holder that never saw it goes on with it too.
// - The custom resource default-colocation-policy wins over the ConfigMap, with a warning.
// - A document that is deleted takes its policy away.
// - An overlay is judged by itself. Where it contradicts the policy it is in force but for the fields
//   that contradict (model::resolve_node_policy leaves them out), with a warning.

#include "model/cluster_action.h"
#include "model/cluster_event.h"
#include "model/colocation_policy.h"
#include "model/finding.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ebb::core::policy {

class PolicyInForce {
 public:
  using Actions = std::vector<model::ClusterAction>;

  Actions step(const model::PolicyDocumentSeen& event);
  Actions step(const model::PolicyDocumentGone& event);

  // nullptr: none. Valid until the next step.
  const model::ColocationPolicy* policy() const;
  const model::NodeOverlay& overlay() const { return overlay_.accepted ? *overlay_.accepted : no_overlay_; }
  // Grows with every change of what policy() or overlay() say.
  std::uint64_t generation() const { return generation_; }

 private:
  template <class T>
  struct Holder {
    std::optional<model::PolicyDocument> document;   // as last seen; none: it does not exist
    std::optional<T> accepted;                       // the last good one of this very object
    std::string accepted_text;                       // what `accepted` was made of
    std::string said;                                // the last verdict that was told
  };
  using PolicyHolder = Holder<model::ColocationPolicy>;

  void judge_policy(const model::PolicyDocument& document, Actions& out);
  void judge_overlay(const model::PolicyDocument& document, Actions& out);
  void policy_changed(Actions& out);
  void tell_overridden(Actions& out);
  PolicyHolder& holder(model::PolicySource source) { return source == model::PolicySource::policy_resource ? resource_ : config_map_; }

  PolicyHolder resource_;
  PolicyHolder config_map_;
  Holder<model::NodeOverlay> overlay_;
  std::optional<model::ColocationPolicy> known_;   // what policy() said after the last step
  model::NodeOverlay no_overlay_;
  std::map<model::ObjectKey, model::Uid> ignored_;   // custom resources of other names that were told so
  std::string overridden_;                           // which ConfigMap and version was told that it is overridden
  std::uint64_t generation_ = 0;
};

}   // namespace ebb::core::policy
