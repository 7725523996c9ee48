#include "sandbox/schema/open_api_proto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

namespace ebb::sandbox {
namespace {

struct Field {
  std::uint64_t number = 0, integer = 0;
  std::string_view bytes;
};

std::uint64_t take_varint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) break;
  }
  return value;
}

std::vector<Field> fields(std::string_view rest) {
  std::vector<Field> read;
  while (!rest.empty()) {
    const std::uint64_t tag = take_varint(rest);
    Field field{.number = tag >> 3};
    if ((tag & 7) == 0) field.integer = take_varint(rest);
    std::size_t length = 0;
    if ((tag & 7) == 1) length = 8;
    if ((tag & 7) == 2) length = take_varint(rest);
    EXPECT_LE(length, rest.size());
    field.bytes = rest.substr(0, length);
    rest.remove_prefix(field.bytes.size());
    for (unsigned i = 0; (tag & 7) == 1 && i < field.bytes.size(); ++i)
      field.integer |= std::uint64_t{static_cast<unsigned char>(field.bytes[i])} << 8 * i;
    read.push_back(field);
  }
  return read;
}

// The one field with this number; fails where there is none or more.
std::string_view only(std::string_view message, std::uint64_t number) {
  std::string_view found;
  int count = 0;
  for (const Field& field : fields(message)) {
    if (field.number != number) continue;
    found = field.bytes;
    ++count;
  }
  EXPECT_EQ(count, 1) << number;
  return found;
}

json::value any(std::string_view message) { return json::parse(only(message, 2)); }

// Back into JSON: what the documents made here consist of, read by the numbers of gnostic's messages.
json::value schema_of(std::string_view message);

void add_text(json::object& object, std::string_view key, std::string_view text) { object.emplace(key, text); }

void append(json::object& object, std::string_view key, json::value value) {
  json::value& list = object[key];
  if (!list.is_array()) list = json::array();
  list.get_array().push_back(std::move(value));
}

void add_extension(json::object& object, std::string_view entry) { object.emplace(only(entry, 1), any(only(entry, 2))); }

template <class Read>
json::object map_of(std::string_view message, std::uint64_t entries, Read read) {
  json::object map;
  for (const Field& entry : fields(message)) {
    EXPECT_EQ(entry.number, entries);
    map.emplace(only(entry.bytes, 1), read(only(entry.bytes, 2)));
  }
  return map;
}

json::value additional_of(std::string_view message) {
  const Field field = fields(message).at(0);
  return field.number == 2 ? json::value(field.integer == 1) : schema_of(field.bytes);
}

json::value schema_of(std::string_view message) {
  json::object object;
  for (const Field& field : fields(message)) {
    switch (field.number) {
      case 1: add_text(object, "$ref", field.bytes); break;
      case 2: add_text(object, "format", field.bytes); break;
      case 4: add_text(object, "description", field.bytes); break;
      case 5: object.emplace("default", any(field.bytes)); break;
      case 7: object.emplace("maximum", std::bit_cast<double>(field.integer)); break;
      case 9: object.emplace("minimum", std::bit_cast<double>(field.integer)); break;
      case 11: object.emplace("maxLength", static_cast<std::int64_t>(field.integer)); break;
      case 13: add_text(object, "pattern", field.bytes); break;
      case 19: append(object, "required", field.bytes.data() ? json::value(field.bytes) : json::value()); break;
      case 20: append(object, "enum", any(field.bytes)); break;
      case 21: object.emplace("additionalProperties", additional_of(field.bytes)); break;
      case 22: add_text(object, "type", only(field.bytes, 1)); break;
      case 23: object.emplace("items", schema_of(only(field.bytes, 1))); break;
      case 25: object.emplace("properties", map_of(field.bytes, 1, schema_of)); break;
      case 31: add_extension(object, field.bytes); break;
      default: ADD_FAILURE() << "schema " << field.number;
    }
  }
  return object;
}

