#pragma once

// The same object under another API version: events of core/v1 and events.k8s.io/v1 are one thing
// with other names for its fields, as are the two HorizontalPodAutoscalers. The versions of a custom
// resource differ in apiVersion, and in what their schemas prune and default on reading.

#include "sandbox/api/served_kind.h"
#include "sandbox/json/json.h"

namespace ebb::sandbox {

// May an object as it is served differ from the stored one in more than apiVersion?
bool converts_fields(const ServedKind& kind);

// From the served version to the one in which objects are kept, and back. Both set apiVersion.
void to_storage(const ServedKind& kind, json::object& object);
void from_storage(const ServedKind& kind, json::object& object);

}   // namespace ebb::sandbox
