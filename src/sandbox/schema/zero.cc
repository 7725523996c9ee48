#include "sandbox/schema/zero.h"

#include "sandbox/schema/structure.h"

namespace ebb::sandbox {

bool is_zero(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return true;
    case json::kind::bool_: return !value.get_bool();
    case json::kind::int64: return value.get_int64() == 0;
    case json::kind::uint64: return value.get_uint64() == 0;
    case json::kind::double_: return value.get_double() == 0;
    case json::kind::string: return value.get_string().empty();
    case json::kind::array: return value.get_array().empty();
    case json::kind::object: return value.get_object().empty();
  }
  return false;
}

json::value zero_value(const Schema& schema) {
  switch (schema.shape) {
    case Shape::string:
    case Shape::bytes:
    case Shape::duration: return "";
    case Shape::int32:
    case Shape::int64:
    case Shape::int_or_string: return std::int64_t{0};
    case Shape::number: return 0.0;
    case Shape::boolean: return false;
    case Shape::quantity: return "0";
    case Shape::list: return json::array();
    case Shape::any:
    case Shape::time:
    case Shape::micro_time: return nullptr;
    case Shape::opaque:
    case Shape::map: return json::object();
    case Shape::object: break;
  }
  json::object object;
  for (const Field& field : schema.fields) {
    if (field.when_empty == WhenEmpty::write) object.emplace(field.name, zero_value(*field.type));
  }
  return object;
}

json::value unset_value(const Schema& schema) {
  if (schema.shape != Shape::object || schema.custom) return zero_value(schema);
  json::object object;
  for (const Field& field : schema.fields) {
    const bool collection = field.type->shape == Shape::list || field.type->shape == Shape::map;
    if (field.when_empty == WhenEmpty::write)
      object.emplace(field.name, unset_value(*field.type));
    else if (collection && field.when_empty == WhenEmpty::keep)
      object.emplace(field.name, nullptr);
  }
  return object;
}

}   // namespace ebb::sandbox
