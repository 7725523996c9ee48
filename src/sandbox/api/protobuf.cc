#include "sandbox/api/protobuf.h"

#include "sandbox/api/tree.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kMagic("k8s\0", 4);

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

bool skip(std::string_view& bytes, std::size_t count) {
  if (bytes.size() < count) return false;
  bytes.remove_prefix(count);
  return true;
}

// The length-delimited fields of one message; the last of each number counts. Nothing for broken bytes.
std::optional<std::map<std::uint64_t, std::string_view>> fields_of(std::string_view bytes) {
  std::map<std::uint64_t, std::string_view> fields;
  while (!bytes.empty()) {
    const auto tag = take_varint(bytes);
    if (!tag) return std::nullopt;
    switch (*tag & 7) {
      case 0:
        if (!take_varint(bytes)) return std::nullopt;
        break;
      case 1:
        if (!skip(bytes, 8)) return std::nullopt;
        break;
      case 2: {
        const auto size = take_varint(bytes);
        if (!size || *size > bytes.size()) return std::nullopt;
        fields[*tag >> 3] = bytes.substr(0, static_cast<std::size_t>(*size));
        bytes.remove_prefix(static_cast<std::size_t>(*size));
        break;
      }
      case 5:
        if (!skip(bytes, 4)) return std::nullopt;
        break;
      default: return std::nullopt;
    }
  }
  return fields;
}

std::optional<json::object> attributes(std::string_view bytes, std::span<const std::string_view> names) {
  const auto fields = fields_of(bytes);
  if (!fields) return std::nullopt;
  json::object object;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = fields->find(i + 1);
    if (at != fields->end() && !at->second.empty()) object[names[i]] = at->second;
  }
  return object;
}

constexpr auto kResourceNames =
    std::to_array<std::string_view>({"namespace", "verb", "group", "version", "resource", "subresource", "name"});
constexpr auto kPathNames = std::to_array<std::string_view>({"path", "verb"});

std::optional<json::object> decode(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return std::nullopt;
  const auto envelope = fields_of(bytes.substr(kMagic.size()));
  if (!envelope || !envelope->contains(2)) return std::nullopt;
  const auto review = fields_of(envelope->at(2));
  if (!review) return std::nullopt;
  json::object spec;
  if (review->contains(2)) {
    const auto fields = fields_of(review->at(2));
    if (!fields) return std::nullopt;
    if (fields->contains(1)) {
      auto resource = attributes(fields->at(1), kResourceNames);
      if (!resource) return std::nullopt;
      spec["resourceAttributes"] = *std::move(resource);
    }
    if (fields->contains(2)) {
      auto path = attributes(fields->at(2), kPathNames);
      if (!path) return std::nullopt;
      spec["nonResourceAttributes"] = *std::move(path);
    }
  }
  return json::object{{"spec", std::move(spec)}};
}

}   // namespace

Answer<json::object> decode_access_review(std::string_view bytes) {
  auto object = decode(bytes);
  if (!object) return bad_request("the body is no SelfSubjectAccessReview in Kubernetes' protobuf envelope");
  return *std::move(object);
}

}   // namespace ebb::sandbox
