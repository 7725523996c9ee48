#pragma once

// The operations on objects that server-side apply is made of. All of them follow the schema:
// atomic values have one owner, other objects, maps and keyed lists one per member.

#include "sandbox/schema/field_set.h"
#include "sandbox/schema/structure.h"

#include <string>
#include <vector>

namespace ebb::sandbox {

// Every path of `value` that can have an owner.
FieldSet field_set_of(const Schema& schema, const json::value& value);

struct Comparison {
  FieldSet added, modified, removed;
};
Comparison compare(const Schema& schema, const json::value& before, const json::value& after);

// `applied` laid over `live`; lists keep the applied order where both have an opinion.
json::value merged(const Schema& schema, const json::value& live, const json::value& applied);

// `value` without the paths in `set`.
json::value without_paths(const Schema& schema, const json::value& value, const FieldSet& set);

// The set with every named field on the way to its paths.
FieldSet with_named_fields(const Schema& schema, const FieldSet& set);

// What keeps `value` from being applied: unknown fields, wrong types, elements without their keys
// or twice: ".spec.foo: field not declared in schema".
std::vector<std::string> problems_of_applied(const Schema& schema, const json::value& value);

}   // namespace ebb::sandbox
