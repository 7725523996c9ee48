#pragma once

// A pod as Ebb's decisions see it: only the fields that some decision reads, decoded from the API
// at the edge (kube/decode) and from scenario files.

#include "base/time.h"
#include "base/units.h"
#include "model/label_selector.h"
#include "model/names.h"
#include "model/pod_affinity.h"
#include "model/pod_volume.h"
#include "model/resources.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

struct OwnerRef {
  std::string api_version;
  std::string kind;
  std::string name;
  Uid uid;
  bool controller = false;

  // "batch" of "batch/v1"; empty for the core group.
  std::string_view group() const {
    const std::size_t slash = api_version.find('/');
    return slash == std::string::npos ? std::string_view() : std::string_view(api_version).substr(0, slash);
  }
  friend bool operator==(const OwnerRef&, const OwnerRef&) = default;
};

// A port of the node itself that a container asks for. Two pods may share its number where protocol or
// address differ.
struct HostPort {
  std::int32_t port = 0;
  std::string protocol = "TCP";
  std::string ip;   // empty: every address of the node

  bool clashes(const HostPort& other) const {
    return port == other.port && protocol == other.protocol && (ip.empty() || other.ip.empty() || ip == other.ip);
  }
  friend auto operator<=>(const HostPort&, const HostPort&) = default;
};

struct Container {
  std::string name;
  std::string image;
  Resources requests;
  Resources limits;
  bool sidecar = false;   // an init container with restartPolicy Always: runs as long as the pod
  std::vector<HostPort> host_ports;

  friend bool operator==(const Container&, const Container&) = default;
};

enum class TaintEffect { no_schedule, prefer_no_schedule, no_execute };

struct Toleration {
  std::string key;       // empty with op exists: every taint
  bool exists = false;   // operator Exists; otherwise Equal
  std::string value;
  std::optional<TaintEffect> effect;   // none: every effect

  friend bool operator==(const Toleration&, const Toleration&) = default;
};

// One term of node affinity: both lists must match. matchFields knows metadata.name only.
struct NodeSelectorTerm {
  LabelSelector match_labels;
  LabelSelector match_fields;

  friend bool operator==(const NodeSelectorTerm&, const NodeSelectorTerm&) = default;
};

struct PreferredNodeTerm {
  std::int32_t weight = 1;   // 1..100
  NodeSelectorTerm term;

  friend bool operator==(const PreferredNodeTerm&, const PreferredNodeTerm&) = default;
};

enum class PodPhase { pending, running, succeeded, failed, unknown };

// Kubernetes' own class, from requests and limits.
enum class KubernetesQos { guaranteed, burstable, best_effort };

struct Pod {
  ObjectKey key;
  Uid uid;
  std::string resource_version;
  Instant created;
  Labels labels;
  Annotations annotations;   // of the domains that Ebb reads only
  std::vector<OwnerRef> owners;

  std::string scheduler_name;
  NodeName node;   // empty: not bound yet
  NodeName nominated_node;
  std::optional<std::int32_t> priority;
  std::string priority_class;
  bool preemption_never = false;

  std::vector<Container> containers;
  std::vector<Container> init_containers;
  Resources overhead;
  std::optional<Resources> pod_requests;   // pod-level resources, where the pod states them
  std::optional<Resources> pod_limits;

  Labels node_selector;
  std::vector<NodeSelectorTerm> required_node_terms;   // any one must match; none: no restriction
  bool has_required_node_affinity = false;             // true with no terms: matches nothing
  std::vector<PreferredNodeTerm> preferred_node_terms;
  std::vector<Toleration> tolerations;
  std::vector<std::string> scheduling_gates;

  std::vector<PodAffinityTerm> required_affinity;        // one pod must match all of them, each in its own topology
  std::vector<PodAffinityTerm> required_anti_affinity;   // no pod may match any of them
  std::vector<WeightedPodAffinityTerm> preferred_affinity;
  std::vector<WeightedPodAffinityTerm> preferred_anti_affinity;
  std::vector<TopologySpreadConstraint> spread_constraints;
  std::vector<PodVolume> volumes;   // those that matter for where it can go
  std::string pod_group;            // spec.schedulingGroup.podGroupName; annotations and labels of other dialects are read by core/gangs

  PodPhase phase = PodPhase::pending;
  bool ready = false;
  bool unschedulable_condition = false;   // PodScheduled=False is written in its status
  std::int32_t restarts = 0;              // of all containers together
  std::optional<Instant> started;         // status.startTime
  std::optional<Instant> deletion_requested;
  bool evicted = false;     // condition DisruptionTarget, or failed with reason Evicted
  bool is_static = false;   // the mirror of a kubelet's own file

  // The owner with controller: true, if there is one.
  const OwnerRef* controller() const;
  bool terminal() const { return phase == PodPhase::succeeded || phase == PodPhase::failed; }
  friend bool operator==(const Pod&, const Pod&) = default;
};

// What the scheduler must find free for the pod: containers and sidecars together, or the largest
// init container with the sidecars started before it, whichever is larger, plus overhead. Counts
// one pod. The old names of oversold resources are the published ones here. (k8s.io/component-helpers resource.PodRequests)
Resources effective_requests(const Pod& pod);
Resources effective_limits(const Pod& pod);
KubernetesQos kubernetes_qos(const Pod& pod);

}   // namespace ebb::model