json::value parameter_of(std::string_view item) {
  const std::string_view not_body = only(only(item, 1), 2);
  const Field place = fields(not_body).at(0);
  EXPECT_TRUE(place.number == 3 || place.number == 4);   // query, path
  json::object object;
  for (const Field& field : fields(place.bytes)) {
    if (field.number == 1) object.emplace("required", field.integer == 1);
    if (field.number == 2) add_text(object, "in", field.bytes);
    if (field.number == 4) add_text(object, "name", field.bytes);
    if (field.number == (place.number == 3 ? 6U : 5U)) add_text(object, "type", field.bytes);
  }
  return object;
}

json::value response_of(std::string_view value) {
  json::object object;
  for (const Field& field : fields(only(value, 1))) {
    if (field.number == 1) add_text(object, "description", field.bytes);
    if (field.number == 2) object.emplace("schema", schema_of(only(field.bytes, 1)));
  }
  return object;
}

json::value operation_of(std::string_view message) {
  json::object object{{"parameters", json::array()}};
  for (const Field& field : fields(message)) {
    switch (field.number) {
      case 5: add_text(object, "operationId", field.bytes); break;
      case 8: append(object, "parameters", parameter_of(field.bytes)); break;
      case 9: object.emplace("responses", map_of(field.bytes, 1, response_of)); break;
      case 13: add_extension(object, field.bytes); break;
      default: ADD_FAILURE() << "operation " << field.number;
    }
  }
  return object;
}

json::value path_of(std::string_view message) {
  const std::map<std::uint64_t, std::string_view> methods = {{2, "get"}, {3, "put"}, {4, "post"}, {5, "delete"}, {8, "patch"}};
  json::object object;
  for (const Field& field : fields(message)) {
    if (field.number == 9) append(object, "parameters", parameter_of(field.bytes));
    if (field.number != 9) object.emplace(methods.at(field.number), operation_of(field.bytes));
  }
  return object;
}

json::value document_of(std::string_view message) {
  json::object document{{"swagger", only(message, 1)}};
  document.emplace("info", json::object{{"title", only(only(message, 2), 1)}, {"version", only(only(message, 2), 2)}});
  document.emplace("paths", map_of(only(message, 8), 2, path_of));
  document.emplace("definitions", map_of(only(message, 9), 1, schema_of));
  EXPECT_EQ(fields(message).size(), 4U);
  return document;
}

std::string encoded_type(std::string_view schema) {
  const json::value document{{"definitions", {{"T", json::parse(schema)}}}};
  const std::string bytes = encode_open_api_v2(document);
  return std::string(only(only(only(bytes, 9), 1), 2));
}

TEST(OpenApiProto, SaysOfTheBuiltInKindsWhatTheJsonSays) {
  const json::value text = json::parse(open_api_v2(builtin_kinds()));
  const json::value binary = document_of(open_api_v2_binary(builtin_kinds()));
  EXPECT_GT(text.at("definitions").as_object().size(), 200U);
  for (const auto& [name, type] : text.at("definitions").as_object()) EXPECT_EQ(*find_member(binary.at("definitions"), name), type) << name;
  for (const auto& [path, item] : text.at("paths").as_object()) EXPECT_EQ(*find_member(binary.at("paths"), path), item) << path;
  EXPECT_EQ(binary, text);
}

TEST(OpenApiProto, WritesTheRulesOfCustomTypes) {
  constexpr std::string_view kType =
      R"({"type":"object","description":"d","properties":{"a":{"type":"number","minimum":-1.5E0,"maximum":3E0,"enum":[1,2.5E0,null]},
          "b":{"type":"string","maxLength":300,"pattern":"^a$","default":"x"},"x-c":{"type":"array","items":{"type":"boolean"}}},
          "required":["a","b"],"x-kubernetes-preserve-unknown-fields":true})";
  EXPECT_EQ(schema_of(encoded_type(kType)), json::parse(kType));
}

