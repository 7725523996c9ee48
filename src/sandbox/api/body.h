#pragma once

// A request's body as a JSON tree, and what is wrong with it before any schema is asked: content
// type, size, syntax, depth, keys that occur twice.

#include "sandbox/api/failure.h"
#include "sandbox/json/json.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

inline constexpr std::size_t kBodyBytesMax = 3u << 20;   // upstream's limit

// "application/json; charset=utf-8" is application/json.
std::string media_type(std::string_view content_type);

Answer<json::value> parse_body(std::string_view body);
// A JSON object sent as application/json, or one of the few messages of protobuf.h. Errors: 415 for all else, 413, 400.
Answer<json::object> parse_object(std::string_view content_type, std::string_view body);

// Dotted paths of the keys that occur more than once in their object. Requires: valid JSON.
std::vector<std::string> duplicate_keys(std::string_view text);

}   // namespace ebb::sandbox
