#pragma once

// The order of lists that are merged by key. Whoever sends a patch says how the elements it knows
// follow each other; elements that only the server knows stay where they were relative to those.

#include "sandbox/json/json.h"

#include <string_view>

namespace ebb::sandbox {

// True if the element is an object whose member `key` is `mark`.
bool has_key(const json::value& element, std::string_view key, const json::value& mark);

// `list` with the elements named in `order` in that order, the rest as in `before`. Elements are
// told apart by their member `key`, or as a whole where it is empty.
json::array in_order(const json::array& list, const json::array& order, const json::array& before, std::string_view key);

// True if the elements of `list` that `order` names come in its order, and all are named.
bool follows_order(const json::array& list, const json::array& order, std::string_view key);

}   // namespace ebb::sandbox
