#include "sandbox/api/discovery.h"

#include "sandbox/api/base64.h"
#include "sandbox/api/health.h"
#include "sandbox/api/open_api_documents.h"
#include "sandbox/api/tree.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kAggregatedGroup = "apidiscovery.k8s.io";

json::array texts(const std::vector<std::string>& given) {
  json::array array;
  for (const std::string& text : given) array.push_back(json::string(text));
  return array;
}

std::string group_version(const std::string& group, const std::string& version) { return group.empty() ? version : group + "/" + version; }

// Names the version in which objects are kept without telling it, as clients compare it: the first
// 8 bytes of SHA-256 over group/version/kind, in base64.
std::string storage_version_hash(const ServedKind& kind) {
  const std::string text = kind.kind.storage_group + "/" + kind.kind.storage_version + "/" + kind.kind.kind;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string base64 = to_base64_url({reinterpret_cast<const char*>(digest.data()), 8}) + "=";
  std::ranges::replace(base64, '-', '+');
  std::ranges::replace(base64, '_', '/');
  return base64;
}

json::object api_resource(const ServedKind& kind) {
  json::object made{{"name", kind.kind.resource},
                    {"singularName", kind.kind.singular},
                    {"namespaced", kind.kind.namespaced},
                    {"kind", kind.kind.kind},
                    {"verbs", texts(kind.verbs)}};
  if (!kind.kind.short_names.empty()) made["shortNames"] = texts(kind.kind.short_names);
  if (!kind.kind.categories.empty()) made["categories"] = texts(kind.kind.categories);
  if (kind.stored) made["storageVersionHash"] = storage_version_hash(kind);
  return made;
}

json::object api_subresource(const ServedKind& kind, const Subresource& subresource) {
  json::object made{{"name", kind.kind.resource + "/" + subresource.name}, {"singularName", ""}, {"namespaced", kind.kind.namespaced}};
  if (!subresource.version.empty()) {
    made["group"] = subresource.group;
    made["version"] = subresource.version;
  }
  made["kind"] = subresource.kind;
  made["verbs"] = texts(subresource.verbs);
  return made;
}

json::object response_kind(const std::string& group, const std::string& version, const std::string& kind) {
  return {{"group", group}, {"version", version}, {"kind", kind}};
}

json::object aggregated_resource(const ServedKind& kind) {
  json::object made{{"resource", kind.kind.resource},
                    {"responseKind", response_kind(kind.kind.group, kind.kind.version, kind.kind.kind)},
                    {"scope", kind.kind.namespaced ? "Namespaced" : "Cluster"},
                    {"singularResource", kind.kind.singular},
                    {"verbs", texts(kind.verbs)}};
  if (!kind.kind.short_names.empty()) made["shortNames"] = texts(kind.kind.short_names);
  if (!kind.kind.categories.empty()) made["categories"] = texts(kind.kind.categories);
  json::array subresources;
  for (const Subresource& one : kind.subresources) {
    const bool own = one.version.empty();
    subresources.push_back(
        json::object{{"subresource", one.name},
                     {"responseKind", response_kind(own ? kind.kind.group : one.group, own ? kind.kind.version : one.version, one.kind)},
                     {"verbs", texts(one.verbs)}});
  }
  if (!subresources.empty()) made["subresources"] = std::move(subresources);
  return made;
}

// The version of aggregated discovery that the client prefers; empty: it wants the old form.
std::string aggregated_version(std::string_view accept) {
  for (const MediaRange& range : media_ranges(accept)) {
    if (range.type != "application/json") continue;
    if (range.as.empty()) return {};
    if (range.as == "APIGroupDiscoveryList" && range.group == kAggregatedGroup && (range.version == "v2" || range.version == "v2beta1")) {
      return range.version;
    }
  }
  return {};
}

}   // namespace

