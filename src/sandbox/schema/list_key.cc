#include "sandbox/schema/list_key.h"

#include "sandbox/schema/zero.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

// Where nothing is known (x-kubernetes-preserve-unknown-fields): objects divide, lists do not.
const Schema& deduced() {
  static const Schema schema = [] {
    Schema any;
    any.custom = true;
    return any;
  }();
  return schema;
}

}   // namespace

Form form_of(const Schema& schema, const json::value& value) {
  if (schema.is_atomic()) return Form::leaf;
  switch (schema.shape) {
    case Shape::any:
    case Shape::opaque: return schema.custom && value.is_object() ? Form::members : Form::leaf;
    case Shape::object:
    case Shape::map: return value.is_object() || value.is_null() ? Form::members : Form::leaf;
    case Shape::list: return value.is_array() || value.is_null() ? Form::elements : Form::leaf;
    default: return Form::leaf;
  }
}

const Schema& schema_of_member(const Schema& schema, std::string_view key) {
  if (const Field* field = schema.find(key)) return *field->type;
  if (schema.element) return *schema.element;
  return deduced();
}

std::string element_step(const Schema& list, const json::value& element) {
  const json::object* object = element.if_object();
  if (list.list_kind != ListKind::map || !object) return "v:" + json::serialize(element);
  std::vector<std::string> names = list.list_keys;
  std::ranges::sort(names);
  json::object keys;
  for (const std::string& name : names) {
    const json::value* value = object->if_contains(name);
    const Field* field = list.element->find(name);
    if (value)
      keys.emplace(name, *value);
    else if (field && field->default_value)
      keys.emplace(name, *field->default_value);
    else if (field && field->type->default_value)
      keys.emplace(name, *field->type->default_value);
    else if (field && field->required && !field->type->custom)
      keys.emplace(name, zero_value(*field->type));
  }
  return "k:" + json::serialize(keys);
}

}   // namespace ebb::sandbox
