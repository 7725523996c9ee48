#pragma once

// What Kubernetes' Go types hold where nothing was said, and what counts as nothing.

#include "sandbox/json/json.h"

namespace ebb::sandbox {

struct Schema;

// 0, "", false, null, [] and {}.
bool is_zero(const json::value& value);

// An object has those of its fields that are written even when they are empty.
json::value zero_value(const Schema& schema);

}   // namespace ebb::sandbox
