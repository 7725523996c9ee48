#include "sandbox/schema/custom_schema.h"

#include "sandbox/schema/schema_rules.h"
#include "sandbox/schema/type_table.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

std::optional<double> number_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (!value || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

class Builder {
 public:
  explicit Builder(SchemaPool& pool) : pool_(pool) {}

  // Requires: no structural problems.
  Schema* build(const json::object& text) {
    Schema& node = pool_.add(Shape::any);
    node.custom = true;
    node.nullable = bool_at(text, "nullable");
    node.preserve_unknown = bool_at(text, "x-kubernetes-preserve-unknown-fields");
    node.embedded = bool_at(text, "x-kubernetes-embedded-resource");
    node.atomic = string_at(text, "x-kubernetes-map-type") == "atomic";
    if (const json::value* fallback = text.if_contains("default")) node.default_value = *fallback;
    read_shape(text, node);
    read_members(text, node);
    node.rules = read_rules(text);
    return &node;
  }

 private:
  void read_shape(const json::object& text, Schema& node) {
    const std::string_view type = string_at(text, "type");
    if (bool_at(text, "x-kubernetes-int-or-string"))
      node.shape = Shape::int_or_string;
    else if (type == "string")
      node.shape = Shape::string;
    else if (type == "integer")
      node.shape = Shape::int64;
    else if (type == "number")
      node.shape = Shape::number;
    else if (type == "boolean")
      node.shape = Shape::boolean;
    else if (type == "array")
      node.shape = Shape::list;
    else if (type == "object")
      node.shape = Shape::object;
  }

  void read_members(const json::object& text, Schema& node) {
    if (const json::object* properties = object_at(text, "properties")) {
      for (const auto& [name, property] : *properties) {
        if (!property.is_object()) continue;
        node.fields.push_back({.name = std::string(name), .type = build(property.get_object())});
      }
      std::ranges::sort(node.fields, {}, &Field::name);
      mark_required(text, node);
    }
    const json::value* additional = text.if_contains("additionalProperties");
    if (additional && additional->is_object()) node.element = build(additional->get_object());
    if (additional && additional->is_bool() && additional->get_bool()) node.preserve_unknown = true;
    if (node.shape == Shape::object && node.fields.empty() && node.element) node.shape = Shape::map;
    if (node.shape == Shape::object && node.fields.empty() && node.preserve_unknown) node.shape = Shape::opaque;
    if (node.embedded) add_type_meta(node);
    if (node.shape != Shape::list) return;
    const json::object* items = object_at(text, "items");
    node.element = build(items ? *items : json::object());
    const std::string_view kind = string_at(text, "x-kubernetes-list-type");
    node.list_kind = kind == "map" ? ListKind::map : kind == "set" ? ListKind::set : kind == "atomic" ? ListKind::atomic : ListKind::unsaid;
    if (const json::array* keys = array_at(text, "x-kubernetes-list-map-keys")) {
      for (const json::value& key : *keys) {
        if (key.is_string()) node.list_keys.emplace_back(key.get_string());
      }
    }
  }

  void mark_required(const json::object& text, Schema& node) {
    const json::array* required = array_at(text, "required");
    if (!required) return;
    for (Field& field : node.fields) {
      field.required =
          std::ranges::any_of(*required, [&](const json::value& name) { return name.is_string() && name.get_string() == field.name; });
    }
  }

  void add_type_meta(Schema& node) {
    for (const char* name : {"apiVersion", "kind"}) add_field(node, name, &pool_.add(Shape::string));
    add_field(node, "metadata", builtin_type_table().types.find("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")->second);
    if (node.shape == Shape::opaque) node.shape = Shape::object;
  }

 public:
  static void add_field(Schema& node, std::string name, const Schema* type) {
    std::erase_if(node.fields, [&](const Field& field) { return field.name == name; });
    node.fields.push_back({.name = std::move(name), .type = type});
    std::ranges::sort(node.fields, {}, &Field::name);
  }

 private:
  std::vector<const Schema*> build_all(const json::object& text, std::string_view key) {
    std::vector<const Schema*> built;
    if (const json::array* list = array_at(text, key)) {
      for (const json::value& item : *list) {
        if (item.is_object()) built.push_back(build(item.get_object()));
      }
    }
    return built;
  }

  std::shared_ptr<const SchemaRules> read_rules(const json::object& text) {
    auto rules = std::make_shared<SchemaRules>();
    rules->type = string_at(text, "type");
    rules->description = string_at(text, "description");
    if (const json::array* required = array_at(text, "required")) {
      for (const json::value& name : *required) {
        if (name.is_string()) rules->required.emplace_back(name.get_string());
      }
    }
    if (const json::array* allowed = array_at(text, "enum")) rules->allowed.assign(allowed->begin(), allowed->end());
    rules->minimum = number_in(text, "minimum");
    rules->maximum = number_in(text, "maximum");
    rules->multiple_of = number_in(text, "multipleOf");
    rules->exclusive_minimum = bool_at(text, "exclusiveMinimum");
    rules->exclusive_maximum = bool_at(text, "exclusiveMaximum");
    rules->min_length = integer_at(text, "minLength");
    rules->max_length = integer_at(text, "maxLength");
    rules->min_items = integer_at(text, "minItems");
    rules->max_items = integer_at(text, "maxItems");
    rules->min_properties = integer_at(text, "minProperties");
    rules->max_properties = integer_at(text, "maxProperties");
    rules->format = string_at(text, "format");
    if (const std::string_view pattern = string_at(text, "pattern"); !pattern.empty()) {
      if (auto made = Pattern::make(std::string(pattern))) rules->pattern = *std::move(made);
    }
    rules->all_of = build_all(text, "allOf");
    rules->any_of = build_all(text, "anyOf");
    rules->one_of = build_all(text, "oneOf");
    if (const json::object* none = object_at(text, "not")) rules->none_of = build(*none);
    return rules;
  }

  SchemaPool& pool_;
};

}   // namespace

Result<SchemaPtr> schema_from_openapi(const json::object& open_api_v3_schema) {
  const std::vector<FieldError> problems = structural_problems(open_api_v3_schema, "openAPIV3Schema");
  if (!problems.empty()) return fail(Errc::invalid, "{}: {}", problems.front().field, problems.front().message);
  auto pool = std::make_shared<SchemaPool>();
  Builder builder(*pool);
  Schema* root = builder.build(open_api_v3_schema);
  if (root->shape == Shape::opaque || root->shape == Shape::map) root->shape = Shape::object;
  for (const char* name : {"apiVersion", "kind"}) Builder::add_field(*root, name, &pool->add(Shape::string));
  Builder::add_field(*root, "metadata", builtin_type_table().types.find("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")->second);
  return SchemaPtr(pool, root);
}

}   // namespace ebb::sandbox
