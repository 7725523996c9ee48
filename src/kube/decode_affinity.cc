#include "kube/decode_fields.h"

#include <algorithm>

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

}   // namespace

Status read_node_selector(JsonValue value, std::vector<model::NodeSelectorTerm>& terms, bool& stated) {
  if (json_is_null(value)) return {};
  stated = true;
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key != "nodeSelectorTerms") return {};
    return each_item(field, [&](JsonValue item) -> Status {
      model::NodeSelectorTerm term;
      EBB_TRY_VOID(read_term(item, term));
      // An empty term matches no node; left out, because an empty selector matches all.
      if (!is_empty(term)) terms.push_back(std::move(term));
      return {};
    });
  });
}

namespace {

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

// The selector counts as it stands: the API server has added what matchLabelKeys and mismatchLabelKeys of the
// term say of the pod's own labels (key In, key NotIn), once, when the pod was created.
Status read_affinity_term(JsonValue value, model::PodAffinityTerm& term) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "labelSelector") return read_label_selector(field, term.selector);
    if (key == "namespaces") return read_texts(field, term.namespaces);
    if (key == "namespaceSelector") return read_label_selector(field, term.namespace_selector);
    if (key == "topologyKey") return read(field, term.topology_key);
    return {};
  });
}

Status read_weighted_term(JsonValue value, model::WeightedPodAffinityTerm& weighted) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "weight") return read(field, weighted.weight);
    if (key == "podAffinityTerm") return read_affinity_term(field, weighted.term);
    return {};
  });
}

// "Honor" or "Ignore".
Status read_inclusion(JsonValue value, bool& honor) {
  EBB_TRY(const std::string_view policy, read_view(value));
  if (policy.empty()) return {};
  if (policy != "Honor" && policy != "Ignore") return fail(Errc::invalid, "expected Honor or Ignore, not '{}'", policy);
  honor = policy == "Honor";
  return {};
}

}   // namespace

Status read_label_selector(JsonValue value, std::optional<model::LabelSelector>& out) {
  if (json_is_null(value)) return {};
  model::LabelSelector& selector = out.emplace();
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "matchLabels") {
      return each_field(field, [&](std::string_view label, JsonValue text) -> Status {
        EBB_TRY(const std::string_view wanted, read_view(text));
        selector.requirements.push_back({std::string(label), model::SelectorOperator::in, {std::string(wanted)}});
        return {};
      });
    }
    if (key != "matchExpressions") return {};
    EBB_TRY_VOID(read_requirements(field, TermPart::labels, selector));
    const auto compares = [](const model::SelectorRequirement& one) {
      return one.op == model::SelectorOperator::greater || one.op == model::SelectorOperator::less;
    };
    if (std::ranges::any_of(selector.requirements, compares)) return fail(Errc::invalid, "a label selector has no Gt and no Lt");
    return {};
  });
}

Status read_pod_affinity(JsonValue value, std::vector<model::PodAffinityTerm>& required,
                         std::vector<model::WeightedPodAffinityTerm>& preferred) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "requiredDuringSchedulingIgnoredDuringExecution") {
      return each_item(field, [&](JsonValue item) { return read_affinity_term(item, required.emplace_back()); });
    }
    if (key == "preferredDuringSchedulingIgnoredDuringExecution") {
      return each_item(field, [&](JsonValue item) { return read_weighted_term(item, preferred.emplace_back()); });
    }
    return {};
  });
}

Status read_spread_constraint(JsonValue value, std::vector<model::TopologySpreadConstraint>& out) {
  model::TopologySpreadConstraint& constraint = out.emplace_back();
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "maxSkew") return read(field, constraint.max_skew);
    if (key == "topologyKey") return read(field, constraint.topology_key);
    if (key == "labelSelector") return read_label_selector(field, constraint.selector);
    if (key == "matchLabelKeys") return read_texts(field, constraint.match_label_keys);
    if (key == "minDomains") return read(field, constraint.min_domains);
    if (key == "nodeAffinityPolicy") return read_inclusion(field, constraint.honor_node_affinity);
    if (key == "nodeTaintsPolicy") return read_inclusion(field, constraint.honor_node_taints);
    if (key == "whenUnsatisfiable") {
      EBB_TRY(const std::string_view otherwise, read_view(field));
      constraint.required = otherwise != "ScheduleAnyway";
    }
    return {};
  });
}

Status read_node_affinity(JsonValue value, model::Pod& pod) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "requiredDuringSchedulingIgnoredDuringExecution") {
      return read_node_selector(field, pod.required_node_terms, pod.has_required_node_affinity);
    }
    if (key == "preferredDuringSchedulingIgnoredDuringExecution") return read_preferred(field, pod);
    return {};
  });
}

}   // namespace ebb::kube
