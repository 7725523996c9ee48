#include "sandbox/schema/open_api_proto.h"

#include "sandbox/schema/open_api_layout.h"

#include <bit>
#include <cstdint>

namespace ebb::sandbox {

namespace {

class Wire {
 public:
  void bytes(std::uint32_t number, std::string_view bytes) {
    tag(number, 2);
    varint(bytes.size());
    out_ += bytes;
  }
  void integer(std::uint32_t number, std::int64_t value) {
    tag(number, 0);
    varint(static_cast<std::uint64_t>(value));
  }
  void number(std::uint32_t number, double value) {
    tag(number, 1);
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8) out_.push_back(static_cast<char>(bits & 0xFF));
  }
  std::string take() { return std::move(out_); }

 private:
  void tag(std::uint32_t number, std::uint32_t type) { varint(std::uint64_t{number} << 3 | type); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>((value & 0x7F) | 0x80));
    out_.push_back(static_cast<char>(value));
  }

  std::string out_;
};

std::string alone(std::uint32_t number, std::string_view bytes) {
  Wire wire;
  wire.bytes(number, bytes);
  return wire.take();
}

// The code point that begins here, and how many bytes it has, among those that JSON writes as they
// are and YAML takes for line breaks or refuses; 0 for others.
std::pair<unsigned, std::size_t> foreign_to_yaml(std::string_view rest) {
  const auto at = [rest](std::size_t i) { return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U; };
  if (at(0) == 0x7F) return {0x7F, 1};
  if (at(0) == 0xC2 && at(1) >= 0x80 && at(1) < 0xA0) return {at(1), 2};
  if (at(0) < 0xE0 || at(0) > 0xEF) return {0, 1};
  const unsigned point = (at(0) & 0x0FU) << 12 | (at(1) & 0x3FU) << 6 | (at(2) & 0x3FU);
  const bool foreign = point == 0x2028 || point == 0x2029 || point == 0xFEFF || point == 0xFFFE || point == 0xFFFF;
  return {foreign ? point : 0, 3};
}

// A value in YAML, which readers of Any expect: its JSON is YAML but for a few characters in strings.
std::string yaml_text(const json::value& value) {
  const std::string text = json::serialize(value);
  std::string yaml;
  for (std::size_t at = 0; at < text.size();) {
    const auto [point, length] = foreign_to_yaml(std::string_view(text).substr(at));
    if (point == 0) {
      yaml += text[at++];
    } else {
      yaml += fmt::format("\\u{:04x}", point);
      at += length;
    }
  }
  return yaml;
}

std::string any_message(const json::value& value) { return alone(2, yaml_text(value)); }

std::string named(std::string_view name, std::string_view value) {
  Wire entry;
  entry.bytes(1, name);
  entry.bytes(2, value);
  return entry.take();
}

std::string message_of(ApiMessage type, const json::value& value);

void write_texts(Wire& wire, std::uint32_t number, const json::value& value) {
  if (value.is_string()) wire.bytes(number, value.get_string());
  if (!value.is_array()) return;
  for (const json::value& item : value.get_array()) {
    if (item.is_string()) wire.bytes(number, item.get_string());
  }
}

void write_map(Wire& wire, const ApiMember& member, const json::object& map) {
  Wire entries;
  for (const auto& [name, value] : map) entries.bytes(member.entries, named(name, message_of(member.type, value)));
  wire.bytes(member.number, entries.take());
}

// What is empty, zero or false is not written: that is how a reader knows it.
void write_scalar(Wire& wire, const ApiMember& member, const json::value& value) {
  if (member.form == ApiForm::text && value.is_string() && !value.get_string().empty()) wire.bytes(member.number, value.get_string());
  if (member.form == ApiForm::flag && value.is_bool() && value.get_bool()) wire.integer(member.number, 1);
  if (!value.is_number()) return;
  const auto number = value.to_number<double>();
  if (number == 0) return;
  if (member.form == ApiForm::number) wire.number(member.number, number);
  if (member.form == ApiForm::integer && value.is_int64()) wire.integer(member.number, value.get_int64());
}

