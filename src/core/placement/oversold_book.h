#pragma once

// How much offline work may request on each node, kept up to date from reports, metrics and the pods
// placed there, and what of it is to be published on the nodes.

#include "core/capacity/publisher.h"
#include "core/placement/node_table.h"
#include "core/placement/pod_table.h"
#include "model/cluster_action.h"
#include "model/node_report.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace ebb::core::placement {

class OversoldBook {
 public:
  void report_seen(NodeTable& nodes, model::NodeReport report);
  void report_gone(NodeTable& nodes, const model::NodeName& node);
  void node_use_seen(NodeTable& nodes, const model::NodeName& node, UseSample sample);
  void node_gone(Slot slot, const model::NodeName& name);
  // Something that the slot's amount depends on has changed.
  void mark(Slot slot) { changed_.insert(slot); }

  // Brings every changed or due slot up to date and appends what is to be published.
  void refresh(Instant now, bool policy_in_force, NodeTable& nodes, const PodTable& pods, std::vector<model::PublishOversold>& publish);

  bool has_changes() const { return !changed_.empty(); }
  std::optional<Instant> next_refresh() const;
  // Of how many nodes something was measured.
  std::size_t measurements() const { return measured_.size(); }
  // The terms of the last computation; nullptr where there was none.
  const Oversold* terms(const model::NodeName& node) const { return publisher_.last(node); }

 private:
  struct Measured {
    std::optional<model::NodeReport> report;
    std::optional<UseSample> use;
  };

  void sweep(Instant now, const NodeTable& nodes);
  void mark(const NodeTable& nodes, const model::NodeName& node);
  void set_due(Slot slot, std::optional<Instant> due);
  void refresh_slot(Instant now, bool policy_in_force, NodeTable& nodes, const PodTable& pods, Slot slot,
                    std::vector<model::PublishOversold>& publish);

  std::map<model::NodeName, Measured> measured_;
  OversoldPublisher publisher_;
  std::optional<Instant> swept_;
  std::set<Slot> changed_;
  std::map<Slot, Instant> due_of_;
  std::set<std::pair<Instant, Slot>> due_;
};

}   // namespace ebb::core::placement
