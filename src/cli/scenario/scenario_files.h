#pragma once

// Scenario files on disk: found, read, run.

#include "base/result.h"
#include "cli/scenario/check.h"

#include <string>
#include <vector>

namespace ebb::cli::scenario {

// `paths` are files, and folders of which every *.yaml and *.yml is meant, in order of name. Errors:
// not_found.
Result<std::vector<std::string>> scenario_files(const std::vector<std::string>& paths);

// Files that the scenario names are looked for from its own folder. Errors: io, not_found.
Result<Outcome> run_scenario_file(const std::string& path);

}   // namespace ebb::cli::scenario
