#pragma once

// Pods of a scenario: from manifests as users have them (Deployment, Job, Pod ...) or in short form.

#include "base/result.h"
#include "cli/scenario/fields.h"
#include "cli/scenario/scenario.h"
#include "model/yaml.h"

#include <vector>

namespace ebb::cli::scenario {

// A file that the scenario names, by its path in the scenario; gives its text.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

// An entry of `workloads`: a file of manifests, or one manifest.
void read_workload(FieldReader& reader, const Located& where, const ReadFile& read_file, std::vector<PodGroup>& groups);

// An entry of `pods`.
void read_short_pod(FieldReader& reader, const Located& where, std::vector<PodGroup>& groups);

}   // namespace ebb::cli::scenario
