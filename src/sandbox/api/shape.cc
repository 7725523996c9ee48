#include "sandbox/api/shape.h"

#include "sandbox/api/custom_resources.h"
#include "sandbox/api/tree.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

}   // namespace

Answer<void> identify(const ServedKind& kind, const model::ObjectKey& key, json::object& object) {
  const std::string_view api_version = text_in(object, "apiVersion");
  const std::string_view named_kind = text_in(object, "kind");
  if (!api_version.empty() && api_version != kind.api_version()) {
    return bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})", api_version, kind.api_version()));
  }
  if (!named_kind.empty() && named_kind != kind.kind.kind) {
    return bad_request(fmt::format("the kind in the data ({}) does not match the expected kind ({})", named_kind, kind.kind.kind));
  }
  object["apiVersion"] = kind.api_version();
  object["kind"] = kind.kind.kind;
  if (const json::value* given = object.if_contains("metadata"); given != nullptr && !given->is_object() && !given->is_null()) {
    return bad_request("metadata must be an object");
  }
  json::object& metadata = ensure_object(object, "metadata");
  if (kind.kind.namespaced) {
    const std::string_view ns = text_in(metadata, "namespace");
    if (!ns.empty() && ns != key.ns) {
      return bad_request("the namespace of the provided object does not match the namespace sent on the request");
    }
    metadata["namespace"] = key.ns;
  } else {
    if (!text_in(metadata, "namespace").empty()) {
      return bad_request("namespace may not be set on a cluster-scoped object");
    }
    metadata.erase("namespace");
  }
  const std::string_view name = text_in(metadata, "name");
  if (key.name.empty() || name == key.name) return {};
  if (!name.empty()) {
    return bad_request(fmt::format("the name of the object ({}) does not match the name on the URL ({})", name, key.name));
  }
  metadata["name"] = key.name;
  return {};
}

Answer<void> shape(const ServedKind& kind, json::object& object, const WriteContext& context) {
  std::vector<std::string> strange;
  const auto errors = prune_and_check(*kind.kind.schema, object, strange);
  const std::string prefix =
      fmt::format("{} in version \"{}\" cannot be handled as a {}: ", kind.kind.kind, kind.kind.version, kind.kind.kind);
  if (!errors.empty()) {
    const FieldError& first = errors.front();
    return bad_request(prefix + (first.field.empty() ? first.message : first.field + ": " + first.message));
  }
  for (const std::string& path : context.duplicates) strange.push_back(fmt::format("duplicate field \"{}\"", path));
  if (strange.empty() || context.unknown_fields == UnknownFields::ignore) return {};
  if (context.unknown_fields == UnknownFields::strict) return bad_request(prefix + "strict decoding error: " + joined(strange));
  if (context.warnings != nullptr) context.warnings->insert(context.warnings->end(), strange.begin(), strange.end());
  return {};
}

Answer<void> check_definition(const ServedKind& kind, const json::object& object) {
  if (kind.kind.group != "apiextensions.k8s.io" || kind.kind.resource != "customresourcedefinitions") return {};
  const auto kinds = kinds_of_definition(object);
  if (kinds) return {};
  const std::string& message = kinds.error().message;
  const std::size_t colon = std::min(message.find(": "), message.size());
  FieldError error{"FieldValueInvalid", message.substr(0, colon), "Invalid value: " + message.substr(std::min(colon + 2, message.size()))};
  return invalid(kind.kind.group, kind.kind.kind, metadata_text(object, "name"), {error});
}

}   // namespace ebb::sandbox
