#pragma once

// What happens in a cluster, as values: the events that the core's decisions are fed with, whatever
// world they come from. Level-triggered: an event carries the whole state, so a lost or repeated one
// is healed by the next.

#include "base/time.h"
#include "model/names.h"
#include "model/node.h"
#include "model/node_report.h"
#include "model/numa_topology.h"
#include "model/owner.h"
#include "model/pod.h"
#include "model/pod_group.h"
#include "model/storage.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace ebb::model {

struct PodSeen {   // added or changed
  Pod pod;
};
struct PodGone {
  ObjectKey key;
  Uid uid;
};
struct NodeSeen {
  Node node;
};
struct NodeGone {
  NodeName name;
};
struct OwnerSeen {
  Owner owner;
};
struct OwnerGone {
  std::string kind;
  ObjectKey key;
  Uid uid;
};
struct ReportSeen {
  NodeReport report;
};
struct ReportGone {
  NodeName node;
};

// metrics.k8s.io: where a node writes no report.
struct NodeUsageSeen {
  NodeName node;
  Instant time;
  Use use;
};
struct PodUsageSeen {
  ObjectKey pod;
  Instant time;
  Use use;
};

struct PriorityClassSeen {
  std::string name;
  std::int32_t value = 0;
  bool global_default = false;
  bool preemption_never = false;
};
struct PriorityClassGone {
  std::string name;
};

// Where a policy's text stands. Parsed by the core, so that a bad one is a decision, with a reason.
enum class PolicySource {
  policy_config_map,   // openfuyao-system/openfuyao-colocation-config, key colocation-policy.yaml
  policy_resource,     // a ColocationPolicy object
  node_config_map,     // openfuyao-system/node-colocation-config, key node-policy.yaml
};
struct PolicyDocument {
  PolicySource source = PolicySource::policy_config_map;
  ObjectKey key;   // of the object that holds it
  Uid uid;
  std::string resource_version;
  std::string text;   // YAML (JSON for a custom resource); empty with missing_key
  bool missing_key = false;
  std::int64_t generation = 0;                // of a custom resource: grows with each edit; 0: not told
  std::optional<std::string> last_accepted;   // the text that the object keeps from when it was last accepted

  friend bool operator==(const PolicyDocument&, const PolicyDocument&) = default;
};
struct PolicyDocumentSeen {
  PolicyDocument document;
};
struct PolicyDocumentGone {
  PolicySource source = PolicySource::policy_config_map;
  ObjectKey key;
};

struct NamespaceSeen {
  std::string name;
  Labels labels;
};
struct NamespaceGone {
  std::string name;
};

// A Service, for what default spreading counts. An empty selector selects nothing.
struct ServiceSeen {
  ObjectKey key;
  Labels selector;
};
struct ServiceGone {
  ObjectKey key;
};

struct DisruptionBudgetSeen {
  DisruptionBudget budget;
};
struct DisruptionBudgetGone {
  ObjectKey key;
};

struct VolumeClaimSeen {
  VolumeClaim claim;
};
struct VolumeClaimGone {
  ObjectKey key;
};
struct VolumeSeen {
  Volume volume;
};
struct VolumeGone {
  std::string name;
};
struct StorageClassSeen {
  StorageClass storage_class;
};
struct StorageClassGone {
  std::string name;
};
struct CsiNodeSeen {
  CsiNode node;
};
struct CsiNodeGone {
  NodeName node;
};
struct CsiDriverSeen {
  CsiDriver driver;
};
struct CsiDriverGone {
  std::string name;
};
struct CsiStorageCapacitySeen {
  CsiStorageCapacity capacity;
};
struct CsiStorageCapacityGone {
  ObjectKey key;
};
struct VolumeAttachmentSeen {
  VolumeAttachment attachment;
};
struct VolumeAttachmentGone {
  std::string name;
};

struct PodGroupSeen {
  PodGroup group;
};
struct PodGroupGone {
  PodGroupDialect dialect = PodGroupDialect::volcano;
  ObjectKey key;
};
struct QueueSeen {
  Queue queue;
};
struct QueueGone {
  std::string name;
};

// What is published about a node's NUMA nodes, in either dialect.
enum class TopologySource { node_resource_topology, numatopology };
struct NodeTopologySeen {
  std::variant<NodeResourceTopology, Numatopology> topology;

  const NodeName& node() const {
    return std::visit([](const auto& one) -> const NodeName& { return one.node; }, topology);
  }
};
struct NodeTopologyGone {
  TopologySource source = TopologySource::node_resource_topology;
  NodeName node;
};

// Every kind has been listed once: from here on, what is not known does not exist.
struct Synced {};

using ClusterEvent =
    std::variant<PodSeen, PodGone, NodeSeen, NodeGone, OwnerSeen, OwnerGone, ReportSeen, ReportGone, NodeUsageSeen, PodUsageSeen,
                 PriorityClassSeen, PriorityClassGone, PolicyDocumentSeen, PolicyDocumentGone, NamespaceSeen, NamespaceGone, ServiceSeen,
                 ServiceGone, DisruptionBudgetSeen, DisruptionBudgetGone, VolumeClaimSeen, VolumeClaimGone, VolumeSeen, VolumeGone,
                 StorageClassSeen, StorageClassGone, CsiNodeSeen, CsiNodeGone, CsiDriverSeen, CsiDriverGone, CsiStorageCapacitySeen,
                 CsiStorageCapacityGone, PodGroupSeen, PodGroupGone, QueueSeen, QueueGone, NodeTopologySeen, NodeTopologyGone, Synced>;

}   // namespace ebb::model
