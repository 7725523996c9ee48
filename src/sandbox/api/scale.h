#pragma once

// autoscaling/v1 Scale as a view of an object that has replicas.

#include "sandbox/api/call.h"

namespace ebb::sandbox {

json::object scale_of(const json::object& object, const ScalePaths& paths);
// The Scale that a PUT or PATCH asks for. Errors: 400, 405, 415, 422.
Answer<json::object> wanted_scale(const json::object& current, const Call& call, WriteContext& context);
// Writes its replicas into the object. Errors: 409, 422.
Answer<void> set_scale(const ServedKind& kind, json::object& object, const json::object& scale, const ScalePaths& paths);

}   // namespace ebb::sandbox
