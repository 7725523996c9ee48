#include "kube/decode_fields.h"

namespace ebb::kube {
namespace {

enum class TermPart { labels, fields };

Status read_requirements(JsonValue value, TermPart part, model::LabelSelector& out) {
  return each_item(value, [&](JsonValue item) -> Status {
    std::string key;
    std::string_view op;
    std::vector<std::string> values;
    EBB_TRY_VOID(each_field(item, [&](std::string_view name, JsonValue field) -> Status {
      if (name == "key") return read(field, key);
      if (name == "values") return each_item(field, [&](JsonValue text) { return read(text, values.emplace_back()); });
      if (name == "operator") {
        EBB_TRY(op, read_view(field));
      }
      return {};
    }));
    EBB_TRY(const model::SelectorOperator parsed, model::parse_selector_operator(op));
    auto requirement = part == TermPart::labels ? model::make_requirement(std::move(key), parsed, std::move(values))
                                                : model::make_field_requirement(std::move(key), parsed, std::move(values));
    if (!requirement) return std::unexpected(std::move(requirement).error());
    out.requirements.push_back(*std::move(requirement));
    return {};
  });
}

Status read_term(JsonValue value, model::NodeSelectorTerm& term) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "matchExpressions") return read_requirements(field, TermPart::labels, term.match_labels);
    if (key == "matchFields") return read_requirements(field, TermPart::fields, term.match_fields);
    return {};
  });
}

bool is_empty(const model::NodeSelectorTerm& term) { return term.match_labels.empty() && term.match_fields.empty(); }

Status read_required(JsonValue value, model::Pod& pod) {
  if (json_is_null(value)) return {};
  pod.has_required_node_affinity = true;
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key != "nodeSelectorTerms") return {};
    return each_item(field, [&](JsonValue item) -> Status {
      model::NodeSelectorTerm term;
      EBB_TRY_VOID(read_term(item, term));
      // An empty term matches no node; left out, because an empty selector matches all.
      if (!is_empty(term)) pod.required_node_terms.push_back(std::move(term));
      return {};
    });
  });
}

Status read_preferred(JsonValue value, model::Pod& pod) {
  return each_item(value, [&](JsonValue item) -> Status {
    model::PreferredNodeTerm preferred;
    EBB_TRY_VOID(each_field(item, [&](std::string_view key, JsonValue field) -> Status {
      if (key == "weight") return read(field, preferred.weight);
      if (key == "preference") return read_term(field, preferred.term);
      return {};
    }));
    if (!is_empty(preferred.term)) pod.preferred_node_terms.push_back(std::move(preferred));
    return {};
  });
}

}   // namespace

Status read_node_affinity(JsonValue value, model::Pod& pod) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "requiredDuringSchedulingIgnoredDuringExecution") return read_required(field, pod);
    if (key == "preferredDuringSchedulingIgnoredDuringExecution") return read_preferred(field, pod);
    return {};
  });
}

}   // namespace ebb::kube
