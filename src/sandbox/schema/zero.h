#pragma once

// What Kubernetes' Go types hold where nothing was said, and what counts as nothing.

#include "sandbox/json/json.h"

namespace ebb::sandbox {

struct Schema;

// 0, "", false, null, [] and {}.
bool is_zero(const json::value& value);

// An object has those of its fields that are written even when they are empty.
json::value zero_value(const Schema& schema);

// The same as Go writes it out before anything is set: lists and maps that are always written are
// null. What a new object is compared with to see who set what.
json::value unset_value(const Schema& schema);

}   // namespace ebb::sandbox
