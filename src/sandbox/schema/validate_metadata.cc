#include "model/label_selector.h"
#include "sandbox/schema/report.h"
#include "sandbox/schema/structure.h"

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kAnnotationBytesMax = 256 * 1024;

using NameRule = names::Problems (*)(std::string_view);

NameRule name_rule(const Kind& kind) {
  if (kind.group == "rbac.authorization.k8s.io" || kind.kind == "APIService") return names::path_segment;
  if (kind.group.empty() && kind.kind == "Namespace") return names::namespace_name;
  if (kind.group.empty() && kind.kind == "Service") return names::label;
  return names::subdomain;
}

void validate_name(Report& report, const Kind& kind, const json::object& metadata) {
  const std::string_view name = string_at(metadata, "name");
  const std::string_view base = string_at(metadata, "generateName");
  const NameRule rule = name_rule(kind);
  if (!base.empty()) report.named("metadata.generateName", base, rule(names::prefix_of(base)));
  if (name.empty())
    report.required("metadata.name", "name or generateName is required");
  else
    report.named("metadata.name", name, rule(name));
  const std::string_view ns = string_at(metadata, "namespace");
  if (kind.namespaced && ns.empty())
    report.required("metadata.namespace");
  else if (kind.namespaced)
    report.named("metadata.namespace", ns, names::label(ns));
  else if (!ns.empty())
    report.forbidden("metadata.namespace", "not allowed on this type");
}

void validate_annotations(Report& report, const json::object* annotations) {
  if (!annotations) return;
  std::size_t size = 0;
  for (const auto& [key, value] : *annotations) {
    std::string lower(key);
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    report.named("metadata.annotations", key, names::qualified(lower));
    size += key.size() + (value.is_string() ? value.get_string().size() : 0);
  }
  if (size > kAnnotationBytesMax) report.too_long("metadata.annotations", kAnnotationBytesMax);
}

void validate_owners(Report& report, const json::array* owners) {
  if (!owners) return;
  std::size_t controllers = 0;
  for (std::size_t i = 0; i < owners->size(); ++i) {
    if (!(*owners)[i].is_object()) continue;
    const json::object& owner = (*owners)[i].get_object();
    const std::string field = fmt::format("metadata.ownerReferences[{}]", i);
    if (string_at(owner, "apiVersion").empty()) report.invalid(field + ".apiVersion", "", "version must not be empty");
    for (const std::string_view key : {"kind", "name", "uid"}) {
      if (string_at(owner, key).empty()) report.required(fmt::format("{}.{}", field, key), "must not be empty");
    }
    if (bool_at(owner, "controller") && ++controllers == 2) {
      report.invalid("metadata.ownerReferences", *owners, "Only one reference can have Controller set to true");
    }
  }
}

void validate_finalizers(Report& report, const Kind& kind, const json::array* finalizers) {
  if (!finalizers) return;
  for (std::size_t i = 0; i < finalizers->size(); ++i) {
    if (!(*finalizers)[i].is_string()) continue;
    const std::string_view name = (*finalizers)[i].get_string();
    const std::string field = fmt::format("metadata.finalizers[{}]", i);
    const names::Problems problems = names::qualified(name);
    report.named(kind.group.empty() ? field : "metadata.finalizers", name, problems);
    const bool standard = name == "orphan" || name == "foregroundDeletion" || name == "kubernetes";
    if (problems.empty() && kind.group.empty() && !standard && name.find('/') == std::string_view::npos) {
      report.invalid(field, json::value(name), "name is neither a standard finalizer name nor is it fully qualified");
    }
  }
}

model::Labels labels_of(const json::object* labels) {
  model::Labels map;
  if (!labels) return map;
  for (const auto& [key, value] : *labels) {
    if (value.is_string()) map.emplace(std::string(key), std::string(value.get_string()));
  }
  return map;
}

}   // namespace

void validate_labels(Report& report, const json::object* labels, const std::string& field) {
  if (!labels) return;
  for (const auto& [key, value] : *labels) {
    report.named(field, key, names::qualified(key));
    if (value.is_string()) report.named(field, value.get_string(), names::label_value(value.get_string()));
  }
}

void validate_metadata(Report& report, const Kind& kind, const json::object& object, const json::object* previous) {
  const json::object none;
  const json::object* found = object_at(object, "metadata");
  const json::object& metadata = found ? *found : none;
  validate_name(report, kind, metadata);
  validate_labels(report, object_at(metadata, "labels"), "metadata.labels");
  validate_annotations(report, object_at(metadata, "annotations"));
  validate_owners(report, array_at(metadata, "ownerReferences"));
  validate_finalizers(report, kind, array_at(metadata, "finalizers"));
  if (!previous) return;
  for (const std::string_view key : {"metadata.name", "metadata.namespace", "metadata.uid", "metadata.creationTimestamp"}) {
    if (find_path(*previous, key)) check_immutable(report, object, previous, key);
  }
}

void validate_selector(Report& report, const json::object* selector, const std::string& field) {
  if (!selector) return;
  if (const json::object* labels = object_at(*selector, "matchLabels")) {
    for (const auto& [key, value] : *labels) {
      report.named(field + ".matchLabels", key, names::qualified(key));
      if (value.is_string()) report.named(field + ".matchLabels", value.get_string(), names::label_value(value.get_string()));
    }
  }
  const json::array* expressions = array_at(*selector, "matchExpressions");
  for (std::size_t i = 0; expressions && i < expressions->size(); ++i) {
    if (!(*expressions)[i].is_object()) continue;
    const json::object& expression = (*expressions)[i].get_object();
    const std::string here = fmt::format("{}.matchExpressions[{}]", field, i);
    const std::string_view op = string_at(expression, "operator");
    const json::array* values = array_at(expression, "values");
    const bool valued = values && !values->empty();
    if (op == "In" || op == "NotIn") {
      if (!valued) report.required(here + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (valued) report.forbidden(here + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else {
      report.invalid(here + ".operator", json::value(op), "not a valid selector operator");
    }
    report.named(here + ".key", string_at(expression, "key"), names::qualified(string_at(expression, "key")));
  }
}

bool selector_is_empty(const json::object& selector) {
  const json::object* labels = object_at(selector, "matchLabels");
  const json::array* expressions = array_at(selector, "matchExpressions");
  return (!labels || labels->empty()) && (!expressions || expressions->empty());
}

bool selector_matches(const json::object& selector, const json::object* labels) {
  const model::Labels map = labels_of(labels);
  model::LabelSelector parsed;
  for (const auto& [key, value] : labels_of(object_at(selector, "matchLabels"))) {
    parsed.requirements.push_back({key, model::SelectorOperator::in, {value}});
  }
  if (const json::array* expressions = array_at(selector, "matchExpressions")) {
    for (const json::value& expression : *expressions) {
      const auto op = model::parse_selector_operator(string_at(expression, "operator"));
      if (!op) return false;
      std::vector<std::string> values;
      if (const json::value* list = find_member(expression, "values"); list && list->is_array()) {
        for (const json::value& value : list->get_array()) {
          if (value.is_string()) values.emplace_back(value.get_string());
        }
      }
      parsed.requirements.push_back({std::string(string_at(expression, "key")), *op, std::move(values)});
    }
  }
  return parsed.matches(map);
}

}   // namespace ebb::sandbox
