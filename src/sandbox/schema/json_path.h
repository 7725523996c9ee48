#pragma once

// The simple JSONPath of printer columns and selectable fields: .spec.replicas, ['a.b'], .list[0],
// .list[*].name, .conditions[?(@.type=="Ready")].status, with \. for a dot inside a name.

#include "base/result.h"
#include "sandbox/json/json.h"

#include <string_view>
#include <vector>

namespace ebb::sandbox {

// Everything the path leads to, in order. Errors: invalid, for what is no such path.
Result<std::vector<const json::value*>> find_by_json_path(const json::value& root, std::string_view path);

}   // namespace ebb::sandbox
