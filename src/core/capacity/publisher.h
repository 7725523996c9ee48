#pragma once

// When a node's oversold amount is written to it. On a change of 10 % or more; below what offline
// pods hold there already only once it has been so for the policy's grace period; taken back where
// colocation is off, by the same rule. What is published stands on the node itself, so a restart
// loses nothing but the start of a grace period. It is marked as Ebb's own there; what carries no mark
// was published by another product, and stays where colocation is off.

#include "core/capacity/oversold.h"
#include "model/cluster_action.h"

#include <map>
#include <optional>

namespace ebb::core {

class OversoldPublisher {
 public:
  // Computes the node's amount and gives what is to be written, if anything. To be called when
  // something about the node changed, and at next_step() at the latest.
  std::optional<model::PublishOversold> step(Instant now, const OversoldInput& input);

  // When the node wants its next step: 60 s after the last, or at the end of a grace period.
  // None: the node has had no step yet.
  std::optional<Instant> next_step(const model::NodeName& node) const;

  // The terms of the last step; nullptr where there was none.
  const Oversold* last(const model::NodeName& node) const;

  void forget(const model::NodeName& node);

 private:
  // What the node shows, or would: none is "not published".
  struct Published {
    std::optional<MilliCpu> cpu;
    std::optional<Bytes> memory;
    bool ours = false;   // marked as published by Ebb

    friend bool operator==(const Published&, const Published&) = default;
  };
  struct NodeState {
    Oversold last;
    Instant computed;
    std::optional<Instant> cpu_below_since;   // since when the amount is below what is placed
    std::optional<Instant> memory_below_since;
    Duration grace;
    std::optional<Published> sent;   // written, not seen on the node yet
    Instant sent_at;
  };

  static Published baseline(NodeState& state, const model::Node& node, bool colocation, Instant now);

  std::map<model::NodeName, NodeState> nodes_;
};

}   // namespace ebb::core
