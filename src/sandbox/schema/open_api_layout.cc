#include "sandbox/schema/open_api_layout.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

using enum ApiForm;
using enum ApiMessage;

constexpr ApiMember kDocument[] = {{"swagger", 1, text},
                                   {"info", 2, message, info},
                                   {"host", 3, text},
                                   {"basePath", 4, text},
                                   {"schemes", 5, texts},
                                   {"consumes", 6, texts},
                                   {"produces", 7, texts},
                                   {"paths", 8, map, path_item, 2},
                                   {"definitions", 9, map, schema},
                                   {"parameters", 10, map, parameter},
                                   {"responses", 11, map, response},
                                   {"security", 12, messages, security_requirement},
                                   {"securityDefinitions", 13, map, security}};

constexpr ApiMember kInfo[] = {{"title", 1, text}, {"version", 2, text}, {"description", 3, text}, {"termsOfService", 4, text}};

constexpr ApiMember kPathItem[] = {{"$ref", 1, text},
                                   {"get", 2, message, operation},
                                   {"put", 3, message, operation},
                                   {"post", 4, message, operation},
                                   {"delete", 5, message, operation},
                                   {"options", 6, message, operation},
                                   {"head", 7, message, operation},
                                   {"patch", 8, message, operation},
                                   {"parameters", 9, messages, parameters_item}};

constexpr ApiMember kOperation[] = {{"tags", 1, texts},
                                    {"summary", 2, text},
                                    {"description", 3, text},
                                    {"operationId", 5, text},
                                    {"produces", 6, texts},
                                    {"consumes", 7, texts},
                                    {"parameters", 8, messages, parameters_item},
                                    {"responses", 9, map, response_value},
                                    {"schemes", 10, texts},
                                    {"deprecated", 11, flag},
                                    {"security", 12, messages, security_requirement}};

constexpr ApiMember kBodyParameter[] = {
    {"description", 1, text}, {"name", 2, text}, {"in", 3, text}, {"required", 4, flag}, {"schema", 5, message, schema}};

constexpr ApiMember kParameter[] = {
    {"required", 1, flag}, {"in", 2, text}, {"description", 3, text}, {"name", 4, text}, {"allowEmptyValue", 5, flag}};

// The type of a simple value; numbers count from where it begins in a message.
constexpr ApiMember kValueType[] = {{"type", 0, text},
                                    {"format", 1, text},
                                    {"items", 2, message, primitive_items},
                                    {"collectionFormat", 3, text},
                                    {"default", 4, any},
                                    {"maximum", 5, number},
                                    {"exclusiveMaximum", 6, flag},
                                    {"minimum", 7, number},
                                    {"exclusiveMinimum", 8, flag},
                                    {"maxLength", 9, integer},
                                    {"minLength", 10, integer},
                                    {"pattern", 11, text},
                                    {"maxItems", 12, integer},
                                    {"minItems", 13, integer},
                                    {"uniqueItems", 14, flag},
                                    {"enum", 15, anys},
                                    {"multipleOf", 16, number}};

constexpr ApiMember kResponse[] = {{"description", 1, text}, {"schema", 2, message, schema_item}};

constexpr ApiMember kReference[] = {{"$ref", 1, text}, {"description", 2, text}};

constexpr ApiMember kBasicSecurity[] = {{"type", 1, text}, {"description", 2, text}};

constexpr ApiMember kKeySecurity[] = {{"type", 1, text}, {"name", 2, text}, {"in", 3, text}, {"description", 4, text}};

constexpr ApiMember kSchema[] = {{"$ref", 1, text},
                                 {"format", 2, text},
                                 {"title", 3, text},
                                 {"description", 4, text},
                                 {"default", 5, any},
                                 {"multipleOf", 6, number},
                                 {"maximum", 7, number},
                                 {"exclusiveMaximum", 8, flag},
                                 {"minimum", 9, number},
                                 {"exclusiveMinimum", 10, flag},
                                 {"maxLength", 11, integer},
                                 {"minLength", 12, integer},
                                 {"pattern", 13, text},
                                 {"maxItems", 14, integer},
                                 {"minItems", 15, integer},
                                 {"uniqueItems", 16, flag},
                                 {"maxProperties", 17, integer},
                                 {"minProperties", 18, integer},
                                 {"required", 19, texts},
                                 {"enum", 20, anys},
                                 {"additionalProperties", 21, message, additional_properties},
                                 {"type", 22, message, type_list},
                                 {"items", 23, message, schema_list},
                                 {"allOf", 24, messages, schema},
                                 {"properties", 25, map, schema},
                                 {"discriminator", 26, text},
                                 {"readOnly", 27, flag},
                                 {"example", 30, any}};

const ApiMember* find(std::span<const ApiMember> members, std::string_view name) {
  const auto found = std::ranges::find(members, name, &ApiMember::name);
  return found == members.end() ? nullptr : &*found;
}

}   // namespace

ApiLayout api_layout(ApiMessage type) {
  switch (type) {
    case document: return {kDocument, 16};
    case info: return {kInfo, 7};
    case path_item: return {kPathItem, 10};
    case operation: return {kOperation, 13};
    case body_parameter: return {kBodyParameter, 6};
    case query_parameter: return {kParameter, 23, 6};
    case path_parameter: return {std::span(kParameter).first(4), 22, 5};
    case primitive_items: return {{}, 18, 1};
    case response: return {kResponse, 5};
    case schema: return {kSchema, 31};
    case json_reference: return {kReference};
    case basic_security: return {kBasicSecurity, 3};
    case key_security: return {kKeySecurity, 5};
    default: return {};
  }
}

ApiMember api_member(const ApiLayout& layout, std::string_view name) {
  if (const ApiMember* own = find(layout.members, name)) return *own;
  const ApiMember* of_type = layout.value_type == 0 ? nullptr : find(kValueType, name);
  if (!of_type) return {};
  ApiMember member = *of_type;
  member.number += layout.value_type;
  return member;
}

}   // namespace ebb::sandbox
