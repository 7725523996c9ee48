#include "model/colocation_policy.h"

#include <algorithm>

namespace ebb::model {
namespace {

constexpr Permille kDefaultWaterLine{600};

bool matches(const NodeOverlayEntry& entry, const Labels& node_labels) {
  return std::ranges::all_of(entry.match_labels, [&](const auto& wanted) {
    const auto found = node_labels.find(wanted.first);
    return found != node_labels.end() && found->second == wanted.second;
  });
}

bool labelled_for_colocation(const Labels& node_labels) {
  const auto type = node_labels.find("workload.type");
  return type != node_labels.end() && (type->second == "mixed" || type->second == "offline");
}

}   // namespace

Permille water_line_cpu(const ResourceSharing& sharing, const Eviction& eviction) {
  return eviction.water_line_cpu.value_or(std::min(kDefaultWaterLine, sharing.cpu_threshold));
}

Permille water_line_memory(const ResourceSharing& sharing, const Eviction& eviction) {
  return eviction.water_line_memory.value_or(std::min(kDefaultWaterLine, sharing.memory_threshold));
}

const NodeOverlayEntry* NodeOverlay::first_match(const Labels& node_labels) const {
  const auto found = std::ranges::find_if(entries, [&](const NodeOverlayEntry& entry) { return matches(entry, node_labels); });
  return found == entries.end() ? nullptr : &*found;
}

NodePolicy resolve_node_policy(const ColocationPolicy* policy, const NodeOverlay& overlay, const Labels& node_labels) {
  NodePolicy resolved;
  if (policy != nullptr) {
    resolved.resource_sharing = policy->resource_sharing;
    resolved.eviction = policy->eviction;
    resolved.isolation = policy->isolation;
  }
  const NodeOverlayEntry* entry = overlay.first_match(node_labels);
  if (entry != nullptr) {
    if (entry->resource_sharing) resolved.resource_sharing = *entry->resource_sharing;
    if (entry->eviction) resolved.eviction = *entry->eviction;
    if (entry->isolation) resolved.isolation = *entry->isolation;
    resolved.max_offline_pods = entry->max_offline_pods;
    resolved.reserve_cpu = entry->reserve_cpu;
    resolved.reserve_memory = entry->reserve_memory;
  }
  const bool wanted = entry != nullptr ? entry->colocation_enabled : labelled_for_colocation(node_labels);
  resolved.colocation = policy != nullptr && policy->enabled && wanted;
  return resolved;
}

}   // namespace ebb::model
