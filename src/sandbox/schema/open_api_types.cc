#include "sandbox/schema/open_api_types.h"

#include "sandbox/schema/schema_rules.h"
#include "sandbox/schema/type_table.h"

namespace ebb::sandbox {

namespace {

constexpr std::string_view kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

json::object typed(std::string_view type, std::string_view format = {}) {
  json::object object;
  object.emplace("type", type);
  if (!format.empty()) object.emplace("format", format);
  return object;
}

// Scalars that have a type of their own in Kubernetes' documents.
std::string_view scalar_type_name(Shape shape) {
  switch (shape) {
    case Shape::quantity: return "io.k8s.apimachinery.pkg.api.resource.Quantity";
    case Shape::int_or_string: return "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    case Shape::time: return "io.k8s.apimachinery.pkg.apis.meta.v1.Time";
    case Shape::micro_time: return "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
    case Shape::duration: return "io.k8s.apimachinery.pkg.apis.meta.v1.Duration";
    default: return {};
  }
}

json::object scalar_schema(Shape shape) {
  switch (shape) {
    case Shape::bytes: return typed("string", "byte");
    case Shape::int32: return typed("integer", "int32");
    case Shape::int64: return typed("integer", "int64");
    case Shape::number: return typed("number", "double");
    case Shape::boolean: return typed("boolean");
    case Shape::opaque: return typed("object");
    case Shape::int_or_string: return typed("string", "int-or-string");
    case Shape::time:
    case Shape::micro_time: return typed("string", "date-time");
    case Shape::any: return {};
    default: return typed("string");
  }
}

json::array texts(const std::vector<std::string>& words) {
  json::array array;
  for (const std::string& word : words) array.emplace_back(word);
  return array;
}

void add_list_marks(const Schema& schema, json::object& out) {
  constexpr std::string_view kType = "x-kubernetes-list-type";
  if (schema.list_kind == ListKind::atomic) out.emplace(kType, "atomic");
  if (schema.list_kind == ListKind::set) out.emplace(kType, "set");
  if (schema.list_kind != ListKind::map) return;
  out.emplace("x-kubernetes-list-map-keys", texts(schema.list_keys));
  out.emplace(kType, "map");
}

void add_patch_marks(const Field& field, json::object& out) {
  std::string strategy = field.patch_replace ? "replace" : field.patch_merge ? "merge" : "";
  if (field.patch_retain_keys) strategy += strategy.empty() ? "retainKeys" : ",retainKeys";
  if (!strategy.empty()) out.emplace("x-kubernetes-patch-strategy", strategy);
  if (!field.merge_key.empty()) out.emplace("x-kubernetes-patch-merge-key", field.merge_key);
}

json::object gvk(const Kind& kind, std::string_view name) {
  json::object object;
  object.emplace("group", kind.group);
  object.emplace("kind", name);
  object.emplace("version", kind.version);
  return object;
}

}   // namespace

std::string OpenApiTypes::name_of(const Kind& kind) {
  if (!kind.schema->custom && !kind.schema->name.empty()) return kind.schema->name;
  std::string reversed;
  std::string_view rest = kind.group;
  while (!rest.empty()) {
    const std::size_t dot = rest.rfind('.');
    const std::string_view part = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
    reversed += fmt::format("{}.", part);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot);
  }
  return fmt::format("{}{}.{}", reversed, kind.version, kind.kind);
}

json::object OpenApiTypes::reference(std::string_view name) const {
  json::object object;
  object.emplace("$ref", fmt::format("{}{}", version_ == OpenApi::v2 ? "#/definitions/" : "#/components/schemas/", name));
  return object;
}

void OpenApiTypes::add_named(std::string_view type_name) {
  const auto& types = builtin_type_table().types;
  if (const auto found = types.find(type_name); found != types.end()) add_type(*found->second);
}

void OpenApiTypes::add_type(const Schema& schema) {
  if (types_.contains(schema.name)) return;
  types_.emplace(schema.name, nullptr);   // holds the place while its fields lead back to it
  json::object type = type_object(schema);
  types_[schema.name] = std::move(type);
}

