#include "cli/cluster/resource_paths.h"

#include "sandbox/json/json.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cctype>

namespace ebb::cli {
namespace {

namespace json = boost::json;

Result<json::array> resources_at(kube::Client& client, const std::string& prefix) {
  EBB_TRY(const auto answer, client.request({.target = prefix}));
  boost::system::error_code error;
  const json::value document = json::parse(answer.body, error);
  const auto* resources = error ? nullptr : sandbox::find_path(document, "resources");
  if (resources == nullptr || !resources->is_array()) return fail(Errc::invalid, "{}: the server's answer is no APIResourceList", prefix);
  return resources->get_array();
}

}   // namespace

std::string ServedResource::path(std::string_view ns, std::string_view name) const {
  std::string text = prefix;
  if (namespaced && !ns.empty()) text += fmt::format("/namespaces/{}", kube::url_encode(ns));
  text += fmt::format("/{}", plural);
  if (!name.empty()) text += fmt::format("/{}", kube::url_encode(name));
  return text;
}

std::string ServedResource::display(std::string_view name) const {
  std::string lower = kind;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return fmt::format("{}{}{}/{}", lower, group.empty() ? "" : ".", group, name);
}

Result<ServedResource> ResourcePaths::find(std::string_view api_version, std::string_view kind) {
  auto known = groups_.find(api_version);
  if (known == groups_.end()) {
    const std::size_t slash = api_version.find('/');
    const std::string prefix = fmt::format("/{}/{}", slash == std::string_view::npos ? "api" : "apis", api_version);
    auto resources = resources_at(client_, prefix);
    if (!resources && resources.error().code == Errc::not_found) {
      return fail(Errc::not_found, "the server does not serve apiVersion {}", api_version);
    }
    if (!resources) return std::unexpected(std::move(resources).error());
    Kinds kinds;
    for (const json::value& item : *resources) {
      if (!item.is_object()) continue;
      const json::object& resource = item.get_object();
      const std::string_view plural = sandbox::string_at(resource, "name");
      if (plural.contains('/')) continue;   // a subresource
      ServedResource served{.prefix = prefix, .plural = std::string(plural)};
      served.namespaced = sandbox::bool_at(resource, "namespaced");
      served.group = slash == std::string_view::npos ? "" : std::string(api_version.substr(0, slash));
      served.kind = std::string(sandbox::string_at(resource, "kind"));
      kinds.emplace(served.kind, served);
    }
    known = groups_.emplace(std::string(api_version), std::move(kinds)).first;
  }
  const auto found = known->second.find(kind);
  if (found == known->second.end()) return fail(Errc::not_found, "the server does not serve kind {} in {}", kind, api_version);
  return found->second;
}

}   // namespace ebb::cli
