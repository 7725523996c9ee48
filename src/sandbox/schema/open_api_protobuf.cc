// The document of OpenAPI 2 in the protobuf form that kubectl up to 1.27 asks for (package
// openapi.v2 of gnostic-models): the types with their extensions. Paths are left out: whether
// fields are validated, these clients ask the documents of OpenAPI 3.
#include "sandbox/schema/open_api_types.h"

#include <array>

namespace ebb::sandbox {

namespace {

constexpr std::uint64_t kBytesField = 2;   // wire type of strings and messages

void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) out += static_cast<char>(number | 0x80U);
  out += static_cast<char>(number);
}

void put(std::string& out, std::uint64_t field, std::string_view bytes) {
  put_varint(out, field << 3U | kBytesField);
  put_varint(out, bytes.size());
  out += bytes;
}

std::string named(std::string_view name, std::string_view value) {
  std::string message;
  put(message, 1, name);
  put(message, 2, value);
  return message;
}

// Any holds YAML, and JSON is YAML.
std::string any(const json::value& value) {
  std::string message;
  put(message, 2, json::serialize(value));
  return message;
}

struct TextField {
  std::string_view key;
  std::uint64_t number;
};
constexpr auto kTexts = std::to_array<TextField>({{"$ref", 1}, {"format", 2}, {"title", 3}, {"description", 4}, {"pattern", 13}});

std::string schema_message(const json::object& schema);

std::string properties_message(const json::object& properties) {
  std::string message;
  for (const auto& [name, property] : properties) {
    if (property.is_object()) put(message, 1, named(name, schema_message(property.get_object())));
  }
  return message;
}

std::string wrapped(const json::object& schema) {
  std::string message;
  put(message, 1, schema_message(schema));
  return message;
}

std::string schema_message(const json::object& schema) {
  std::string message;
  for (const TextField& text : kTexts) {
    if (const std::string_view value = string_at(schema, text.key); !value.empty()) put(message, text.number, value);
  }
  if (const json::value* fallback = schema.if_contains("default")) put(message, 5, any(*fallback));
  if (const json::array* required = array_at(schema, "required")) {
    for (const json::value& name : *required) {
      if (name.is_string()) put(message, 19, name.get_string());
    }
  }
  if (const json::object* additional = object_at(schema, "additionalProperties")) put(message, 21, wrapped(*additional));
  if (const std::string_view type = string_at(schema, "type"); !type.empty()) {
    std::string item;
    put(item, 1, type);
    put(message, 22, item);
  }
  if (const json::object* items = object_at(schema, "items")) put(message, 23, wrapped(*items));
  if (const json::object* properties = object_at(schema, "properties")) put(message, 25, properties_message(*properties));
  for (const auto& [key, value] : schema) {
    if (std::string_view(key).starts_with("x-")) put(message, 31, named(key, any(value)));
  }
  return message;
}

}   // namespace

std::string open_api_v2_protobuf(const std::vector<Kind>& kinds) {
  OpenApiTypes types(OpenApi::v2);
  for (const Kind& kind : kinds) types.add_kind(kind);
  std::string definitions;
  for (const auto& [name, type] : types.take()) {
    if (type.is_object()) put(definitions, 1, named(name, schema_message(type.get_object())));
  }
  std::string document;
  put(document, 1, "2.0");
  put(document, 2, named("Kubernetes", "unversioned"));
  put(document, 8, "");
  put(document, 9, definitions);
  return document;
}

}   // namespace ebb::sandbox
