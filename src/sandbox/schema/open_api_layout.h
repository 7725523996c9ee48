#pragma once

// The messages of a binary OpenAPI 2 document: which member of the JSON document is which field.

#include <cstdint>
#include <span>
#include <string_view>

namespace ebb::sandbox {

enum class ApiMessage {
  document,
  info,
  path_item,
  operation,
  body_parameter,
  query_parameter,   // form parameters are laid out alike
  path_parameter,    // and headers like these
  primitive_items,
  response,
  schema,
  json_reference,
  basic_security,
  key_security,
  // What the JSON leaves to its reader to see is a message that holds one of several, or a list:
  parameter,         // body or not
  parameters_item,   // a parameter or a reference
  response_value,    // a response or a reference
  schema_item,
  additional_properties,   // a schema or a truth value
  schema_list,
  type_list,
  security,
  security_requirement,
};

enum class ApiForm { text, texts, flag, integer, number, any, anys, message, messages, map };

struct ApiMember {
  std::string_view name;   // in JSON
  std::uint32_t number = 0;
  ApiForm form = ApiForm::text;
  ApiMessage type = ApiMessage::document;   // of a message, of each message, of a map's values
  std::uint32_t entries = 1;                // of a map, which is a message of its own: where its entries are
};

struct ApiLayout {
  std::span<const ApiMember> members;
  std::uint32_t extensions = 0;   // where members called x-... go; 0: nowhere
  std::uint32_t value_type = 0;   // where what says the type of a simple value begins; 0: it has none
};

ApiLayout api_layout(ApiMessage type);   // of those that JSON objects are

// The member with its number in this message; its number is 0: there is no such member.
ApiMember api_member(const ApiLayout& layout, std::string_view name);

}   // namespace ebb::sandbox
