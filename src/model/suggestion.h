#pragma once

// "did you mean": the nearest of the words that would have been right.

#include <optional>
#include <span>
#include <string_view>

namespace ebb::model {

// None where nothing is near: more than a third of the letters would have to change. Letter case does not
// count, and two letters swapped are one change.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

}   // namespace ebb::model
