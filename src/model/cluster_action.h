#pragma once

// What a decision wants done in a cluster. Whoever performs an action reports back how it went, and
// the decision is taken again from the state as it is then: an action may be lost or done twice.

#include "base/result.h"
#include "base/units.h"
#include "model/names.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace ebb::model {

struct Bind {   // refused by the API where the uid is not that pod's any more
  ObjectKey pod;
  Uid uid;
  NodeName node;
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

using ClusterAction = std::variant<Bind, MarkUnschedulable, PostEvent, PublishOversold, SetPolicyCondition, KeepAcceptedPolicy>;

struct ActionDone {
  std::uint64_t id = 0;   // the one given at submission
  std::optional<Error> error;
};

}   // namespace ebb::model
