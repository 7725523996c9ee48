#pragma once

// The openAPIV3Schema of a CustomResourceDefinition: is it structural, and what does it say of values.

#include "sandbox/schema/schema.h"

#include <string>
#include <vector>

namespace ebb::sandbox {

// What is wrong with the schema itself; `path` is where it stands in the definition.
std::vector<FieldError> structural_problems(const json::object& open_api_v3_schema, const std::string& path);

// What is wrong with a custom resource under its schema.
std::vector<FieldError> custom_problems(const Schema& schema, const json::object& object);

}   // namespace ebb::sandbox
