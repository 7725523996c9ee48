#pragma once

// JSON trees of the embedded control plane. Boost.JSON keeps members in order of insertion and
// numbers apart as int64, uint64 and double, which is what Kubernetes objects need.

#include <boost/json.hpp>

#include <string_view>

namespace ebb::sandbox {

namespace json = boost::json;

// The member at a dotted path of object keys ("metadata.labels"), or nullptr where any step is
// missing or no object. Keys that hold dots themselves are reached with find_member.
const json::value* find_path(const json::value& root, std::string_view dotted);
const json::value* find_member(const json::value& object, std::string_view key);
// Text at a dotted path; empty where it is missing or not a string.
std::string_view string_at(const json::value& root, std::string_view dotted);

}   // namespace ebb::sandbox
