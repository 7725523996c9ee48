#pragma once

// How values are taken apart for ownership, and the step (k:{...}, v:...) by which an element of a
// keyed list or set is known.

#include "sandbox/schema/structure.h"

#include <string>
#include <string_view>

namespace ebb::sandbox {

enum class Form { leaf, members, elements };

// Into what `value` divides under `schema`.
Form form_of(const Schema& schema, const json::value& value);

// The schema of an object's member; never null: members without a schema are deduced from their values.
const Schema& schema_of_member(const Schema& schema, std::string_view key);

// Key members that are missing take the schema's default or are left out.
std::string element_step(const Schema& list, const json::value& element);

}   // namespace ebb::sandbox