void write_member(Wire& wire, const ApiMember& member, const json::value& value) {
  const json::array* array = value.if_array();
  switch (member.form) {
    case ApiForm::texts: return write_texts(wire, member.number, value);
    case ApiForm::any: return wire.bytes(member.number, any_message(value));
    case ApiForm::anys:
      if (!array) return;
      for (const json::value& item : *array) wire.bytes(member.number, any_message(item));
      return;
    case ApiForm::message: return wire.bytes(member.number, message_of(member.type, value));
    case ApiForm::messages:
      if (!array) return;
      for (const json::value& item : *array) wire.bytes(member.number, message_of(member.type, item));
      return;
    case ApiForm::map:
      if (value.is_object()) write_map(wire, member, value.get_object());
      return;
    default: return write_scalar(wire, member, value);
  }
}

std::string object_message(ApiMessage type, const json::value& value) {
  Wire wire;
  const json::object* object = value.if_object();
  if (!object) return {};
  const ApiLayout layout = api_layout(type);
  for (const auto& [key, member_value] : *object) {
    const std::string_view name = key;
    if (layout.extensions != 0 && name.starts_with("x-")) {
      wire.bytes(layout.extensions, named(name, any_message(member_value)));
    } else if (const ApiMember member = api_member(layout, name); member.number != 0) {
      write_member(wire, member, member_value);
    }
  }
  return wire.take();
}

std::string parameter_message(const json::value& value) {
  const std::string_view in = string_at(value, "in");
  if (in == "body") return alone(1, object_message(ApiMessage::body_parameter, value));
  const std::uint32_t place = in == "header" ? 1 : in == "formData" ? 2 : in == "query" ? 3 : 4;
  const ApiMessage type = in == "header" || in == "path" ? ApiMessage::path_parameter : ApiMessage::query_parameter;
  return alone(2, alone(place, object_message(type, value)));
}

std::string or_reference(ApiMessage type, const json::value& value) {
  const bool reference = find_member(value, "$ref") != nullptr;
  return reference ? alone(2, object_message(ApiMessage::json_reference, value)) : alone(1, message_of(type, value));
}

std::string schema_list(const json::value& value) {
  if (!value.is_array()) return alone(1, object_message(ApiMessage::schema, value));
  Wire wire;
  for (const json::value& item : value.get_array()) wire.bytes(1, object_message(ApiMessage::schema, item));
  return wire.take();
}

std::string additional_properties(const json::value& value) {
  if (!value.is_bool()) return alone(1, object_message(ApiMessage::schema, value));
  Wire wire;
  wire.integer(2, value.get_bool() ? 1 : 0);   // false says something here
  return wire.take();
}

std::string text_list(const json::value& value) {
  Wire wire;
  write_texts(wire, 1, value);
  return wire.take();
}

std::string security_message(const json::value& value) {
  const std::string_view type = string_at(value, "type");
  if (type == "basic") return alone(1, object_message(ApiMessage::basic_security, value));
  if (type == "apiKey") return alone(2, object_message(ApiMessage::key_security, value));
  return {};
}

std::string security_requirement(const json::value& value) {
  Wire wire;
  if (!value.is_object()) return {};
  for (const auto& [name, scopes] : value.get_object()) wire.bytes(1, named(name, text_list(scopes)));
  return wire.take();
}

std::string message_of(ApiMessage type, const json::value& value) {
  switch (type) {
    case ApiMessage::parameter: return parameter_message(value);
    case ApiMessage::parameters_item: return or_reference(ApiMessage::parameter, value);
    case ApiMessage::response_value: return or_reference(ApiMessage::response, value);
    case ApiMessage::schema_item: return alone(1, object_message(ApiMessage::schema, value));
    case ApiMessage::additional_properties: return additional_properties(value);
    case ApiMessage::schema_list: return schema_list(value);
    case ApiMessage::type_list: return text_list(value);
    case ApiMessage::security: return security_message(value);
    case ApiMessage::security_requirement: return security_requirement(value);
    default: return object_message(type, value);
  }
}

}   // namespace

std::string encode_open_api_v2(const json::value& document) { return object_message(ApiMessage::document, document); }

}   // namespace ebb::sandbox
