#include "cli/cluster/manifest.h"

#include "model/yaml.h"
#include "sandbox/json/json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace ebb::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

Result<std::string> read_text(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::not_found, "{}: {}", path, std::strerror(errno));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail(Errc::io, "{}: {}", path, std::strerror(errno));
  return text;
}

Result<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code error;
  if (path == "-" || !fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const std::string extension = entry->path().extension();
    if (extension == ".yaml" || extension == ".yml" || extension == ".json") files.push_back(entry->path());
  }
  if (error) return fail(Errc::io, "{}: {}", path, error.message());
  if (files.empty()) return fail(Errc::not_found, "{}: no .yaml, .yml or .json file in this folder", path);
  std::ranges::sort(files);
  return files;
}

bool is_list(const json::object& object) {
  return sandbox::string_at(object, "kind").ends_with("List") && sandbox::array_at(object, "items") != nullptr;
}

Status check_identity(const Manifest& manifest) {
  for (const std::string_view field : {"apiVersion", "kind", "metadata.name"}) {
    if (sandbox::string_at(manifest.object, field).empty()) {
      return fail(Errc::invalid, "{}:{}: {}: it must be set", manifest.file, manifest.line, field);
    }
  }
  return {};
}

Status add_document(const std::string& file, const model::YamlNode& document, std::vector<Manifest>& manifests) {
  if (document.is_null()) return {};
  EBB_TRY(const std::string text, model::to_json(document));
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return fail(Errc::invalid, "{}:{}: an object of Kubernetes must be a mapping", file, document.line);
  if (is_list(value.get_object())) {
    for (json::value& item : value.get_object()["items"].get_array()) {
      if (!item.is_object()) return fail(Errc::invalid, "{}:{}: items: each must be a mapping", file, document.line);
      manifests.push_back({.file = file, .line = document.line, .object = std::move(item.get_object())});
      EBB_TRY_VOID(check_identity(manifests.back()));
    }
    return {};
  }
  manifests.push_back({.file = file, .line = document.line, .object = std::move(value.get_object())});
  return check_identity(manifests.back());
}

}   // namespace

Result<std::vector<Manifest>> parse_manifests(const std::string& file, const std::string& text) {
  const model::YamlText yaml = model::parse_yaml(text);
  if (!yaml.ok()) {
    std::string message;
    for (const auto& finding : yaml.findings) {
      message += fmt::format("{}{}:{}: {}{}{}", message.empty() ? "" : "\n", file, finding.line, finding.path,
                             finding.path.empty() ? "" : ": ", finding.message);
    }
    return fail(Errc::invalid, "{}", message);
  }
  std::vector<Manifest> manifests;
  for (const auto& document : yaml.documents) {
    if (const Status added = add_document(file, document, manifests); !added) return std::unexpected(added.error());
  }
  return manifests;
}

Result<std::vector<Manifest>> read_manifests(const std::vector<std::string>& paths) {
  std::vector<Manifest> manifests;
  for (const std::string& path : paths) {
    EBB_TRY(const auto files, files_of(path));
    for (const std::string& file : files) {
      EBB_TRY(const std::string text, read_text(file));
      EBB_TRY(auto documents, parse_manifests(file, text));
      std::ranges::move(documents, std::back_inserter(manifests));
    }
  }
  if (manifests.empty()) return fail(Errc::invalid, "{}: there is no object in it", fmt::join(paths, ", "));
  return manifests;
}

std::string describe(const json::object& object) {
  const std::string_view ns = sandbox::string_at(object, "metadata.namespace");
  return fmt::format("{} {}{}{}", sandbox::string_at(object, "kind"), ns, ns.empty() ? "" : "/",
                     sandbox::string_at(object, "metadata.name"));
}

}   // namespace ebb::cli
