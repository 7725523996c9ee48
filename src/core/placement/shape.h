#pragma once

// What matters of a pod for where it can go. Pods of one workload have the same shape, and
// everything that is worked out about nodes is worked out once per shape: the ranking of nodes, what
// refused it, and who is woken.

#include "core/colocation/qos.h"
#include "core/placement/node_table.h"
#include "core/placement/ranking.h"
#include "core/placement/refusals.h"
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

struct Shape {
  Charge charge;
  Resolved resolved;   // class and pool only; reasons differ from pod to pod
  model::Labels node_selector;
  std::vector<model::NodeSelectorTerm> required_terms;
  bool has_required_affinity = false;
  std::vector<model::PreferredNodeTerm> preferred_terms;
  std::vector<model::Toleration> tolerations;
  // The only nodes that the pod's affinity names, where it names nodes: a DaemonSet's pods do.
  std::optional<std::vector<model::NodeName>> pinned;
};

// What the pod takes from a node.
Charge charge_of(const model::Pod& pod, const Resolved& resolved, ResourceIds& ids);
Shape shape_of(const model::Pod& pod, const Resolved& resolved, ResourceIds& ids);
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
    // Why no node takes the shape, as found when it was last tried; none after it was placed.
    std::optional<Refusals> refusals;
    std::uint64_t refused_at = 0;   // the number of improvements seen by then
    FilterSet refused_by = 0;
    bool recount = false;   // its refusals are to be counted again: nodes have changed, none of them takes it
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
};

}   // namespace ebb::core::placement
