#include "core/placement/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace ebb::core::placement {

void Refusals::count(Filter filter, std::string reason, const model::NodeName& node, std::int32_t times) {
  const auto before = [](const Refusal& a, const std::pair<Filter, std::string_view>& b) {
    return std::pair<Filter, std::string_view>(a.filter, a.reason) < b;
  };
  const auto at = std::lower_bound(list.begin(), list.end(), std::pair<Filter, std::string_view>(filter, reason), before);
  if (at != list.end() && at->filter == filter && at->reason == reason) {
    at->nodes += times;
    if (node < at->example) at->example = node;
    return;
  }
  list.insert(at, Refusal{filter, std::move(reason), times, node});
}

FilterSet Refusals::filters() const {
  FilterSet set = 0;
  for (const Refusal& refusal : list) set = static_cast<FilterSet>(set | bit(refusal.filter));
  return set;
}

std::string Refusals::message() const {
  if (nodes == 0) return "no nodes available to schedule pods";
  std::vector<std::string> parts;
  parts.reserve(list.size());
  for (const Refusal& refusal : list) parts.push_back(fmt::format("{} {}", refusal.nodes, refusal.reason));
  // The default scheduler sorts the finished texts, counts included.
  std::ranges::sort(parts);
  return fmt::format("0/{} nodes are available: {}.", nodes, fmt::join(parts, ", "));
}

}   // namespace ebb::core::placement
