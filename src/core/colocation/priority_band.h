#pragma once

// The four bands of the annotation scheduling.openfuyao.io/priority. spec.priority comes first in
// every order; the band orders pods of one priority.

#include <optional>
#include <string_view>

namespace ebb::core {

enum class PriorityBand { low, normal, high, critical };   // the larger goes first

inline constexpr std::string_view kPriorityAnnotation = "scheduling.openfuyao.io/priority";
inline constexpr std::string_view kPriorityBands = "critical, high, normal, low";

std::string_view to_string(PriorityBand band);
std::optional<PriorityBand> parse_priority_band(std::string_view text);

}   // namespace ebb::core
