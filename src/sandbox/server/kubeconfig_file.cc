#include "sandbox/server/kubeconfig_file.h"

#include "model/yaml.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

namespace ebb::sandbox {
namespace {

std::string to_base64(const std::string& text) {
  std::vector<unsigned char> out((text.size() + 2) / 3 * 4 + 1);
  const int length = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  return {reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(length)};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

bool is_only_ebb(const model::YamlNode* list) {
  if (list == nullptr || list->items.size() != 1) return false;
  const model::YamlNode* name = list->items.front().find("name");
  return name != nullptr && name->text == "ebb";
}

bool is_ours(std::string_view text) {
  const model::YamlText yaml = model::parse_yaml(text);
  if (!yaml.ok() || yaml.documents.size() != 1 || !yaml.documents.front().is_mapping()) return false;
  const model::YamlNode& root = yaml.documents.front();
  return is_only_ebb(root.find("clusters")) && is_only_ebb(root.find("contexts")) && is_only_ebb(root.find("users"));
}

}   // namespace

Status check_replaceable(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};   // a missing folder is told when the file is written
    return fail(Errc::io, "{}: {}", path, std::strerror(errno));
  }
  if (S_ISLNK(found.st_mode)) return fail(Errc::invalid, "{} is a symbolic link, which is not replaced; name the file itself", path);
  if (!S_ISREG(found.st_mode)) return fail(Errc::invalid, "{} is no regular file", path);
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(Errc::io, "{}: it exists, and cannot be read", path);
  if (text.empty() || is_ours(text)) return {};
  return fail(Errc::invalid, "{} exists and was not written by a sandbox; name another file, or remove this one", path);
}

std::string kubeconfig_text(const KubeconfigContent& content) {
  return fmt::format(
      "apiVersion: v1\nkind: Config\nclusters:\n- name: ebb\n  cluster:\n    server: {}\n    certificate-authority-data: {}\n"
      "users:\n- name: ebb\n  user:\n    token: {}\ncontexts:\n- name: ebb\n  context:\n    cluster: ebb\n    user: ebb\n"
      "current-context: ebb\n",
      content.url, to_base64(content.ca_certificate), content.token);
}

Status write_private_file(const std::string& path, const std::string& text) {
  const std::string beside = fmt::format("{}.{}.tmp", path, ::getpid());
  ::unlink(beside.c_str());
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return fail(Errc::io, "writing {}: {}", path, std::strerror(errno));
  const bool written = write_all(file, text);
  const int problem = errno;
  ::close(file);
  if (written && std::rename(beside.c_str(), path.c_str()) == 0) return {};
  const int reason = written ? errno : problem;
  ::unlink(beside.c_str());
  return fail(Errc::io, "writing {}: {}", path, std::strerror(reason));
}

}   // namespace ebb::sandbox
