#pragma once

// Objects of a scenario that are neither pods nor nodes, as users have them in Kubernetes YAML: namespaces,
// services, budgets, storage, pod groups of the three dialects, queues, priority classes.

#include "cli/scenario/fields.h"
#include "cli/scenario/scenario.h"
#include "cli/scenario/workloads.h"

#include <vector>

namespace ebb::cli::scenario {

// An entry of `objects`: a manifest, or {file: PATH} with any number of them.
void read_object(FieldReader& reader, const Located& where, const ReadFile& read_file, std::vector<ObjectChange>& objects);

// An entry of `removeObjects`: "Kind/name" or "Kind/namespace/name".
void read_object_name(FieldReader& reader, const Located& where, std::vector<ObjectName>& names);

// The claims that a pod's ephemeral volumes are made of, by volume. `spec` is the pod's. Errors: invalid.
Result<std::vector<std::pair<std::string, model::VolumeClaim>>> ephemeral_claims(const model::YamlNode& spec);

}   // namespace ebb::cli::scenario
