#include "kube/kubeconfig.h"

#include "kube/base64.h"
#include "kube/read_file.h"
#include "model/yaml.h"

#include <array>
#include <cstdlib>
#include <optional>
#include <span>

namespace ebb::kube {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;

// A node, and the file it stands in.
struct Place {
  const KubeconfigText* file = nullptr;
  const model::YamlNode* node = nullptr;

  Place at(const model::YamlNode& other) const { return {file, &other}; }
  std::string where() const { return fmt::format("{}:{}", file->path, node->line); }
};

template <class... Args>
std::unexpected<Error> fail_at(const Place& place, Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format("{}: {}", place.where(), fmt::format(format, std::forward<Args>(args)...))});
}

// Text under `key`; none where it is missing or null. The value never enters a message.
Result<std::optional<std::string>> text_of(const Place& mapping, std::string_view key) {
  const model::YamlNode* value = mapping.node->find(key);
  if (value == nullptr || value->is_null()) return std::optional<std::string>();
  if (!value->is_scalar()) return fail_at(mapping.at(*value), Errc::invalid, "{}: expected text", key);
  return value->text.empty() ? std::optional<std::string>() : std::optional<std::string>(value->text);
}

Result<bool> flag_of(const Place& mapping, std::string_view key) {
  EBB_TRY(const auto text, text_of(mapping, key));
  if (!text || *text == "false") return false;
  if (*text == "true") return true;
  return fail_at(mapping.at(*mapping.node->find(key)), Errc::invalid, "{}: expected true or false", key);
}

struct Document {
  const KubeconfigText* file = nullptr;
  model::YamlText tree;
};

Result<Document> parse_file(const KubeconfigText& file) {
  Document document{.file = &file, .tree = model::parse_yaml(file.text)};
  if (!document.tree.ok()) {
    const auto& finding = document.tree.findings.front();
    return fail(Errc::invalid, "{}:{}: {}", file.path, finding.line, finding.message);
  }
  for (const model::YamlNode& root : document.tree.documents) {
    if (!root.is_mapping() && !root.is_null())
      return fail(Errc::invalid, "{}:{}: expected the mapping of a kubeconfig", file.path, root.line);
  }
  return document;
}

// What an entry of the list `list` named `name` holds under `inner`; the first file that has it wins.
Result<Place> find_named(const std::vector<Document>& documents, std::string_view list, std::string_view inner, std::string_view name) {
  for (const Document& document : documents) {
    Place found;
    for (const model::YamlNode& root : document.tree.documents) {
      const model::YamlNode* entries = root.find(list);
      if (entries == nullptr || entries->is_null()) continue;
      const Place list_place{document.file, entries};
      if (!entries->is_sequence()) return fail_at(list_place, Errc::invalid, "{}: expected a list", list);
      for (const model::YamlNode& entry : entries->items) {
        const Place place = list_place.at(entry);
        if (!entry.is_mapping()) return fail_at(place, Errc::invalid, "{}: expected entries with name and {}", list, inner);
        EBB_TRY(const auto entry_name, text_of(place, "name"));
        if (!entry_name || *entry_name != name) continue;
        if (found.node != nullptr) return fail_at(place, Errc::invalid, "{}: the name '{}' stands here twice", list, name);
        const model::YamlNode* value = entry.find(inner);
        if (value == nullptr || !value->is_mapping()) return fail_at(place, Errc::invalid, "{} '{}': {} is missing", list, name, inner);
        found = place.at(*value);
      }
    }
    if (found.node != nullptr) return found;
  }
  std::string paths;
  for (const Document& document : documents) paths += (paths.empty() ? "" : ", ") + document.file->path;
  return fail(Errc::not_found, "{}: there is no '{}' among its {}", paths, name, list);
}

std::string resolve(const KubeconfigText& file, const std::string& path) {
  if (path.starts_with('/')) return path;
  const std::size_t slash = file.path.rfind('/');
  return slash == std::string::npos ? path : file.path.substr(0, slash + 1) + path;
}

