#include "core/volumes/reach.h"

#include <algorithm>
#include <array>

namespace ebb::core::volumes {
namespace {

constexpr std::array kZoneLabels{kBetaZone, kBetaRegion, kZone, kRegion};

std::string_view todays_label(std::string_view label) {
  if (label == kBetaZone) return kZone;
  if (label == kBetaRegion) return kRegion;
  return label;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}   // namespace

bool any_matches(const std::vector<model::NodeSelectorTerm>& terms, const model::Labels& node) {
  return std::ranges::any_of(terms, [&](const model::NodeSelectorTerm& term) {
    if (term.match_labels.empty() && term.match_fields.empty()) return false;
    return term.match_labels.matches(node) && (term.match_fields.empty() || term.match_fields.matches({}));
  });
}

bool reachable(const model::Volume& volume, const model::Labels& node) {
  if (!volume.has_node_affinity && volume.node_terms.empty()) return true;
  return any_matches(volume.node_terms, node);
}

bool provides_for(const model::StorageClass& storage_class, const model::Labels& node) {
  return storage_class.allowed_topologies.empty() || any_matches(storage_class.allowed_topologies, node);
}

std::vector<std::string> split_zones(std::string_view label) {
  constexpr std::string_view kBetween = "__";
  std::vector<std::string> zones;
  for (;;) {
    const std::size_t end = label.find(kBetween);
    zones.emplace_back(trimmed(label.substr(0, end)));
    if (end == std::string_view::npos) return zones;
    label.remove_prefix(end + kBetween.size());
  }
}

std::vector<ZoneDemand> zone_demands(const model::Volume& volume) {
  std::vector<ZoneDemand> demands;
  for (const std::string_view key : kZoneLabels) {
    const auto label = volume.labels.find(key);
    if (label == volume.labels.end()) continue;
    std::vector<std::string> values = split_zones(label->second);
    if (std::ranges::find(values, std::string()) != values.end()) continue;
    demands.push_back({std::string(key), std::move(values)});
  }
  return demands;
}

bool in_zone(const std::vector<ZoneDemand>& demands, const model::Labels& node) {
  if (demands.empty()) return true;
  if (std::ranges::none_of(kZoneLabels, [&](std::string_view key) { return node.contains(key); })) return true;
  return std::ranges::all_of(demands, [&](const ZoneDemand& demand) {
    auto value = node.find(demand.key);
    if (value == node.end()) value = node.find(todays_label(demand.key));
    return value != node.end() && std::ranges::find(demand.values, value->second) != demand.values.end();
  });
}

Reach reach_of(const std::vector<model::SelectorRequirement>& requirements) {
  const model::SelectorRequirement* narrowest = nullptr;
  for (const model::SelectorRequirement& requirement : requirements) {
    if (requirement.op != model::SelectorOperator::in || requirement.values.empty()) continue;
    if (narrowest == nullptr || requirement.values.size() < narrowest->values.size()) narrowest = &requirement;
  }
  return narrowest == nullptr ? Reach{} : Reach{narrowest->key, narrowest->values};
}

Reach reach_of(const model::Volume& volume) {
  return volume.node_terms.size() == 1 ? reach_of(volume.node_terms.front().match_labels.requirements) : Reach{};
}

}   // namespace ebb::core::volumes
