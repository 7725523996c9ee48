#include "sandbox/schema/defaults.h"

#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"
#include "sandbox/schema/zero.h"

namespace ebb::sandbox {

void put_default(json::object& object, std::string_view key, json::value value) {
  const json::value* here = object.if_contains(key);
  if (!here || here->is_null()) object.insert_or_assign(key, std::move(value));
}

void set_if_zero(json::object& object, std::string_view key, std::string_view value) {
  const json::value* here = object.if_contains(key);
  if (!here || is_zero(*here)) object.insert_or_assign(key, json::value(value));
}

void set_if_zero(json::object& object, std::string_view key, std::int64_t value) {
  const json::value* here = object.if_contains(key);
  if (!here || is_zero(*here)) object.insert_or_assign(key, value);
}

json::object* object_member(json::object& object, std::string_view key) {
  json::value* found = object.if_contains(key);
  return found ? found->if_object() : nullptr;
}

json::array* array_member(json::object& object, std::string_view key) {
  json::value* found = object.if_contains(key);
  return found ? found->if_array() : nullptr;
}

json::object& made_object(json::object& object, std::string_view key) {
  json::value& value = object[key];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

void default_custom(const Schema& schema, json::value& value) {
  if (json::object* object = value.if_object()) {
    for (const Field& field : schema.fields) {
      json::value* here = object->if_contains(field.name);
      const auto& fallback = field.type->default_value;
      // A null that the schema does not allow counts as nothing.
      if (fallback && (!here || (here->is_null() && !field.type->nullable))) object->insert_or_assign(field.name, *fallback);
    }
    for (auto& member : *object) {
      const Field* field = schema.find(member.key());
      const Schema* below = field ? field->type : schema.element;
      if (below) default_custom(*below, member.value());
    }
  } else if (json::array* array = value.if_array(); array && schema.element) {
    for (json::value& item : *array) default_custom(*schema.element, item);
  }
}

void apply_defaults(const Kind& kind, json::object& object) {
  if (kind.schema->custom) {
    json::value whole = std::move(object);
    default_custom(*kind.schema, whole);
    object = std::move(whole.get_object());
    return;
  }
  [[maybe_unused]] const bool known =
      default_workload(kind, object) || default_service(kind.kind, object) || default_cluster(kind.kind, object);
}

}   // namespace ebb::sandbox