std::optional<Answer<Response>> Discovery::handle(const std::vector<std::string>& segments, const Call& call) {
  const bool read = call.request.method == "GET" || call.request.method == "HEAD";
  if (segments.empty()) return read ? Answer<Response>(root_paths()) : Answer<Response>(method_not_allowed());
  const std::string& first = segments[0];
  const bool own = (first == "api" && segments.size() <= 2) || (first == "apis" && segments.size() <= 3) || first == "openapi" ||
                   (first == "version" && segments.size() == 1) || is_health_path(segments);
  if (!own) return std::nullopt;
  if (!read) return Answer<Response>(method_not_allowed());
  if (first == "version") return Answer<Response>(json_response(200, server_version()));
  if (first == "api") return api(segments, call);
  if (first == "apis") return apis(segments, call);
  if (first == "openapi") return open_api_.handle(segments, call);
  return health_response(segments, call.query);
}

Answer<Response> Discovery::api(const std::vector<std::string>& segments, const Call& call) const {
  if (segments.size() == 2) return resource_list("", segments[1]);
  if (const std::string version = aggregated_version(call.request.accept); !version.empty()) return aggregated(true, version);
  const json::object address{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", ""}};
  return json_response(
      200, json::object{{"kind", "APIVersions"}, {"versions", json::array{"v1"}}, {"serverAddressByClientCIDRs", json::array{address}}});
}

json::object Discovery::group_of(const std::string& group) const {
  json::array versions;
  for (const std::string& version : registry_.versions(group)) {
    versions.push_back(json::object{{"groupVersion", group_version(group, version)}, {"version", version}});
  }
  const json::value preferred = versions.empty() ? json::value(json::object()) : versions.front();
  return {{"name", group}, {"versions", std::move(versions)}, {"preferredVersion", preferred}};
}

Answer<Response> Discovery::apis(const std::vector<std::string>& segments, const Call& call) const {
  if (segments.size() == 3) return resource_list(segments[1], segments[2]);
  if (segments.size() == 2) {
    if (segments[1].empty() || registry_.versions(segments[1]).empty()) return path_not_found();
    json::object group{{"kind", "APIGroup"}, {"apiVersion", "v1"}};
    for (auto& member : group_of(segments[1])) group[member.key()] = member.value();
    return json_response(200, group);
  }
  if (const std::string version = aggregated_version(call.request.accept); !version.empty()) return aggregated(false, version);
  json::array groups;
  for (const std::string& group : registry_.groups()) {
    if (!group.empty()) groups.push_back(group_of(group));
  }
  return json_response(200, json::object{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}});
}

Answer<Response> Discovery::resource_list(const std::string& group, const std::string& version) const {
  const auto kinds = registry_.resources(group, version);
  if (kinds.empty()) return path_not_found();
  json::array resources;
  for (const ServedKindPtr& kind : kinds) {
    resources.push_back(api_resource(*kind));
    for (const Subresource& one : kind->subresources) resources.push_back(api_subresource(*kind, one));
  }
  return json_response(200, json::object{{"kind", "APIResourceList"},
                                         {"apiVersion", "v1"},
                                         {"groupVersion", group_version(group, version)},
                                         {"resources", std::move(resources)}});
}

Answer<Response> Discovery::aggregated(bool core, const std::string& meta_version) const {
  json::array items;
  for (const std::string& group : registry_.groups()) {
    if (group.empty() != core) continue;
    json::array versions;
    for (const std::string& version : registry_.versions(group)) {
      json::array resources;
      for (const ServedKindPtr& kind : registry_.resources(group, version)) resources.push_back(aggregated_resource(*kind));
      versions.push_back(json::object{{"version", version}, {"resources", std::move(resources)}, {"freshness", "Current"}});
    }
    json::object metadata{{"creationTimestamp", nullptr}};
    if (!group.empty()) metadata["name"] = group;
    items.push_back(json::object{{"metadata", std::move(metadata)}, {"versions", std::move(versions)}});
  }
  Response response = json_response(200, json::object{{"kind", "APIGroupDiscoveryList"},
                                                      {"apiVersion", fmt::format("{}/{}", kAggregatedGroup, meta_version)},
                                                      {"metadata", json::object()},
                                                      {"items", std::move(items)}});
  response.content_type = fmt::format("application/json;g={};v={};as=APIGroupDiscoveryList", kAggregatedGroup, meta_version);
  return response;
}

}   // namespace ebb::sandbox
