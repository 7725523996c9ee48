#include "cli/cluster/applier.h"

#include "sandbox/json/json.h"

#include <fmt/format.h>

namespace ebb::cli {
namespace {

namespace json = boost::json;

std::string version_of(const std::string& body) {
  boost::system::error_code error;
  const json::value object = json::parse(body, error);
  return error ? std::string() : std::string(sandbox::string_at(object, "metadata.resourceVersion"));
}

}   // namespace

Status Applier::ensure_namespace(std::string_view ns) {
  const json::object body{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", json::object{{"name", ns}}}};
  const auto made = client_.request({.method = "POST", .target = "/api/v1/namespaces", .body = json::serialize(body)});
  if (!made && made.error().code != Errc::exists) return std::unexpected(made.error());
  return {};
}

Result<Applied> Applier::apply(const Manifest& manifest) {
  const auto where = [&] { return fmt::format("{}:{}: {}", manifest.file, manifest.line, describe(manifest.object)); };
  const std::string api_version(manifest.object.at("apiVersion").get_string());
  const std::string kind(manifest.object.at("kind").get_string());
  auto served = paths_.find(api_version, kind);
  if (!served) return std::unexpected(std::move(served).error().with(where()));

  std::string ns(sandbox::string_at(manifest.object, "metadata.namespace"));
  if (ns.empty()) ns = options_.ns.empty() ? client_.default_namespace() : options_.ns;
  if (served->namespaced && options_.create_namespaces) {
    if (const Status made = ensure_namespace(ns); !made) return std::unexpected(Error(made.error()).with(where()));
  }
  const std::string name(sandbox::string_at(manifest.object, "metadata.name"));
  const std::string path = served->path(ns, name);

  const auto before = client_.request({.target = path});
  if (!before && before.error().code != Errc::not_found) return std::unexpected(Error(before.error()).with(where()));
  auto after =
      client_.request({.method = "PATCH",
                       .target = fmt::format("{}?fieldManager=ebb&fieldValidation=Strict{}", path, options_.force ? "&force=true" : ""),
                       .body = json::serialize(manifest.object),
                       .content_type = "application/apply-patch+yaml"});
  if (!after) return std::unexpected(std::move(after).error().with(where()));
  if (kind == "CustomResourceDefinition") paths_.forget();
  const bool unchanged = before && version_of(before->body) == version_of(after->body);
  return Applied{.object = served->display(name), .outcome = !before ? "created" : unchanged ? "unchanged" : "configured"};
}

}   // namespace ebb::cli
