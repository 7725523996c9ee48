#pragma once

// What one node says to a pod that is to be placed: no and why, or how good it is.

#include "core/placement/filter.h"
#include "core/placement/node_score.h"
#include "model/names.h"

#include <optional>
#include <string>
#include <vector>

namespace ebb::core::placement {

struct NodeAnswer {
  model::NodeName node;
  std::optional<Filter> refused_by;
  std::vector<std::string> reasons;   // of that filter
  std::vector<ScoreTerm> terms;       // where nothing refuses
};

}   // namespace ebb::core::placement
