#pragma once

// Why a pod is where it is, or nowhere: what `ebb explain pod` prints.

#include "core/placement/node_score.h"
#include "core/placement/refusals.h"
#include "model/names.h"
#include "model/qos_class.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::core::placement {

struct NodeScore {
  model::NodeName node;
  std::int64_t total = 0;
  std::vector<ScoreTerm> terms;
};

struct Explanation {
  model::ObjectKey pod;
  bool found = false;

  std::string qos;   // "HLS", "LS", "BE"
  std::string qos_reason;
  bool offline = false;
  std::string pool;
  std::string band;
  std::int32_t priority = 0;
  std::vector<std::string> warnings;

  std::string state;                           // in one word or two
  std::string waiting_for;                     // in a sentence; empty once bound
  std::optional<model::NodeName> node;         // bound there, or being bound
  std::optional<model::NodeName> nominated;    // room is being made for it there
  std::string message;                         // the last one written to the pod's condition
  std::optional<std::size_t> queue_position;   // pods tried before it

  // Of a pod that is to be placed: as every node answers now.
  std::int32_t nodes = 0;
  std::vector<Refusal> filters;
  std::vector<NodeScore> best;   // at most five, best first
  std::vector<std::string> would_help;
};

std::string to_text(const Explanation& explanation);

}   // namespace ebb::core::placement
