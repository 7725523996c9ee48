#include "model/profile/node_affinity_parser.h"

#include <fmt/format.h>

#include <array>

namespace ebb::model {
namespace {

constexpr std::string_view kNameField = "metadata.name";

std::optional<SelectorRequirement> read_requirement(ConfigReader& reader, const ConfigNode& at, bool of_fields) {
  constexpr auto kKnown = std::to_array<std::string_view>({"key", "operator", "values"});
  std::string key;
  std::string op;
  std::vector<std::string> values;
  for (const auto& [name, value] : reader.members(at, kKnown)) {
    if (name == "key") key = reader.text(value).value_or("");
    if (name == "operator") op = reader.text(value).value_or("");
    if (name == "values") values = reader.texts(value);
  }
  const auto parsed = parse_selector_operator(op);
  if (!parsed) {
    reader.refuse(at, op.empty() ? "operator is missing: In, NotIn, Exists, DoesNotExist, Gt, Lt are known" : parsed.error().message);
    return std::nullopt;
  }
  if (of_fields && key != kNameField) {
    reader.refuse(at, fmt::format("'{}' is not a field to match: {} is the only one", key, kNameField));
    return std::nullopt;
  }
  auto requirement = of_fields ? make_field_requirement(key, *parsed, values) : make_requirement(key, *parsed, values);
  if (requirement) return *std::move(requirement);
  reader.refuse(at, requirement.error().message);
  return std::nullopt;
}

LabelSelector read_requirements(ConfigReader& reader, const ConfigNode& list, bool of_fields) {
  LabelSelector selector;
  for (const ConfigNode& item : reader.items(list)) {
    if (auto requirement = read_requirement(reader, item, of_fields)) selector.requirements.push_back(*std::move(requirement));
  }
  return selector;
}

// Nothing where the term is empty: such a term matches no node.
std::optional<NodeSelectorTerm> read_term(ConfigReader& reader, const ConfigNode& at) {
  constexpr auto kKnown = std::to_array<std::string_view>({"matchExpressions", "matchFields"});
  NodeSelectorTerm term;
  for (const auto& [key, value] : reader.members(at, kKnown)) {
    if (key == "matchExpressions") term.match_labels = read_requirements(reader, value, false);
    if (key == "matchFields") term.match_fields = read_requirements(reader, value, true);
  }
  if (term.match_labels.empty() && term.match_fields.empty()) return std::nullopt;
  return term;
}

void read_required(ConfigReader& reader, const ConfigNode& at, NodeAffinityArgs& args) {
  constexpr auto kKnown = std::to_array<std::string_view>({"nodeSelectorTerms"});
  args.has_required = true;
  for (const auto& [key, value] : reader.members(at, kKnown)) {
    for (const ConfigNode& item : reader.items(value)) {
      if (auto term = read_term(reader, item)) args.required.push_back(*std::move(term));
    }
  }
}

void read_preferred(ConfigReader& reader, const ConfigNode& at, NodeAffinityArgs& args) {
  constexpr auto kKnown = std::to_array<std::string_view>({"weight", "preference"});
  for (const ConfigNode& item : reader.items(at)) {
    std::int32_t weight = 0;
    std::optional<NodeSelectorTerm> term;
    for (const auto& [key, value] : reader.members(item, kKnown)) {
      if (key == "weight") weight = reader.int32(value).value_or(0);
      if (key == "preference") term = read_term(reader, value);
    }
    if (weight != 0 && term) args.preferred.push_back({weight, *std::move(term)});
  }
}

}   // namespace

NodeAffinityArgs read_node_affinity(ConfigReader& reader, const ConfigNode& affinity) {
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"});
  NodeAffinityArgs args;
  for (const auto& [key, value] : reader.members(affinity, kKnown)) {
    if (key == kKnown[0]) read_required(reader, value, args);
    if (key == kKnown[1]) read_preferred(reader, value, args);
  }
  return args;
}

}   // namespace ebb::model
