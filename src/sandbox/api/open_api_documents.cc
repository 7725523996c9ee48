#include "sandbox/api/open_api_documents.h"

#include "sandbox/schema/open_api_proto.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

std::string hash_of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02X}", byte);
  return hex;
}

// What version 2 is kept under; group versions have no blank.
constexpr std::string_view kVersion2 = "2 json";
constexpr std::string_view kVersion2Protobuf = "2 protobuf";
constexpr std::string_view kProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

bool is_json(const MediaRange& range) { return range.type == "application/json" || range.type == "*/*" || range.type == "application/*"; }

bool accepts_json(std::string_view accept) {
  const auto ranges = media_ranges(accept);
  return ranges.empty() || std::ranges::any_of(ranges, is_json);
}

// How a client wants version 2. Clients spell the type of the binary form in two ways; answered is one.
enum class Wanted { json, protobuf, other };

Wanted wanted_form(std::string_view accept) {
  const auto ranges = media_ranges(accept);
  for (const MediaRange& range : ranges) {
    if (is_json(range)) return Wanted::json;
    if (range.type == kProtobufType || range.type == "application/com.github.proto-openapi.spec.v2@v1.0+protobuf") return Wanted::protobuf;
  }
  return ranges.empty() ? Wanted::json : Wanted::other;
}

Answer<Response> not_acceptable(std::string_view accepted) {
  return generic(406, "NotAcceptable", fmt::format("only the following media types are accepted: {}", accepted));
}

std::string path_of(const std::string& group, const std::string& version) {
  return group.empty() ? "api/" + version : "apis/" + group + "/" + version;
}

std::string group_version_of(const std::string& group, const std::string& version) {
  return group.empty() ? version : group + "/" + version;
}

}   // namespace

void OpenApiDocuments::forget_stale() {
  if (generation_ == registry_.generation()) return;
  documents_.clear();
  generation_ = registry_.generation();
}

std::vector<Kind> OpenApiDocuments::kinds() const {
  std::vector<Kind> kinds;
  for (const ServedKindPtr& kind : registry_.all()) {
    if (kind->kind.schema) kinds.push_back(kind->kind);
  }
  return kinds;
}

const OpenApiDocuments::Document& OpenApiDocuments::document(const std::string& name) {
  const auto at = documents_.find(name);
  if (at != documents_.end()) return at->second;
  Document made;
  made.text = piece(name == kVersion2           ? open_api_v2(kinds())
                    : name == kVersion2Protobuf ? open_api_v2_binary(kinds())
                                                : open_api_v3(kinds(), name));
  made.hash = hash_of(*made.text);
  return documents_.emplace(name, std::move(made)).first->second;
}

Answer<Response> OpenApiDocuments::index() {
  json::object paths;
  for (const std::string& group : registry_.groups()) {
    for (const std::string& version : registry_.versions(group)) {
      const std::string path = path_of(group, version);
      const Document& made = document(group_version_of(group, version));
      paths[path] = json::object{{"serverRelativeURL", fmt::format("/openapi/v3/{}?hash={}", path, made.hash)}};
    }
  }
  return json_response(200, json::object{{"paths", std::move(paths)}});
}

Response OpenApiDocuments::response(const std::string& name) {
  const Document& made = document(name);
  Response response = piece_response(200, made.text);
  response.headers.emplace_back("ETag", "\"" + made.hash + "\"");
  return response;
}

Answer<Response> OpenApiDocuments::version_2(std::string_view accept) {
  const Wanted wanted = wanted_form(accept);
  if (wanted == Wanted::other) return not_acceptable(fmt::format("application/json, {}", kProtobufType));
  Response made = response(std::string(wanted == Wanted::json ? kVersion2 : kVersion2Protobuf));
  if (wanted == Wanted::protobuf) made.content_type = kProtobufType;
  made.headers.emplace_back("Vary", "Accept");
  return made;
}

Answer<Response> OpenApiDocuments::handle(const std::vector<std::string>& segments, const Call& call) {
  forget_stale();
  if (segments.size() == 2 && segments[1] == "v2") return version_2(call.request.accept);
  if (segments.size() < 2) return path_not_found();
  if (!accepts_json(call.request.accept)) return not_acceptable("application/json");
  std::string group_version;
  if (segments[1] == "v3" && segments.size() == 2) return index();
  if (segments[1] == "v3" && segments.size() == 4 && segments[2] == "api") {
    group_version = segments[3];
    if (registry_.resources("", segments[3]).empty()) return path_not_found();
  } else if (segments[1] == "v3" && segments.size() == 5 && segments[2] == "apis") {
    group_version = segments[3] + "/" + segments[4];
    if (registry_.resources(segments[3], segments[4]).empty()) return path_not_found();
  } else {
    return path_not_found();
  }
  return response(group_version);
}

}   // namespace ebb::sandbox
