#pragma once

// Steps into JSON trees that requests and strategies take all the time: a member that may be
// missing, one that is made where it is missing, and metadata.

#include "sandbox/json/json.h"

#include <string>
#include <string_view>

namespace ebb::sandbox {

// The member as an object or array; nullptr where it is missing or of another type.
const json::object* object_in(const json::object& parent, std::string_view name);
json::object* object_in(json::object& parent, std::string_view name);
const json::array* array_in(const json::object& parent, std::string_view name);
json::array* array_in(json::object& parent, std::string_view name);
// Makes it (empty) where it is missing or of another type.
json::object& ensure_object(json::object& parent, std::string_view name);

// Text of a member; empty where it is missing or no text. Valid as long as the tree is not changed.
std::string_view text_in(const json::object& parent, std::string_view name);
std::int64_t integer_in(const json::object& parent, std::string_view name, std::int64_t otherwise);
bool flag_in(const json::object& parent, std::string_view name);

// The metadata of an object; an empty one where it has none.
const json::object& metadata_of(const json::object& object);
std::string_view metadata_text(const json::object& object, std::string_view name);

// Member by member down a dotted path of plain keys; nullptr where a step is missing.
const json::value* value_at(const json::object& root, std::string_view dotted);
// The scalar there as text ("3", "true"); empty where it is missing or no scalar.
std::string scalar_text(const json::value* value);

// Copies a member, or removes it where `from` has none.
void copy_member(json::object& to, const json::object& from, std::string_view name);
bool same_member(const json::object& a, const json::object& b, std::string_view name);

std::string_view view(const json::string& text);

}   // namespace ebb::sandbox
