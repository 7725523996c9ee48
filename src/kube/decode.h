#pragma once

// Kubernetes JSON turned into the model's values, field by field, at memory speed: one object, a whole
// page of a list, or one line of a watch. Only what decisions read is kept.
//
// The reader does not look into what it skips, so it is strict where it does look: a key that stands
// twice in one object, a value of the wrong type and an amount that is no amount are errors. An object
// that cannot be understood is reported and left out; the others of its page are not affected.

#include "base/result.h"
#include "model/cluster_event.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::kube {

enum class ObjectType {
  pod,
  node,
  deployment,
  replica_set,
  stateful_set,
  daemon_set,
  job,
  cron_job,
  node_report,
  priority_class,
  policy_config_map,   // openfuyao-colocation-config
  node_config_map,     // node-colocation-config
  colocation_policy,
  node_metrics,
  pod_metrics,
  name_space,
  service,
  disruption_budget,
  volume_claim,
  volume,
  storage_class,
  csi_node,
  csi_driver,
  csi_storage_capacity,
  pod_group,           // scheduling.k8s.io
  volcano_pod_group,   // scheduling.volcano.sh
  plugins_pod_group,   // scheduling.x-k8s.io
  volcano_queue,
  replication_controller,
  node_resource_topology,   // topology.node.k8s.io
  numatopology,             // nodeinfo.volcano.sh
};

// "Pod", "ReplicaSet", ...
std::string_view kind_of(ObjectType type);

struct Decoded {
  model::ObjectKey key;
  model::Uid uid;
  std::string resource_version;
  model::ClusterEvent seen;   // the object as "seen": PodSeen, NodeSeen, ...
};

struct Refused {
  model::ObjectKey key;   // as far as it was understood
  Error error;
};

struct Page {
  std::vector<Decoded> items;
  std::vector<Refused> refused;   // one for every object that was left out
  std::string resource_version;
  std::string continue_token;   // empty: the last page
};

enum class WatchEventType { added, modified, deleted, bookmark, error };

struct WatchEvent {
  WatchEventType type = WatchEventType::bookmark;
  std::string resource_version;   // where a watch can be resumed; empty with error
  // With deleted only key, uid and resource version are filled in; none with bookmark and error.
  std::optional<Decoded> object;
  std::optional<Error> error;   // with error what the server says; else why the object was left out
};

// Reads one type of object. Keeps its buffers, so it is cheap to use often; for one thread at a time.
class Decoder final {
 public:
  explicit Decoder(ObjectType type);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Errors: invalid, naming the path inside the object. The text is copied first.
  Result<Decoded> object(std::string_view json);
  // Errors: invalid where the page itself is broken, so that nothing of it may be believed.
  Result<Page> page(std::string_view json);
  Result<WatchEvent> watch_event(std::string_view json);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// One object of a type. Errors as Decoder::object.
Result<model::Pod> decode_pod(std::string_view json);
Result<model::Node> decode_node(std::string_view json);
Result<model::Owner> decode_owner(ObjectType type, std::string_view json);   // Requires: a workload's type
Result<model::NodeReport> decode_node_report(std::string_view json);

}   // namespace ebb::kube
