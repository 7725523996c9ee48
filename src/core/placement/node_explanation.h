#pragma once

// What a node has to give to offline work, number by number: what `ebb explain node` prints.

#include "core/capacity/oversold.h"
#include "model/colocation_policy.h"
#include "model/names.h"
#include "model/node_report.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ebb::core::placement {

struct NodeExplanation {
  model::NodeName node;
  bool found = false;
  bool policy_in_force = false;
  model::NodePolicy policy;
  std::size_t pods = 0;
  std::int32_t offline_pods = 0;
  model::Use requested;               // native, by all pods
  model::Use offline_requested;       // by offline pods, oversold or native
  std::optional<Oversold> oversold;   // none: there is no policy, and never was one
  model::Use published;               // kubernetes.io/batch-cpu and batch-memory as the node shows them
  bool shows_oversold = false;
  std::optional<model::Use> room;   // for further offline work under the admission line; none: not limited by one
};

std::string to_text(const NodeExplanation& explanation);

}   // namespace ebb::core::placement
