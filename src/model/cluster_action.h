#pragma once

// What a decision wants done in a cluster. Whoever performs an action reports back how it went, and
// the decision is taken again from the state as it is then: an action may be lost or done twice.

#include "base/result.h"
#include "base/units.h"
#include "model/names.h"
#include "model/pod_group.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace ebb::model {

struct Bind {   // refused by the API where the uid is not that pod's any more
  ObjectKey pod;
  Uid uid;
  NodeName node;
  Annotations annotations = {};   // the API server writes them on the pod, with the binding or not at all
};

// The pod's condition PodScheduled=False with reason Unschedulable.
struct MarkUnschedulable {
  ObjectKey pod;
  Uid uid;
  std::string message;
};

struct ObjectReference {
  std::string api_version;
  std::string kind;
  ObjectKey key;
  Uid uid;
};

struct PostEvent {   // events.k8s.io; repeated ones are counted in a series by whoever posts
  ObjectReference regarding;
  bool warning = false;
  std::string reason;
  std::string action;
  std::string note;
};

// kubernetes.io/batch-cpu and batch-memory in the node's status. None: withdraw the resource. The node
// is marked as ours while one of them is there.
struct PublishOversold {
  NodeName node;
  std::optional<MilliCpu> cpu;
  std::optional<Bytes> memory;
};

// Condition Accepted of a ColocationPolicy object.
struct SetPolicyCondition {
  ObjectKey policy;
  Uid uid;
  bool accepted = false;
  std::string reason;
  std::string message;
  std::int64_t generation = 0;   // of the text that was judged; 0: the object's own
};

// An accepted text, kept with the object that it came from: whoever finds a later text there refused
// goes on with this one, also after a restart.
struct KeepAcceptedPolicy {
  ObjectReference document;
  std::string text;
};

// A pod makes room for one that matters more: condition DisruptionTarget with that reason, then a
// delete with the pod's own grace, refused where the uid is another's.
struct Evict {
  ObjectKey pod;
  Uid uid;
  std::string reason;   // "PreemptionByScheduler"
  std::string message;
};

// status.nominatedNodeName: room is being made there. Empty: withdrawn.
struct Nominate {
  ObjectKey pod;
  Uid uid;
  NodeName node;
};

// A claim without a volume is to be provided where its first consumer goes: annotation
// volume.kubernetes.io/selected-node. Empty: withdrawn.
struct SelectClaimNode {
  ObjectKey claim;
  Uid uid;
  NodeName node;
};

// A volume is reserved for a claim: spec.claimRef of the volume.
struct BindVolume {
  std::string volume;
  std::string resource_version;
  ObjectKey claim;
  Uid claim_uid;
};

// Status of a PodGroup: its phase, counts and one condition.
struct SetPodGroupStatus {
  PodGroupDialect dialect = PodGroupDialect::volcano;
  ObjectKey group;
  std::string api_version;
  std::string phase;
  std::int32_t running = 0;
  std::int32_t succeeded = 0;
  std::int32_t failed = 0;
  std::string condition_type;   // empty: none
  bool condition = false;
  std::string reason;
  std::string message;
};

using ClusterAction = std::variant<Bind, MarkUnschedulable, PostEvent, PublishOversold, SetPolicyCondition, KeepAcceptedPolicy, Evict,
                                   Nominate, SelectClaimNode, BindVolume, SetPodGroupStatus>;

struct ActionDone {
  std::uint64_t id = 0;   // the one given at submission
  std::optional<Error> error;
};

}   // namespace ebb::model
