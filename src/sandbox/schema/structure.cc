#include "sandbox/schema/structure.h"

#include <algorithm>

namespace ebb::sandbox {

const Field* Schema::find(std::string_view field) const {
  const auto found = std::ranges::lower_bound(fields, field, {}, [](const Field& f) { return std::string_view(f.name); });
  return found != fields.end() && found->name == field ? &*found : nullptr;
}

bool Schema::is_atomic() const {
  switch (shape) {
    case Shape::object:
    case Shape::map: return atomic;
    case Shape::list: return list_kind == ListKind::unsaid || list_kind == ListKind::atomic;
    case Shape::any:
    case Shape::opaque: return atomic;
    default: return true;
  }
}

std::string_view go_type_name(const Schema& schema) {
  switch (schema.shape) {
    case Shape::int32: return "int32";
    case Shape::int64: return "int64";
    case Shape::number: return "float64";
    case Shape::boolean: return "bool";
    case Shape::bytes: return "[]uint8";
    case Shape::map: return "map[string]string";
    case Shape::list: return schema.element && schema.element->shape == Shape::string ? "[]string" : "[]interface {}";
    case Shape::object: {
      const std::size_t dot = schema.name.rfind('.', schema.name.rfind('.') - 1);
      return dot == std::string::npos ? std::string_view(schema.name) : std::string_view(schema.name).substr(dot + 1);
    }
    default: return "string";
  }
}

}   // namespace ebb::sandbox
