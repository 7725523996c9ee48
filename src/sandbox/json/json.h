#pragma once

// JSON trees of the embedded control plane. Boost.JSON keeps members in order of insertion and
// numbers apart as int64, uint64 and double, which is what Kubernetes objects need.

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace ebb::sandbox {

namespace json = boost::json;

// The member at a dotted path of object keys ("metadata.labels"), or nullptr where any step is
// missing or no object. Keys that hold dots themselves are reached with find_member.
const json::value* find_path(const json::value& root, std::string_view dotted);
const json::value* find_member(const json::value& object, std::string_view key);
// Text at a dotted path; empty where it is missing or not a string.
std::string_view string_at(const json::value& root, std::string_view dotted);

// The same for a tree whose root is known to be an object. What is missing or of another type is
// nullptr, nullopt, empty or false.
const json::value* find_path(const json::object& root, std::string_view dotted);
std::string_view string_at(const json::object& root, std::string_view dotted);
const json::object* object_at(const json::object& root, std::string_view dotted);
const json::array* array_at(const json::object& root, std::string_view dotted);
std::optional<std::int64_t> integer_at(const json::object& root, std::string_view dotted);
bool bool_at(const json::object& root, std::string_view dotted);

}   // namespace ebb::sandbox
