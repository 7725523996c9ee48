#pragma once

// The CustomResourceDefinitions of Ebb's own kinds, ColocationPolicy and NodeReport, as JSON text. The
// policy's fields come from the table in policy_fields.h; deploy/crds holds the same as YAML files.

#include <string>
#include <vector>

namespace ebb::model {

// openAPIV3Schema of one kind.
std::string colocation_policy_schema();
std::string node_report_schema();

// The whole apiextensions.k8s.io/v1 object.
std::string colocation_policy_definition();
std::string node_report_definition();

inline std::vector<std::string> custom_resource_definitions() { return {colocation_policy_definition(), node_report_definition()}; }

}   // namespace ebb::model
