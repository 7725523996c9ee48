#include "sandbox/schema/custom_schema.h"
#include "sandbox/schema/report.h"

#include <algorithm>
#include <set>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kMixedCase = "may have mixed case, but should otherwise match: ";

std::string lower(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small;
}

void validate_kind_name(Report& report, std::string_view name, const std::string& field) {
  if (name.empty()) return report.required(field);
  for (const std::string& problem : names::label_1035(lower(name)))
    report.invalid(field, json::value(name), fmt::format("{}{}", kMixedCase, problem));
}

void validate_names(Report& report, const json::object& spec) {
  const std::string_view plural = string_at(spec, "names.plural");
  if (plural.empty())
    report.required("spec.names.plural");
  else
    report.named("spec.names.plural", plural, names::label_1035(plural));
  const std::string_view singular = string_at(spec, "names.singular");
  if (!singular.empty()) report.named("spec.names.singular", singular, names::label_1035(singular));
  validate_kind_name(report, string_at(spec, "names.kind"), "spec.names.kind");
  validate_kind_name(report, string_at(spec, "names.listKind"), "spec.names.listKind");
  if (const json::array* short_names = array_at(spec, "names.shortNames")) {
    for (std::size_t i = 0; i < short_names->size(); ++i) {
      if (!(*short_names)[i].is_string()) continue;
      const std::string_view name = (*short_names)[i].get_string();
      report.named(fmt::format("spec.names.shortNames[{}]", i), name, names::label_1035(name));
    }
  }
}

void validate_schema(Report& report, const json::object& version, const std::string& field) {
  const json::object* schema = object_at(version, "schema.openAPIV3Schema");
  if (!schema) return report.required(field + ".schema.openAPIV3Schema");
  for (FieldError& problem : structural_problems(*schema, field + ".schema.openAPIV3Schema")) report.add(std::move(problem));
}

void validate_columns(Report& report, const json::object& version, const std::string& field) {
  const json::array* columns = array_at(version, "additionalPrinterColumns");
  for (std::size_t i = 0; columns && i < columns->size(); ++i) {
    if (!(*columns)[i].is_object()) continue;
    const json::object& column = (*columns)[i].get_object();
    const std::string here = fmt::format("{}.additionalPrinterColumns[{}]", field, i);
    if (string_at(column, "name").empty()) report.required(here + ".name");
    if (string_at(column, "type").empty())
      report.required(here + ".type");
    else
      check_one_of(report, column, "type", here, {"boolean", "date", "integer", "number", "string"});
    if (string_at(column, "jsonPath").empty()) report.required(here + ".jsonPath");
  }
}

void validate_versions(Report& report, const json::object& spec) {
  const json::array none;
  const json::array* found = array_at(spec, "versions");
  const json::array& versions = found ? *found : none;
  std::set<std::string> seen;
  std::size_t stored = 0;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (!versions[i].is_object()) continue;
    const json::object& version = versions[i].get_object();
    const std::string field = fmt::format("spec.versions[{}]", i);
    const std::string name(string_at(version, "name"));
    report.named(field + ".name", name, names::label_1035(name));
    if (!seen.insert(name).second) report.invalid("spec.versions", versions, "must contain unique version names");
    stored += bool_at(version, "storage") ? 1 : 0;
    validate_schema(report, version, field);
    validate_columns(report, version, field);
  }
  if (stored != 1) report.invalid("spec.versions", versions, "must have exactly one version marked as storage version");
}

bool is_established(const json::object& definition) {
  const json::array* conditions = array_at(definition, "status.conditions");
  return conditions && std::ranges::any_of(*conditions, [](const json::value& condition) {
           return string_at(condition, "type") == "Established" && string_at(condition, "status") == "True";
         });
}

}   // namespace

void validate_definition(Report& report, const json::object& object, const json::object* previous) {
  const json::object none;
  const json::object* found = object_at(object, "spec");
  const json::object& spec = found ? *found : none;
  const std::string_view group = string_at(spec, "group");
  const std::string_view name = string_at(object, "metadata.name");
  if (name != fmt::format("{}.{}", string_at(spec, "names.plural"), group)) {
    report.invalid("metadata.name", json::value(name), "must be spec.names.plural+\".\"+spec.group");
  }
  if (group.empty())
    report.required("spec.group");
  else {
    report.named("spec.group", group, names::subdomain(group));
    if (group.find('.') == std::string_view::npos && names::subdomain(group).empty())
      report.invalid("spec.group", json::value(group), "should be a domain with at least one dot");
  }
  const std::string_view scope = string_at(spec, "scope");
  if (scope.empty())
    report.required("spec.scope");
  else if (scope != "Cluster" && scope != "Namespaced")
    report.unsupported("spec.scope", json::value(scope), {"Cluster", "Namespaced"});
  validate_versions(report, spec);
  validate_names(report, spec);
  if (!previous) return;
  check_immutable(report, object, previous, "spec.group");
  check_immutable(report, object, previous, "spec.names.plural");
  if (!is_established(*previous)) return;
  check_immutable(report, object, previous, "spec.scope");
  check_immutable(report, object, previous, "spec.names.kind");
}

}   // namespace ebb::sandbox
