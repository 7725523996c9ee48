#pragma once

// What each kind does on its way in, beyond its schema: whose status survives which write, when the
// generation rises, who may be written without a resource version, how long a deletion waits.

#include "base/time.h"
#include "sandbox/api/served_kind.h"
#include "sandbox/json/json.h"

#include <optional>
#include <string_view>

namespace ebb::sandbox {

// Sets what the server owns in a new object: status, generation, finalizers of namespaces.
void prepare_create(const ServedKind& kind, json::object& object);

// Takes from `after` only what a write to this subresource may change; the rest is as in `before`.
// Raises metadata.generation where the desired state differs.
void prepare_update(const ServedKind& kind, std::string_view subresource, const json::object& before, json::object& after);

// A PUT without resourceVersion overwrites.
bool allows_unconditional_update(const ServedKind& kind);
// A PUT creates what does not exist.
bool allows_create_on_update(const ServedKind& kind);
// A DELETE is answered with the object, not with a Status.
bool returns_deleted_object(const ServedKind& kind);

// Seconds that this object's deletion waits for its kubelet; nothing: it is deleted at once.
std::optional<std::int64_t> deletion_grace(const ServedKind& kind, const json::object& object, std::optional<std::int64_t> asked);

// Guaranteed, Burstable or BestEffort, from the CPU and memory of all containers.
std::string_view quality_of_service(const json::object& pod);

}   // namespace ebb::sandbox
