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

// Replaces `path` in one step, mode 600. Errors: io, naming the path.
Status write_private_file(const std::string& path, const std::string& text);

}   // namespace ebb::sandbox
