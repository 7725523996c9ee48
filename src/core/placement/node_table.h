#pragma once

// The nodes, in dense slots, with one contiguous column of 64-bit amounts per resource. A slot
// belongs to a node's name: pods may be known to run on a node before the node itself is seen, and
// after it has gone, and their requests must be counted whenever it (re)appears.
// Every change of a slot is written to a log by which cached rankings catch up.

#include "base/units.h"
#include "core/accelerators/pod_request.h"
#include "core/placement/filter.h"
#include "core/placement/image_index.h"
#include "core/placement/resource_ids.h"
#include "model/colocation_policy.h"
#include "model/node.h"
#include "model/node_report.h"
#include "model/pod.h"
#include "model/qos_class.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ebb::core::placement {

using Slot = std::uint32_t;
using PodIndex = std::uint32_t;

// What one pod takes from its node.
struct Charge {
  std::vector<ResourceAmount> requests;   // the pod itself counts as one of kPods
  model::Use scored;                      // requests as scores see them: a pod that asks nothing still uses something
  std::vector<model::HostPort> ports;
  bool offline = false;
  model::Use line;   // offline pods: what counts towards the admission line, oversold or else native
  accelerators::DeviceNeed devices;

  friend bool operator==(const Charge&, const Charge&) = default;
};

struct NodeSlot {
  model::NodeName name;
  bool present = false;
  model::Node node;
  std::vector<model::Taint> taints;   // with those that follow from the node's conditions
  model::NodePolicy policy;
  NodeImages images;
  std::vector<PodIndex> pods;   // assumed and bound, not ended
  std::map<model::HostPort, std::int32_t> ports;
  std::int32_t offline_pods = 0;
  model::Use line_requested;   // by offline pods
  model::Use scored;
  // How much offline work may request together; none where nothing limits it.
  std::optional<model::Use> oversold;
};

class NodeTable {
 public:
  explicit NodeTable(ResourceIds& ids) : ids_(ids) {}

  // The slot of that name, made if there is none.
  Slot claim(const model::NodeName& name);
  std::optional<Slot> find(const model::NodeName& name) const;
  // Gives the slot back if neither a node nor a pod is left in it.
  void release_if_empty(Slot slot);

  void node_seen(Slot slot, model::Node node);
  void node_gone(Slot slot);
  void set_policy(Slot slot, const model::NodePolicy& policy);
  void set_oversold(Slot slot, std::optional<model::Use> oversold);
  // An online pod was placed there: what it asks is not idle any more.
  void reduce_oversold(Slot slot, model::Use by);
  // Something that is no node's own has changed for every node.
  void improve_all();
  // Something that is not kept here has changed there: what may have been lifted, and cached answers are asked again.
  void changed(Slot slot, FilterSet filters);

  void add_pod(Slot slot, PodIndex pod, const Charge& charge);
  void remove_pod(Slot slot, PodIndex pod, const Charge& charge, bool improves = true);
  // The amounts of a pod that is counted there, for a trial that is taken back before anything else
  // is asked: nothing is recorded as changed, and the pod stays in the list.
  void take_out(Slot slot, const Charge& charge) { count(slot, charge, -1); }
  void put_back(Slot slot, const Charge& charge) { count(slot, charge, 1); }

  std::size_t slots() const { return slots_.size(); }
  std::size_t present() const { return present_; }
  const NodeSlot& operator[](Slot slot) const { return slots_[slot]; }
  std::int64_t allocatable(ResourceId id, Slot slot) const { return id < columns_.size() ? columns_[id].allocatable[slot] : 0; }
  std::int64_t requested(ResourceId id, Slot slot) const { return id < columns_.size() ? columns_[id].requested[slot] : 0; }
  std::int64_t free(ResourceId id, Slot slot) const { return allocatable(id, slot) - requested(id, slot); }
  // Over all nodes that are present; a node with more requested than it has counts as full.
  std::int64_t total_free(ResourceId id) const;
  std::int64_t total_allocatable(ResourceId id) const;
  const ResourceIds& ids() const { return ids_; }
  const ImageIndex& images() const { return images_; }

  // Slots in name order, for everything whose order can be seen.
  const std::map<model::NodeName, Slot>& by_name() const { return by_name_; }

  // The log: positions grow for ever; what is older than log_begin() has been dropped.
  std::uint64_t log_begin() const { return log_begin_; }
  std::uint64_t log_end() const { return log_begin_ + log_.size(); }
  Slot log_at(std::uint64_t position) const { return log_[position - log_begin_]; }

  // Slots on which some refusal may have been lifted since the last call, with the filters concerned.
  std::vector<std::pair<Slot, FilterSet>> take_improved();
  bool has_improved() const { return !improved_.empty(); }

 private:
  struct Column {
    std::vector<std::int64_t> allocatable;
    std::vector<std::int64_t> requested;
  };

  Column& column(ResourceId id);
  void count(Slot slot, const Charge& charge, std::int32_t times);
  void touch(Slot slot);
  void improve(Slot slot, FilterSet filters);

  ResourceIds& ids_;
  ImageIndex images_;
  std::vector<NodeSlot> slots_;
  std::vector<Column> columns_;
  std::vector<Slot> unused_;
  std::map<model::NodeName, Slot> by_name_;
  std::size_t present_ = 0;
  std::vector<Slot> log_;
  std::uint64_t log_begin_ = 0;
  std::map<Slot, FilterSet> improved_;
};

}   // namespace ebb::core::placement
