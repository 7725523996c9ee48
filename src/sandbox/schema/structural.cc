// Structural schemas: every value's type is said, logical combinations only restrict.
#include "sandbox/schema/custom_schema.h"
#include "sandbox/schema/pattern.h"

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

constexpr auto kTypes = std::to_array<std::string_view>({"array", "boolean", "integer", "number", "object", "string"});
constexpr int kDepthMax = 100;

class Structural {
 public:
  void check(const json::object& schema, const std::string& path, std::string_view untyped, int depth) {
    if (depth > kDepthMax) return add("FieldValueInvalid", path, "Invalid value: \"\": is nested too deeply");
    check_type(schema, path, untyped);
    check_value_rules(schema, path);
    check_list(schema, path, depth);
    check_members(schema, path, depth);
    for (const std::string_view key : {"allOf", "anyOf", "oneOf"}) {
      if (const json::array* list = array_at(schema, key)) {
        for (std::size_t i = 0; i < list->size(); ++i) check_logical((*list)[i], fmt::format("{}.{}[{}]", path, key, i), depth);
      }
    }
    if (const json::value* none = schema.if_contains("not")) check_logical(*none, path + ".not", depth);
  }

  std::vector<FieldError> problems;

 private:
  void add(std::string_view reason, std::string field, std::string message) {
    problems.push_back({std::string(reason), std::move(field), std::move(message)});
  }

  void check_type(const json::object& schema, const std::string& path, std::string_view untyped) {
    const std::string_view type = string_at(schema, "type");
    const bool free = bool_at(schema, "x-kubernetes-int-or-string") || bool_at(schema, "x-kubernetes-preserve-unknown-fields");
    if (type.empty() && !free)
      return add("FieldValueRequired", path + ".type", fmt::format("Required value: must not be empty {}", untyped));
    if (!type.empty() && std::ranges::find(kTypes, type) == kTypes.end()) {
      add("FieldValueNotSupported", path + ".type",
          fmt::format(
              "Unsupported value: \"{}\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"",
              type));
    }
    if (!type.empty() && bool_at(schema, "x-kubernetes-int-or-string")) {
      add("FieldValueForbidden", path + ".type", "Forbidden: must be empty if x-kubernetes-int-or-string is true");
    }
    if (bool_at(schema, "x-kubernetes-embedded-resource") && type != "object") {
      add("FieldValueInvalid", path + ".type",
          fmt::format("Invalid value: \"{}\": must be object if x-kubernetes-embedded-resource is true", type));
    }
  }

  void check_value_rules(const json::object& schema, const std::string& path) {
    for (const std::string_view key : {"$ref", "definitions", "dependencies", "patternProperties", "additionalItems"}) {
      if (schema.contains(key))
        add("FieldValueForbidden", fmt::format("{}.{}", path, key), fmt::format("Forbidden: {} is not supported", key));
    }
    if (bool_at(schema, "uniqueItems")) {
      add("FieldValueForbidden", path + ".uniqueItems",
          "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    }
    const std::string_view pattern = string_at(schema, "pattern");
    if (pattern.empty()) return;
    if (const auto made = Pattern::make(std::string(pattern)); !made) {
      add("FieldValueInvalid", path + ".pattern",
          fmt::format("Invalid value: \"{}\": must be a valid regular expression, but isn't: {}", pattern, made.error().message));
    }
  }

  void check_list(const json::object& schema, const std::string& path, int depth) {
    const json::value* items = schema.if_contains("items");
    if (string_at(schema, "type") == "array" && !items) add("FieldValueRequired", path + ".items", "Required value: must be specified");
    if (items && items->is_array())
      add("FieldValueForbidden", path + ".items", "Forbidden: items must be a schema object and not an array");
    if (items && items->is_object()) check(items->get_object(), path + ".items", "for specified array items", depth + 1);
    const std::string_view kind = string_at(schema, "x-kubernetes-list-type");
    const json::array* keys = array_at(schema, "x-kubernetes-list-map-keys");
    if (!kind.empty() && kind != "atomic" && kind != "set" && kind != "map") {
      add("FieldValueNotSupported", path + ".x-kubernetes-list-type",
          fmt::format("Unsupported value: \"{}\": supported values: \"atomic\", \"map\", \"set\"", kind));
    }
    if (kind == "map" && (!keys || keys->empty())) {
      add("FieldValueRequired", path + ".x-kubernetes-list-map-keys", "Required value: must not be empty if x-kubernetes-list-type is map");
    }
    if (keys && kind != "map") {
      add("FieldValueInvalid", path + ".x-kubernetes-list-type",
          fmt::format("Invalid value: \"{}\": must be map if x-kubernetes-list-map-keys is non-empty", kind));
    }
  }

  void check_members(const json::object& schema, const std::string& path, int depth) {
    const json::object* properties = object_at(schema, "properties");
    const json::value* additional = schema.if_contains("additionalProperties");
    if (properties && !properties->empty() && additional) {
      add("FieldValueForbidden", path + ".additionalProperties", "Forbidden: additionalProperties and properties are mutual exclusive");
    }
    if (additional && additional->is_object()) {
      check(additional->get_object(), path + ".additionalProperties", "for specified object fields", depth + 1);
    }
    if (!properties) return;
    for (const auto& [name, property] : *properties) {
      const std::string below = fmt::format("{}.properties[{}]", path, std::string_view(name));
      if (property.is_object())
        check(property.get_object(), below, "for specified object fields", depth + 1);
      else
        add("FieldValueInvalid", below, "Invalid value: must be an object");
    }
  }

  // A branch of a combination says nothing about the structure.
  void check_logical(const json::value& branch, const std::string& path, int depth) {
    if (!branch.is_object()) return add("FieldValueInvalid", path, "Invalid value: must be an object");
    if (depth > kDepthMax) return;
    const json::object& schema = branch.get_object();
    check_value_rules(schema, path);
    for (const std::string_view key :
         {"default", "nullable", "title", "description", "additionalProperties", "x-kubernetes-preserve-unknown-fields",
          "x-kubernetes-embedded-resource", "x-kubernetes-list-type"}) {
      const json::value* found = schema.if_contains(key);
      const bool said = found && !(found->is_bool() && !found->get_bool()) && !(found->is_string() && found->get_string().empty());
      if (said) add("FieldValueForbidden", fmt::format("{}.{}", path, key), "Forbidden: must be undefined to be structural");
    }
    const json::object* properties = object_at(schema, "properties");
    if (properties) {
      for (const auto& [name, property] : *properties)
        check_logical(property, fmt::format("{}.properties[{}]", path, std::string_view(name)), depth + 1);
    }
    if (const json::value* items = schema.if_contains("items")) check_logical(*items, path + ".items", depth + 1);
  }
};

}   // namespace

std::vector<FieldError> structural_problems(const json::object& open_api_v3_schema, const std::string& path) {
  Structural structural;
  structural.check(open_api_v3_schema, path, "at the root", 0);
  const std::string_view type = string_at(open_api_v3_schema, "type");
  if (!type.empty() && type != "object") {
    structural.problems.push_back(
        {"FieldValueInvalid", path + ".type", fmt::format("Invalid value: \"{}\": must be object at the root", type)});
  }
  return std::move(structural.problems);
}

}   // namespace ebb::sandbox