// KEY-data (base64) goes before KEY (a file). Empty where neither is given.
Result<std::string> pem_of(const Place& mapping, std::string_view key) {
  const std::string inline_key = fmt::format("{}-data", key);
  EBB_TRY(const auto encoded, text_of(mapping, inline_key));
  if (encoded) {
    auto decoded = decode_base64(*encoded);
    if (!decoded) return fail_at(mapping.at(*mapping.node->find(inline_key)), Errc::invalid, "{}: {}", inline_key, decoded.error().message);
    return decoded;
  }
  EBB_TRY(const auto path, text_of(mapping, key));
  if (!path) return std::string();
  auto text = read_whole_file(resolve(*mapping.file, *path), kFileBytesMax);
  if (!text) return fail_at(mapping.at(*mapping.node->find(key)), text.error().code, "{}: {}", key, text.error().message);
  return text;
}

Status refuse_unsupported(const Place& mapping, std::span<const std::string_view> keys, std::string_view instead) {
  for (const std::string_view key : keys) {
    const model::YamlNode* value = mapping.node->find(key);
    if (value == nullptr || value->is_null()) continue;
    return fail_at(mapping.at(*value), Errc::unsupported, "{} is not supported; {}", key, instead);
  }
  return {};
}

Status read_cluster(const Place& cluster, Access& access) {
  static constexpr std::array<std::string_view, 1> kUnsupported{"proxy-url"};
  EBB_TRY_VOID(refuse_unsupported(cluster, kUnsupported, "use a server that can be reached directly"));
  EBB_TRY(const auto server, text_of(cluster, "server"));
  if (!server) return fail_at(cluster, Errc::invalid, "the cluster has no server");
  access.server = *server;
  EBB_TRY(access.insecure_skip_tls_verify, flag_of(cluster, "insecure-skip-tls-verify"));
  EBB_TRY(const auto server_name, text_of(cluster, "tls-server-name"));
  access.tls_server_name = server_name.value_or("");
  EBB_TRY(access.ca_pem, pem_of(cluster, "certificate-authority"));
  if (access.insecure_skip_tls_verify && !access.ca_pem.empty()) {
    return fail_at(cluster, Errc::invalid, "insecure-skip-tls-verify contradicts certificate-authority: leave one out");
  }
  return {};
}

Status read_user(const Place& user, Access& access) {
  static constexpr std::array<std::string_view, 8> kUnsupported{"exec", "auth-provider", "username",  "password",
                                                                "as",   "as-uid",        "as-groups", "as-user-extra"};
  EBB_TRY_VOID(refuse_unsupported(user, kUnsupported, "use a token, a token file or a client certificate"));
  EBB_TRY(const auto token, text_of(user, "token"));
  EBB_TRY(const auto token_file, text_of(user, "tokenFile"));
  if (token) access.token = Secret(*token);
  if (token_file) access.token_file = resolve(*user.file, *token_file);
  EBB_TRY(access.client_certificate_pem, pem_of(user, "client-certificate"));
  EBB_TRY(std::string key, pem_of(user, "client-key"));
  access.client_key_pem = Secret(std::move(key));
  if (access.client_certificate_pem.empty() != access.client_key_pem.empty()) {
    return fail_at(user, Errc::invalid, "client-certificate and client-key need each other");
  }
  return {};
}

Result<std::string> current_context(const std::vector<Document>& documents) {
  for (const Document& document : documents) {
    for (const model::YamlNode& root : document.tree.documents) {
      if (!root.is_mapping()) continue;
      EBB_TRY(auto name, text_of({document.file, &root}, "current-context"));
      if (name) return *std::move(name);
    }
  }
  return fail(Errc::not_found, "{}: no current-context", documents.front().file->path);
}

