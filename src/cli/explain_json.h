#pragma once

// What `ebb explain --json` prints: one line of JSON whose names other programs rely on; docs/explain.md lists them.

#include "core/placement/explanation.h"
#include "core/placement/node_explanation.h"

#include <string>

namespace ebb::cli {

std::string to_json_text(const core::placement::Explanation& explanation);
std::string to_json_text(const core::placement::NodeExplanation& explanation);

}   // namespace ebb::cli
