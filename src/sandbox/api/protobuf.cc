#include "sandbox/api/protobuf.h"

#include "model/timestamp.h"
#include "sandbox/api/body.h"
#include "sandbox/api/protobuf_fields.h"
#include "sandbox/api/tree.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kMagic("k8s\0", 4);
constexpr int kDepthMax = 100;

// One field as it is on the wire: a number, or a run of bytes.
struct WireField {
  std::uint64_t number = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
};

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> take_fixed(std::string_view& bytes, std::size_t size) {
  if (bytes.size() < size) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  bytes.remove_prefix(size);
  return value;
}

// Nothing for broken bytes.
std::optional<std::vector<WireField>> wire_fields(std::string_view bytes) {
  std::vector<WireField> fields;
  while (!bytes.empty()) {
    const auto tag = take_varint(bytes);
    if (!tag) return std::nullopt;
    WireField field;
    field.number = *tag >> 3;
    std::optional<std::uint64_t> value;
    switch (*tag & 7) {
      case 0: value = take_varint(bytes); break;
      case 1: value = take_fixed(bytes, 8); break;
      case 2:
        value = take_varint(bytes);
        if (!value || *value > bytes.size()) return std::nullopt;
        field.bytes = bytes.substr(0, static_cast<std::size_t>(*value));
        bytes.remove_prefix(field.bytes.size());
        break;
      case 5: value = take_fixed(bytes, 4); break;
      default: return std::nullopt;
    }
    if (!value) return std::nullopt;
    field.value = *value;
    fields.push_back(field);
  }
  return fields;
}

std::string_view bytes_of(const std::vector<WireField>& fields, std::uint64_t number) {
  for (const WireField& field : fields) {
    if (field.number == number) return field.bytes;
  }
  return {};
}

std::optional<json::value> decode_message(std::string_view message, std::string_view bytes, int depth);

// A value that JSON leaves out where it is zero is null.
std::optional<json::value> decode_value(const ProtobufField& field, const WireField& wire, int depth) {
  const bool in_list = field.shape != ProtobufShape::one;
  switch (field.form) {
    case ProtobufForm::text:
      if (wire.bytes.empty() && !in_list) return json::value(nullptr);
      return json::value(json::string(wire.bytes));
    case ProtobufForm::flag: return wire.value == 0 ? json::value(nullptr) : json::value(true);
    case ProtobufForm::kept_flag: return json::value(wire.value != 0);
    case ProtobufForm::integer:
      if (wire.value == 0) return json::value(nullptr);
      [[fallthrough]];
    case ProtobufForm::kept_integer: return json::value(static_cast<std::int64_t>(wire.value));
    case ProtobufForm::number: {
      const double number = std::bit_cast<double>(wire.value);
      if (number >= -9e15 && number <= 9e15 && number == static_cast<double>(static_cast<std::int64_t>(number))) {
        return json::value(static_cast<std::int64_t>(number));
      }
      if (!(number >= -1e300 && number <= 1e300)) return std::nullopt;   // JSON has no infinity
      return json::value(number);
    }
    case ProtobufForm::time: {
      const auto fields = wire_fields(wire.bytes);
      if (!fields) return std::nullopt;
      if (fields->empty()) return json::value(nullptr);
      const auto whole = static_cast<std::int64_t>(fields->front().value);
      if (whole < 0 || whole > 9'000'000'000) return std::nullopt;
      return json::value(model::to_timestamp_text(Instant{seconds(whole).v}));
    }
    case ProtobufForm::raw_json: {
      const auto fields = wire_fields(wire.bytes);
      if (!fields) return std::nullopt;
      auto parsed = parse_body(bytes_of(*fields, 1));
      if (!parsed) return std::nullopt;
      return *std::move(parsed);
    }
    case ProtobufForm::message: return decode_message(field.type, wire.bytes, depth + 1);
  }
  return std::nullopt;
}

bool add_entry(json::object& map, const ProtobufField& field, std::string_view entry, int depth) {
  const auto pair = wire_fields(entry);
  if (!pair) return false;
  WireField value;
  value.bytes = bytes_of(*pair, 2);
  auto decoded = decode_value(field, value, depth);
  if (!decoded) return false;
  map[bytes_of(*pair, 1)] = *std::move(decoded);
  return true;
}

// Three types are one of several things, and are that thing in JSON.
json::value unwrapped(std::string_view message, json::object object) {
  for (const std::string_view chosen : {"schema", "jSONSchemas", "property", "allows"}) {
    if (object.contains(chosen)) return std::move(object[chosen]);
  }
  return message == "JSONSchemaPropsOrBool" ? json::value(false) : json::value(json::array());
}

std::optional<json::value> decode_message(std::string_view message, std::string_view bytes, int depth) {
  if (depth > kDepthMax) return std::nullopt;
  const auto wires = wire_fields(bytes);
  if (!wires) return std::nullopt;
  json::object object;
  for (const WireField& wire : *wires) {
    const ProtobufField* field = protobuf_field(message, wire.number);
    if (field == nullptr) continue;
    if (field->shape == ProtobufShape::map) {
      if (!add_entry(ensure_object(object, field->name), *field, wire.bytes, depth)) return std::nullopt;
      continue;
    }
    auto value = decode_value(*field, wire, depth);
    if (!value) return std::nullopt;
    if (field->shape == ProtobufShape::many) {
      json::value& list = object[field->name];
      if (!list.is_array()) list.emplace_array();
      list.get_array().push_back(*std::move(value));
    } else if (!value->is_null()) {
      object[field->name] = *std::move(value);
    }
  }
  if (message.starts_with("JSONSchemaPropsOr")) return unwrapped(message, std::move(object));
  return json::value(std::move(object));
}

}   // namespace

Answer<json::object> decode_protobuf(std::string_view bytes) {
  if (bytes.size() > kBodyBytesMax) return generic(413, "RequestEntityTooLarge", fmt::format("limit is {}", kBodyBytesMax));
  const auto broken = [] { return bad_request("the body is no message in Kubernetes' protobuf envelope"); };
  if (!bytes.starts_with(kMagic)) return broken();
  const auto envelope = wire_fields(bytes.substr(kMagic.size()));
  if (!envelope) return broken();
  const auto type = wire_fields(bytes_of(*envelope, 1));
  if (!type) return broken();
  const std::string kind(bytes_of(*type, 2));
  if (!is_protobuf_message(kind)) {
    return generic(415, "UnsupportedMediaType",
                   "the body of the request was in an unknown format - accepted media types include: application/json");
  }
  auto decoded = decode_message(kind, bytes_of(*envelope, 2), 0);
  if (!decoded || !decoded->is_object()) return broken();
  json::object& object = decoded->get_object();
  object["apiVersion"] = json::string(bytes_of(*type, 1));
  object["kind"] = kind;
  // Texts of a message may be any bytes, those of JSON may not.
  EBB_TRY(json::value checked, parse_body(json::serialize(object)));
  if (!checked.is_object()) return broken();
  return std::move(checked.get_object());
}

}   // namespace ebb::sandbox
