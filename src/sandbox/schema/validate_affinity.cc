#include "sandbox/schema/report.h"

namespace ebb::sandbox {

namespace {

void validate_node_term(Report& report, const json::value& term, const std::string& field) {
  const json::value* expressions = find_member(term, "matchExpressions");
  if (!expressions || !expressions->is_array()) return;
  const json::array& list = expressions->get_array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string here = fmt::format("{}.matchExpressions[{}]", field, i);
    const std::string_view op = string_at(list[i], "operator");
    const json::value* values = find_member(list[i], "values");
    const std::size_t count = values && values->is_array() ? values->get_array().size() : 0;
    if (op == "In" || op == "NotIn") {
      if (count == 0) report.required(here + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (count != 0) report.forbidden(here + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else if (op == "Gt" || op == "Lt") {
      if (count != 1) report.required(here + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
    } else {
      report.invalid(here + ".operator", json::value(op), "not a valid selector operator");
    }
    report.named(here + ".key", string_at(list[i], "key"), names::qualified(string_at(list[i], "key")));
  }
}

void validate_weight(Report& report, const json::value& preference, const std::string& field) {
  const json::value* weight = find_member(preference, "weight");
  const std::int64_t number = weight && weight->is_int64() ? weight->get_int64() : 0;
  if (number < 1 || number > 100) report.invalid(field + ".weight", number, "must be in the range 1-100");
}

void validate_node_affinity(Report& report, const json::object& affinity, const std::string& field) {
  if (const json::object* required = object_at(affinity, "requiredDuringSchedulingIgnoredDuringExecution")) {
    const std::string here = field + ".requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    const json::array* terms = array_at(*required, "nodeSelectorTerms");
    if (!terms || terms->empty()) report.required(here, "must have at least one node selector term");
    for (std::size_t i = 0; terms && i < terms->size(); ++i) validate_node_term(report, (*terms)[i], fmt::format("{}[{}]", here, i));
  }
  const json::array* preferred = array_at(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; preferred && i < preferred->size(); ++i) {
    const std::string here = fmt::format("{}.preferredDuringSchedulingIgnoredDuringExecution[{}]", field, i);
    validate_weight(report, (*preferred)[i], here);
    if (const json::value* term = find_member((*preferred)[i], "preference")) validate_node_term(report, *term, here + ".preference");
  }
}

void validate_pod_term(Report& report, const json::value& term, const std::string& field) {
  if (!term.is_object()) return;
  validate_selector(report, object_at(term.get_object(), "labelSelector"), field + ".labelSelector");
  const std::string_view key = string_at(term, "topologyKey");
  if (key.empty()) report.required(field + ".topologyKey", "can not be empty");
  report.named(field + ".topologyKey", key, names::qualified(key));
}

void validate_pod_affinity(Report& report, const json::object& affinity, const std::string& field) {
  const json::array* required = array_at(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; required && i < required->size(); ++i) {
    validate_pod_term(report, (*required)[i], fmt::format("{}.requiredDuringSchedulingIgnoredDuringExecution[{}]", field, i));
  }
  const json::array* preferred = array_at(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; preferred && i < preferred->size(); ++i) {
    const std::string here = fmt::format("{}.preferredDuringSchedulingIgnoredDuringExecution[{}]", field, i);
    validate_weight(report, (*preferred)[i], here);
    if (const json::value* term = find_member((*preferred)[i], "podAffinityTerm"))
      validate_pod_term(report, *term, here + ".podAffinityTerm");
  }
}

}   // namespace

void validate_affinity(Report& report, const json::object& spec, const std::string& field) {
  if (const json::object* node = object_at(spec, "affinity.nodeAffinity"))
    validate_node_affinity(report, *node, field + ".affinity.nodeAffinity");
  for (const std::string_view kind : {"podAffinity", "podAntiAffinity"}) {
    const json::object* affinity = object_at(spec, fmt::format("affinity.{}", kind));
    if (affinity) validate_pod_affinity(report, *affinity, fmt::format("{}.affinity.{}", field, kind));
  }
}

}   // namespace ebb::sandbox