void OpenApiTypes::add_kind(const Kind& kind) {
  const std::string name = name_of(kind);
  json::object type = type_object(*kind.schema);
  type.emplace("x-kubernetes-group-version-kind", json::array{gvk(kind, kind.kind)});
  types_.insert_or_assign(name, std::move(type));
  add_named(std::string(kMeta) + "ListMeta");
  json::object items = typed("array");
  items.emplace("items", reference(name));
  json::object properties;
  properties.emplace("apiVersion", typed("string"));
  properties.emplace("items", std::move(items));
  properties.emplace("kind", typed("string"));
  properties.emplace("metadata", reference(std::string(kMeta) + "ListMeta"));
  json::object list = typed("object");
  list.emplace("properties", std::move(properties));
  list.emplace("required", json::array{"items"});
  list.emplace("x-kubernetes-group-version-kind", json::array{gvk(kind, kind.list_kind)});
  types_.insert_or_assign(name + "List", std::move(list));
}

void OpenApiTypes::add_scalar(const Schema& schema, json::object& out) const {
  for (auto& member : scalar_schema(schema.shape)) out.emplace(member.key(), member.value());
}

json::object OpenApiTypes::field_schema(const Schema& schema, const Field* field) {
  const std::string_view own_name = schema.custom ? std::string_view() : scalar_type_name(schema.shape);
  json::object out;
  if (!own_name.empty()) {
    if (!types_.contains(own_name)) types_.emplace(own_name, scalar_schema(schema.shape));
    out = reference(own_name);
  } else if (!schema.name.empty() && schema.shape == Shape::object) {
    add_type(schema);
    out = reference(schema.name);
  } else {
    return type_object(schema);
  }
  // A reference has no neighbours in OpenAPI 3.
  const bool wrapped = version_ == OpenApi::v3 && field &&
                       (field->when_empty == WhenEmpty::write || field->patch_merge || field->patch_retain_keys || field->patch_replace);
  if (!wrapped) return out;
  json::object wrapper;
  wrapper.emplace("allOf", json::array{json::value(std::move(out))});
  if (field->when_empty == WhenEmpty::write && schema.shape == Shape::object) wrapper.emplace("default", json::object());
  return wrapper;
}

json::object OpenApiTypes::type_object(const Schema& schema) {
  json::object out;
  switch (schema.shape) {
    case Shape::list:
      out.emplace("type", "array");
      out.emplace("items", field_schema(*schema.element, nullptr));
      add_list_marks(schema, out);
      break;
    case Shape::map:
    case Shape::object:
      out.emplace("type", "object");
      add_members(schema, out);
      break;
    default: add_scalar(schema, out); break;
  }
  if (schema.atomic) out.emplace("x-kubernetes-map-type", "atomic");
  if (schema.custom) add_rules(schema, out);
  return out;
}

void OpenApiTypes::add_members(const Schema& schema, json::object& out) {
  json::object properties;
  std::vector<std::string> required;
  for (const Field& field : schema.fields) {
    json::object property = field_schema(*field.type, &field);
    add_patch_marks(field, property);
    if (field.default_value) property.insert_or_assign("default", *field.default_value);
    properties.emplace(field.name, std::move(property));
    if (field.required) required.push_back(field.name);
  }
  if (!properties.empty()) out.emplace("properties", std::move(properties));
  if (!required.empty()) out.emplace("required", texts(required));
  if (schema.element) out.emplace("additionalProperties", field_schema(*schema.element, nullptr));
}

void OpenApiTypes::add_rules(const Schema& schema, json::object& out) {
  if (schema.default_value) out.insert_or_assign("default", *schema.default_value);
  if (schema.preserve_unknown) out.emplace("x-kubernetes-preserve-unknown-fields", true);
  if (schema.embedded) out.emplace("x-kubernetes-embedded-resource", true);
  if (schema.shape == Shape::int_or_string) out.emplace("x-kubernetes-int-or-string", true);
  if (!schema.rules) return;
  const SchemaRules& rules = *schema.rules;
  if (!rules.type.empty()) out.insert_or_assign("type", rules.type);
  out.erase("format");
  if (!rules.format.empty()) out.emplace("format", rules.format);
  if (!rules.description.empty()) out.emplace("description", rules.description);
  if (!rules.allowed.empty()) out.emplace("enum", json::array(rules.allowed.begin(), rules.allowed.end()));
  if (rules.pattern) out.emplace("pattern", rules.pattern->text());
  if (rules.minimum) out.emplace("minimum", *rules.minimum);
  if (rules.maximum) out.emplace("maximum", *rules.maximum);
  if (rules.max_length) out.emplace("maxLength", *rules.max_length);
  if (rules.min_length) out.emplace("minLength", *rules.min_length);
  if (!rules.required.empty()) out.insert_or_assign("required", texts(rules.required));
}

}   // namespace ebb::sandbox
