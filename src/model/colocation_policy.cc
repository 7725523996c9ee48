#include "model/colocation_policy.h"

#include "base/check.h"
#include "model/policy_check.h"
#include "model/policy_fields.h"

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

ColocationPolicy with_overrides(const ColocationPolicy& policy, const NodeOverlayEntry& entry) {
  ColocationPolicy merged = policy;
  for (const FieldSetting& setting : entry.overrides) {
    const PolicyField* field = find_policy_field(setting.key);
    EBB_CHECK(field != nullptr);
    field->set(merged, setting.value);
  }
  return merged;
}

namespace {

// The policy with the entry's fields, but for those that contradict it or each other there.
ColocationPolicy merged_where_it_agrees(const ColocationPolicy& policy, NodeOverlayEntry entry) {
  while (!entry.overrides.empty()) {
    ColocationPolicy merged = with_overrides(policy, entry);
    const std::vector<Contradiction> contradictions = check_policy(merged);
    if (contradictions.empty()) return merged;
    const auto dropped = std::erase_if(entry.overrides, [&](const FieldSetting& setting) {
      return std::ranges::any_of(contradictions, [&](const Contradiction& contradiction) {
        return std::ranges::find(contradiction.involved, setting.key) != contradiction.involved.end();
      });
    });
    if (dropped == 0) break;
  }
  return policy;
}

}   // namespace

NodePolicy resolve_node_policy(const ColocationPolicy* policy, const NodeOverlay& overlay, const Labels& node_labels) {
  NodePolicy resolved;
  const NodeOverlayEntry* entry = overlay.first_match(node_labels);
  if (policy != nullptr) {
    const ColocationPolicy merged = entry != nullptr ? merged_where_it_agrees(*policy, *entry) : *policy;
    resolved.resource_sharing = merged.resource_sharing;
    resolved.eviction = merged.eviction;
    resolved.isolation = merged.isolation;
  }
  if (entry != nullptr) {
    resolved.max_offline_pods = entry->max_offline_pods;
    resolved.reserve_cpu = entry->reserve_cpu;
    resolved.reserve_memory = entry->reserve_memory;
  }
  const bool wanted = entry != nullptr ? entry->colocation_enabled : labelled_for_colocation(node_labels);
  resolved.colocation = policy != nullptr && policy->enabled && wanted;
  return resolved;
}

}   // namespace ebb::model
