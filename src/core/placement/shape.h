#pragma once

// What matters of a pod for which nodes take it, other pods aside. Pods of one workload have the same
// shape, and what is worked out about nodes is worked out once per shape: the ranking.

#include "core/colocation/qos.h"
#include "core/numa/demand.h"
#include "core/placement/node_table.h"
#include "core/placement/ranking.h"
#include "model/pod.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ebb::core::placement {

using ShapeId = std::uint32_t;

// What the pod asks of the kubelet's own managers.
struct NumaNeed {
  numa::PodDemand demand;      // of nobody in particular: without uid and containers' names
  std::string neighbourhood;   // of the pods that it should lie close to; empty: none
  bool owns_cores = false;     // its class does
};

struct Shape {
  std::uint64_t serial = 0;   // given by the table: numbers are used again, serials are not
  std::uint32_t rules = 0;    // which profile's
  Charge charge;
  Resolved resolved;   // class and pool only; reasons differ from pod to pod
  model::Labels node_selector;
  std::vector<model::NodeSelectorTerm> required_terms;
  bool has_required_affinity = false;
  std::vector<model::PreferredNodeTerm> preferred_terms;
  std::vector<model::Toleration> tolerations;
  std::vector<std::string> images;   // of all containers, normalized
  // Nodes that have just evicted a pod of its workload.
  std::vector<model::NodeName> avoided;
  // The only nodes that the pod's affinity names, where it names nodes: a DaemonSet's pods do.
  std::optional<std::vector<model::NodeName>> pinned;
  // Only where something is published about NUMA nodes.
  std::optional<NumaNeed> numa;
  // Only of pods that want accelerators.
  std::optional<accelerators::PodDevices> accelerators;
};

// What the pod takes from a node.
Charge charge_of(const model::Pod& pod, const Resolved& resolved, ResourceIds& ids);
Shape shape_of(const model::Pod& pod, const Resolved& resolved, ResourceIds& ids, std::uint32_t rules = 0);
// Equal exactly for equal shapes.
std::string key_of(const Shape& shape);

// Shapes in use, by number, with what is remembered for each of them.
class ShapeTable {
 public:
  struct Entry {
    Shape shape;
    std::string key;
    std::uint32_t users = 0;   // pending pods
    std::unique_ptr<Ranking> ranking;
    std::uint64_t last_used = 0;
  };

  ShapeId acquire(Shape shape);
  void release(ShapeId id);
  Entry& operator[](ShapeId id) { return *entries_[id]; }
  const Entry& operator[](ShapeId id) const { return *entries_[id]; }
  std::size_t size() const { return ids_.size(); }

  // Nodes for the shape, best first; remembers at most as many rankings as fit in some 64 MiB.
  Ranking& ranking(ShapeId id, const NodeTable& nodes);
  // After a change that no slot's log tells of: whether a policy is in force.
  void forget_rankings();

 private:
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<ShapeId> unused_;
  std::unordered_map<std::string, ShapeId> ids_;
  std::deque<ShapeId> idle_;   // once without users, oldest first
  std::vector<ShapeId> ranked_;
  std::uint64_t uses_ = 0;
  std::uint64_t serials_ = 0;
};

}   // namespace ebb::core::placement