TEST(OpenApiProto, AdditionalPropertiesMayBeForbidden) {
  for (const std::string_view type : {R"({"additionalProperties":false})", R"({"additionalProperties":true})",
                                      R"({"additionalProperties":{"type":"string"}})", R"({"additionalProperties":{}})"}) {
    EXPECT_EQ(schema_of(encoded_type(type)), json::parse(type)) << type;
  }
}

TEST(OpenApiProto, WhatIsZeroIsNotWritten) {
  EXPECT_EQ(encoded_type(R"({"minimum":0,"maxLength":0,"description":"","readOnly":false,"uniqueItems":false})"), "");
}

TEST(OpenApiProto, NegativeAndLargeIntegersKeepTheirValue) {
  const auto read = [](std::string_view type) { return static_cast<std::int64_t>(fields(encoded_type(type)).at(0).integer); };
  EXPECT_EQ(read(R"({"maxLength":-1})"), -1);
  EXPECT_EQ(read(R"({"maxLength":9223372036854775807})"), 9223372036854775807);
  EXPECT_EQ(read(R"({"maxLength":128})"), 128);
}

TEST(OpenApiProto, CharactersThatYamlTakesForLineBreaksOrRefusesAreEscaped) {
  const std::string bytes = encoded_type("{\"default\":\"a\u2028b\u0085c\\u007fd\ufeffe\u00e9\u20ac\U0001f600\"}");
  EXPECT_EQ(only(only(bytes, 5), 2), "\"a\\u2028b\\u0085c\\u007fd\\ufeffe\u00e9\u20ac\U0001f600\"");
}

TEST(OpenApiProto, ParametersAreToldApartByTheirPlace) {
  const json::value document = json::parse(R"({"paths":{"/p":{"parameters":[
      {"in":"body","name":"body","required":true,"schema":{"$ref":"#/definitions/T"}},{"$ref":"#/parameters/pretty"},
      {"in":"header","name":"h","type":"array","items":{"type":"string"}},{"in":"formData","name":"f","type":"integer"}]}}})");
  const std::string bytes = encode_open_api_v2(document);
  const std::vector<Field> parameters = fields(only(only(only(bytes, 8), 2), 2));
  ASSERT_EQ(parameters.size(), 4U);
  const std::string_view body = only(only(parameters[0].bytes, 1), 1);
  EXPECT_EQ(only(body, 2), "body");
  EXPECT_EQ(only(only(body, 5), 1), "#/definitions/T");
  EXPECT_EQ(only(only(parameters[1].bytes, 2), 1), "#/parameters/pretty");
  const std::string_view header = only(only(only(parameters[2].bytes, 1), 2), 1);
  EXPECT_EQ(only(header, 5), "array");
  EXPECT_EQ(only(only(header, 7), 1), "string");
  EXPECT_EQ(only(only(only(only(parameters[3].bytes, 1), 2), 2), 6), "integer");
}

TEST(OpenApiProto, SecurityNamesWhatMayBeRequired) {
  const json::value document = json::parse(R"({"security":[{"BearerToken":[]},{"Other":["a","b"]}],"securityDefinitions":{
      "BearerToken":{"type":"apiKey","name":"authorization","in":"header"},"Other":{"type":"basic","description":"o"}}})");
  const std::string bytes = encode_open_api_v2(document);
  const std::vector<Field> read = fields(bytes);
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(only(only(read[0].bytes, 1), 1), "BearerToken");
  EXPECT_EQ(fields(only(only(read[1].bytes, 1), 2)).size(), 2U);
  const std::vector<Field> definitions = fields(read[2].bytes);
  EXPECT_EQ(only(only(only(definitions[0].bytes, 2), 2), 2), "authorization");
  EXPECT_EQ(only(only(only(definitions[1].bytes, 2), 1), 2), "o");
}

}   // namespace
}   // namespace ebb::sandbox