Result<Access> in_cluster(const AccessQuery& query) {
  Access access;
  const std::string host = query.service_host.contains(':') ? fmt::format("[{}]", query.service_host) : query.service_host;
  access.server = fmt::format("https://{}:{}", host, query.service_port);
  access.token_file = query.service_account_directory + "/token";
  EBB_TRY(access.ca_pem, read_whole_file(query.service_account_directory + "/ca.crt", kFileBytesMax));
  if (auto ns = read_whole_file(query.service_account_directory + "/namespace", 4096); ns) access.ns = *std::move(ns);
  return access;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);   // NOLINT(concurrency-mt-unsafe): read before any thread starts
  return value == nullptr ? "" : value;
}

// The files to merge, those of a list skipped where they do not exist.
Result<std::vector<KubeconfigText>> read_files(const AccessQuery& query) {
  std::vector<std::string> paths;
  if (!query.file.empty()) {
    paths.push_back(query.file);
  } else if (!query.kubeconfig.empty()) {
    std::string_view rest = query.kubeconfig;
    while (!rest.empty()) {
      const std::size_t colon = std::min(rest.find(':'), rest.size());
      if (colon > 0) paths.emplace_back(rest.substr(0, colon));
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
  } else if (!query.home.empty()) {
    paths.push_back(query.home + "/.kube/config");
  }
  std::vector<KubeconfigText> files;
  for (const std::string& path : paths) {
    auto text = read_whole_file(path, kFileBytesMax);
    if (text) {
      files.push_back({.path = path, .text = *std::move(text)});
    } else if (!query.file.empty() || text.error().code != Errc::not_found) {
      return std::unexpected(std::move(text).error().with("kubeconfig"));
    }
  }
  return files;
}

}   // namespace

Result<Access> parse_kubeconfig(const std::vector<KubeconfigText>& files, std::string_view context) {
  if (files.empty()) return fail(Errc::not_found, "no kubeconfig");
  std::vector<Document> documents;
  for (const KubeconfigText& file : files) {
    EBB_TRY(Document document, parse_file(file));
    documents.push_back(std::move(document));
  }
  std::string name(context);
  if (name.empty()) {
    EBB_TRY(name, current_context(documents));
  }
  EBB_TRY(const Place chosen, find_named(documents, "contexts", "context", name));
  EBB_TRY(const auto cluster_name, text_of(chosen, "cluster"));
  EBB_TRY(const auto user_name, text_of(chosen, "user"));
  EBB_TRY(const auto ns, text_of(chosen, "namespace"));
  if (!cluster_name) return fail_at(chosen, Errc::invalid, "context '{}' names no cluster", name);

  Access access;
  access.ns = ns.value_or("");
  EBB_TRY(const Place cluster, find_named(documents, "clusters", "cluster", *cluster_name));
  EBB_TRY_VOID(read_cluster(cluster, access));
  if (user_name) {
    EBB_TRY(const Place user, find_named(documents, "users", "user", *user_name));
    EBB_TRY_VOID(read_user(user, access));
  }
  return access;
}

AccessQuery access_query_from_environment(std::string flag) {
  AccessQuery query;
  query.file = std::move(flag);
  query.kubeconfig = environment("KUBECONFIG");
  query.home = environment("HOME");
  query.service_host = environment("KUBERNETES_SERVICE_HOST");
  query.service_port = environment("KUBERNETES_SERVICE_PORT");
  return query;
}

Result<Access> load_access(const AccessQuery& query) {
  EBB_TRY(const auto files, read_files(query));
  if (!files.empty()) return parse_kubeconfig(files, query.context);
  if (!query.service_host.empty() && !query.service_port.empty()) return in_cluster(query);
  return fail(Errc::not_found, "no cluster is configured: give --kubeconfig, or set KUBECONFIG, or write ~/.kube/config");
}

Result<Access> load_access(std::string flag) { return load_access(access_query_from_environment(std::move(flag))); }

}   // namespace ebb::kube
