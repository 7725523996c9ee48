#pragma once

// Completion indexes of an Indexed Job as its status keeps them: "0-3,5,7-9".

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace ebb::sandbox::control {

using IndexSet = std::set<std::int32_t>;

// What is not an index or range, or lies outside [0, limit), is left out.
IndexSet parse_indexes(std::string_view text, std::int64_t limit);
// Three or more in a row become a range, as Kubernetes writes them.
std::string to_string(const IndexSet& indexes);

}   // namespace ebb::sandbox::control
