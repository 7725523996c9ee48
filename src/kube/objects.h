#pragma once

// What a client does with objects, one function for each verb, JSON trees in and out. Reads that must
// be fast go through list_pages and a Decoder instead.

#include "base/result.h"
#include "kube/client.h"
#include "kube/decode.h"
#include "model/names.h"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::kube {

// "apps" "v1" "deployments"; the group is empty for the core group.
struct Resource {
  std::string group;
  std::string version;
  std::string plural;
};

namespace resources {
inline const Resource kPods{"", "v1", "pods"};
inline const Resource kNodes{"", "v1", "nodes"};
inline const Resource kNamespaces{"", "v1", "namespaces"};
inline const Resource kConfigMaps{"", "v1", "configmaps"};
inline const Resource kDeployments{"apps", "v1", "deployments"};
inline const Resource kReplicaSets{"apps", "v1", "replicasets"};
inline const Resource kStatefulSets{"apps", "v1", "statefulsets"};
inline const Resource kDaemonSets{"apps", "v1", "daemonsets"};
inline const Resource kJobs{"batch", "v1", "jobs"};
inline const Resource kEvents{"events.k8s.io", "v1", "events"};
inline const Resource kLeases{"coordination.k8s.io", "v1", "leases"};
inline const Resource kCronJobs{"batch", "v1", "cronjobs"};
inline const Resource kPriorityClasses{"scheduling.k8s.io", "v1", "priorityclasses"};
inline const Resource kReplicationControllers{"", "v1", "replicationcontrollers"};
inline const Resource kServices{"", "v1", "services"};
inline const Resource kDisruptionBudgets{"policy", "v1", "poddisruptionbudgets"};
inline const Resource kVolumeClaims{"", "v1", "persistentvolumeclaims"};
inline const Resource kVolumes{"", "v1", "persistentvolumes"};
inline const Resource kStorageClasses{"storage.k8s.io", "v1", "storageclasses"};
inline const Resource kCsiNodes{"storage.k8s.io", "v1", "csinodes"};
inline const Resource kCsiDrivers{"storage.k8s.io", "v1", "csidrivers"};
inline const Resource kCsiStorageCapacities{"storage.k8s.io", "v1", "csistoragecapacities"};
inline const Resource kPodGroups{"scheduling.k8s.io", "v1beta1", "podgroups"};
inline const Resource kVolcanoPodGroups{"scheduling.volcano.sh", "v1beta1", "podgroups"};
inline const Resource kPluginsPodGroups{"scheduling.x-k8s.io", "v1alpha1", "podgroups"};
inline const Resource kVolcanoQueues{"scheduling.volcano.sh", "v1beta1", "queues"};
inline const Resource kNodeResourceTopologies{"topology.node.k8s.io", "v1alpha2", "noderesourcetopologies"};
inline const Resource kNumatopologies{"nodeinfo.volcano.sh", "v1alpha1", "numatopologies"};
inline const Resource kNodeReports{"scheduling.openfuyao.io", "v1alpha1", "nodereports"};
inline const Resource kColocationPolicies{"scheduling.openfuyao.io", "v1alpha1", "colocationpolicies"};
inline const Resource kNodeMetrics{"metrics.k8s.io", "v1beta1", "nodes"};
inline const Resource kPodMetrics{"metrics.k8s.io", "v1beta1", "pods"};
}   // namespace resources

// The path of a collection (key.name empty; key.ns empty: all namespaces), of an object or of its subresource.
std::string path_of(const Resource& resource, const model::ObjectKey& key = {}, std::string_view subresource = {});

struct ListQuery {
  std::string ns;   // empty: all, or a cluster-scoped resource
  std::string label_selector;
  std::string field_selector;
  std::int64_t limit = 500;   // of a page
};

// Every object of a list, page by page; a list whose pages expired half way is begun anew. The objects
// carry apiVersion and kind. Errors as Client::request; expired when it happens again and again.
Result<std::vector<boost::json::object>> list_objects(Client& client, const Resource& resource, const ListQuery& query = {});

// The same decoded, as one page with all items; resource_version is where a watch can begin.
Result<Page> list_decoded(Client& client, Decoder& decoder, const Resource& resource, const ListQuery& query = {},
                          const Stop* stop = nullptr);

struct WriteOptions {
  std::string field_manager = "ebb";
  std::string subresource;   // "status", "scale" ...
  bool force = false;        // apply only: take over fields of other managers
  bool dry_run = false;
  const Stop* stop = nullptr;
};

enum class PatchKind { json, merge, strategic, apply };

// Errors as Client::request: not_found, exists, conflict, invalid, denied ...
Result<boost::json::object> get_object(Client& client, const Resource& resource, const model::ObjectKey& key,
                                       std::string_view subresource = {});
Result<boost::json::object> create_object(Client& client, const Resource& resource, const std::string& ns,
                                          const boost::json::object& object, const WriteOptions& options = {});
Result<boost::json::object> update_object(Client& client, const Resource& resource, const model::ObjectKey& key,
                                          const boost::json::object& object, const WriteOptions& options = {});
Result<boost::json::object> patch_object(Client& client, const Resource& resource, const model::ObjectKey& key, PatchKind kind,
                                         const boost::json::value& patch, const WriteOptions& options = {});

struct DeleteQuery {
  std::string propagation;   // "Background", "Foreground", "Orphan"; empty: the server's default
  std::optional<std::int64_t> grace_seconds;
  model::Uid uid;   // refused with conflict where the object is another one by now
  const Stop* stop = nullptr;
};
Status delete_object(Client& client, const Resource& resource, const model::ObjectKey& key, const DeleteQuery& query = {});

Status bind_pod(Client& client, const model::ObjectKey& pod, const model::Uid& uid, const model::NodeName& node,
                const model::Annotations& annotations = {}, const Stop* stop = nullptr);
// Through the Eviction API. Errors: overloaded where a disruption budget says not now.
Status evict_pod(Client& client, const model::ObjectKey& pod, const model::Uid& uid, std::optional<std::int64_t> grace_seconds = {});
Status scale(Client& client, const Resource& resource, const model::ObjectKey& key, std::int32_t replicas);

}   // namespace ebb::kube
