#include "sandbox/api/open_api_documents.h"

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

bool accepts_json(std::string_view accept) {
  const auto ranges = media_ranges(accept);
  return ranges.empty() || std::ranges::any_of(ranges, [](const MediaRange& range) {
           return range.type == "application/json" || range.type == "*/*" || range.type == "application/*";
         });
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

const OpenApiDocuments::Document& OpenApiDocuments::document(const std::string& group_version) {
  const auto at = documents_.find(group_version);
  if (at != documents_.end()) return at->second;
  Document made;
  made.text = piece(group_version.empty() ? open_api_v2(kinds()) : open_api_v3(kinds(), group_version));
  made.hash = hash_of(*made.text);
  return documents_.emplace(group_version, std::move(made)).first->second;
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

Answer<Response> OpenApiDocuments::handle(const std::vector<std::string>& segments, const Call& call) {
  forget_stale();
  if (segments.size() < 2) return path_not_found();
  if (!accepts_json(call.request.accept)) {
    return generic(406, "NotAcceptable", "only the following media types are accepted: application/json");
  }
  std::string group_version;
  if (segments[1] == "v3" && segments.size() == 2) return index();
  if (segments[1] == "v3" && segments.size() == 4 && segments[2] == "api") {
    group_version = segments[3];
    if (registry_.resources("", segments[3]).empty()) return path_not_found();
  } else if (segments[1] == "v3" && segments.size() == 5 && segments[2] == "apis") {
    group_version = segments[3] + "/" + segments[4];
    if (registry_.resources(segments[3], segments[4]).empty()) return path_not_found();
  } else if (segments[1] != "v2" || segments.size() != 2) {
    return path_not_found();
  }
  const Document& made = document(group_version);
  Response response = piece_response(200, made.text);
  response.headers.emplace_back("ETag", "\"" + made.hash + "\"");
  return response;
}

}   // namespace ebb::sandbox
