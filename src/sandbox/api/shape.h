#pragma once

// The first look at an object that a client sent: is it of the kind, in the namespace and under the
// name that the URL says, and does it have only fields that the kind has.

#include "sandbox/api/objects.h"

namespace ebb::sandbox {

// Fills in apiVersion, kind and namespace where they are missing. `key.name` empty: any name. Errors: 400.
Answer<void> identify(const ServedKind& kind, const model::ObjectKey& key, json::object& object);

// Prunes and brings into stored form; unknown and duplicate fields are dropped, warned of, or refused. Errors: 400.
Answer<void> shape(const ServedKind& kind, json::object& object, const WriteContext& context);

// A CustomResourceDefinition must be one that can be served. Errors: 422.
Answer<void> check_definition(const ServedKind& kind, const json::object& object);

}   // namespace ebb::sandbox
