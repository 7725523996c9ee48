#pragma once

// The kubeconfig that `ebb up` leaves for kubectl and every other client: the sandbox's address, its
// CA and the token, readable by the owner only.

#include "base/result.h"

#include <string>

namespace ebb::sandbox {

struct KubeconfigContent {
  std::string url;
  std::string ca_certificate;   // PEM
  std::string token;
};

std::string kubeconfig_text(const KubeconfigContent& content);

// Whether a kubeconfig of ours may stand at `path`: nothing is there, or an empty file, or what a
// sandbox wrote, whose only cluster, context and user are named "ebb". Errors: invalid (somebody's
// clusters would be lost, or it is no regular file), io; naming the path.
Status check_replaceable(const std::string& path);

// Replaces `path` in one step, mode 600. Errors: io, naming the path.
Status write_private_file(const std::string& path, const std::string& text);

}   // namespace ebb::sandbox
