#include "core/colocation/priority_band.h"

#include "base/check.h"

namespace ebb::core {

std::string_view to_string(PriorityBand band) {
  switch (band) {
    case PriorityBand::low: return "low";
    case PriorityBand::normal: return "normal";
    case PriorityBand::high: return "high";
    case PriorityBand::critical: return "critical";
  }
  EBB_UNREACHABLE();
}

std::optional<PriorityBand> parse_priority_band(std::string_view text) {
  for (const auto band : {PriorityBand::low, PriorityBand::normal, PriorityBand::high, PriorityBand::critical}) {
    if (to_string(band) == text) return band;
  }
  return std::nullopt;
}

}   // namespace ebb::core
