#include "model/custom_resources.h"

#include "base/check.h"
#include "model/policy_fields.h"
#include "model/policy_parser.h"
#include "model/yaml.h"

#include <fmt/format.h>

#include <initializer_list>
#include <string_view>
#include <utility>

namespace ebb::model {
namespace {

using Members = std::initializer_list<std::pair<std::string_view, std::string>>;   // values are JSON already

std::string object(const Members& members) {
  std::string out = "{";
  for (const auto& [key, value] : members) out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", json_quoted(key), value);
  return out + "}";
}

std::string list(std::initializer_list<std::string> items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + "]";
}

std::string text(std::string_view value) { return json_quoted(value); }

std::string described(std::string_view type, std::string_view help) { return object({{"type", text(type)}, {"description", text(help)}}); }

std::string object_schema(std::string_view help, std::string properties) {
  return object({{"type", text("object")}, {"description", text(help)}, {"properties", std::move(properties)}});
}

std::string list_schema(std::string_view help, std::string items) {
  return object({{"type", text("array")}, {"description", text(help)}, {"items", std::move(items)}});
}

// What every object has at its root, around the given properties.
std::string root_schema(std::string_view help, const Members& properties, std::string_view required) {
  std::string all = object({{"apiVersion", object({{"type", text("string")}})},
                            {"kind", object({{"type", text("string")}})},
                            {"metadata", object({{"type", text("object")}})}});
  all.pop_back();
  for (const auto& [key, schema] : properties) all += fmt::format(",{}:{}", json_quoted(key), schema);
  return object({{"type", text("object")}, {"description", text(help)}, {"required", list({text(required)})}, {"properties", all + "}"}});
}

std::string field_schema(const PolicyField& field) {
  const std::string help = text(fmt::format("{} Allowed: {}. Default: {}.", field.help, allowed_text(field), default_text(field)));
  const std::string low = value_text(field.form, field.low);
  const std::string high = value_text(field.form, field.high);
  switch (field.form) {
    case FieldForm::boolean: return object({{"type", text("boolean")}, {"description", help}});
    case FieldForm::share: return object({{"type", text("number")}, {"description", help}, {"minimum", low}, {"maximum", high}});
    case FieldForm::duration:
      return object(
          {{"type", text("string")}, {"description", help}, {"pattern", text("^(0|([0-9]+([.][0-9]*)?(ns|us|µs|ms|s|m|h|d))+)$")}});
    case FieldForm::whole_seconds:
    case FieldForm::count:
    case FieldForm::percent:
      return object({{"type", text("integer")}, {"format", text("int32")}, {"description", help}, {"minimum", low}, {"maximum", high}});
    case FieldForm::numa_strategy:
      return object({{"type", text("string")},
                     {"description", help},
                     {"enum", list({text(kNumaStrategies[0]), text(kNumaStrategies[1]), text(kNumaStrategies[2])})}});
  }
  EBB_UNREACHABLE();
}

std::string section_properties(std::string_view section) {
  std::string properties = "{";
  for (const std::string_view step : policy_steps(section)) {
    const std::string key = path_of(section, step);
    const PolicyField* field = find_policy_field(key);
    const std::string schema =
        field != nullptr ? field_schema(*field) : object({{"type", text("object")}, {"properties", section_properties(key)}});
    properties += fmt::format("{}{}:{}", properties.size() > 1 ? "," : "", json_quoted(step), schema);
  }
  return properties + "}";
}

std::string conditions_schema() {
  const std::string condition =
      object({{"type", text("object")},
              {"required", list({text("type"), text("status")})},
              {"properties", object({{"type", described("string", "Accepted.")},
                                     {"status", described("string", "True, False or Unknown.")},
                                     {"reason", described("string", "One word for a program.")},
                                     {"message", described("string", "What is wrong, field by field.")},
                                     {"observedGeneration", object({{"type", text("integer")}, {"format", text("int64")}})},
                                     {"lastTransitionTime", object({{"type", text("string")}, {"format", text("date-time")}})}})}});
  return object({{"type", text("array")},
                 {"items", condition},
                 {"x-kubernetes-list-type", text("map")},
                 {"x-kubernetes-list-map-keys", list({text("type")})}});
}

std::string quantity_schema() {
  return object(
      {{"x-kubernetes-int-or-string", "true"}, {"anyOf", list({object({{"type", text("integer")}}), object({{"type", text("string")}})})}});
}

std::string amounts_schema(std::string_view help) {
  return object_schema(help, object({{"cpu", quantity_schema()}, {"memory", quantity_schema()}}));
}

std::string use_schema(std::string_view help) {
  return object_schema(help, object({{"hls", amounts_schema("Use of class HLS.")},
                                     {"ls", amounts_schema("Use of class LS.")},
                                     {"be", amounts_schema("Use of class BE.")},
                                     {"system", amounts_schema("Use outside pods.")}}));
}

struct Names {
  std::string_view kind;
  std::string_view plural;
  std::string_view singular;
};

std::string column(std::string_view name, std::string_view type, std::string_view path) {
  return object({{"name", text(name)}, {"type", text(type)}, {"jsonPath", text(path)}});
}

std::string definition(const Names& names, std::string schema, std::string columns, bool has_status) {
  const std::string group(kPolicyApiVersion.substr(0, kPolicyApiVersion.find('/')));
  const std::string version(kPolicyApiVersion.substr(group.size() + 1));
  std::string served = object({{"name", text(version)},
                               {"served", "true"},
                               {"storage", "true"},
                               {"additionalPrinterColumns", std::move(columns)},
                               {"schema", object({{"openAPIV3Schema", std::move(schema)}})}});
  if (has_status) served = served.substr(0, served.size() - 1) + R"(,"subresources":{"status":{}}})";
  const std::string spec = object({{"group", text(group)},
                                   {"scope", text("Cluster")},
                                   {"names", object({{"kind", text(names.kind)},
                                                     {"listKind", text(fmt::format("{}List", names.kind))},
                                                     {"plural", text(names.plural)},
                                                     {"singular", text(names.singular)},
                                                     {"categories", list({text("ebb")})}})},
                                   {"versions", list({served})}});
  return object({{"apiVersion", text("apiextensions.k8s.io/v1")},
                 {"kind", text("CustomResourceDefinition")},
                 {"metadata", object({{"name", text(fmt::format("{}.{}", names.plural, group))}})},
                 {"spec", spec}});
}

}   // namespace

std::string colocation_policy_schema() {
  return root_schema("How offline work may use what online work leaves idle. The one named default-colocation-policy is in force.",
                     {{"spec", object_schema("The policy.", section_properties(""))},
                      {"status", object_schema("Whether the policy is in force.", object({{"conditions", conditions_schema()}}))}},
                     "spec");
}

std::string node_report_schema() {
  const std::string numa = object_schema("One NUMA node.", object({{"id", object({{"type", text("integer")}, {"format", text("int32")}})},
                                                                   {"capacity", amounts_schema("What it has.")},
                                                                   {"use", use_schema("Its use by class.")}}));
  const std::string pressure = object({{"cpu", object({{"type", text("boolean")}})}, {"memory", object({{"type", text("boolean")}})}});
  const std::string spec =
      object({{"time", object({{"type", text("string")}, {"format", text("date-time")}, {"description", text("When it was measured.")}})},
              {"use", use_schema("The node's use by class.")},
              {"numa", list_schema("Its NUMA nodes.", numa)},
              {"pressure", object_schema("Which resources are above the pressure line.", pressure)},
              {"beCpuLimit", quantity_schema()}});
  return root_schema("What a node says of itself: use by class, NUMA nodes, pressure and the limits in force. Named like its node.",
                     {{"spec", object_schema("The report.", spec)}}, "spec");
}

std::string colocation_policy_definition() {
  return definition({"ColocationPolicy", "colocationpolicies", "colocationpolicy"}, colocation_policy_schema(),
                    list({column("Enabled", "boolean", ".spec.enabled"),
                          column("Accepted", "string", R"(.status.conditions[?(@.type=="Accepted")].status)"),
                          column("Age", "date", ".metadata.creationTimestamp")}),
                    true);
}

std::string node_report_definition() {
  return definition({"NodeReport", "nodereports", "nodereport"}, node_report_schema(),
                    list({column("BE-CPU", "string", ".spec.use.be.cpu"), column("BE-Memory", "string", ".spec.use.be.memory"),
                          column("Reported", "date", ".spec.time")}),
                    false);
}

}   // namespace ebb::model
