#pragma once

// The Authorization header of a client: a fixed token, or one in a file that Kubernetes renews.

#include "base/result.h"
#include "kube/deadline.h"
#include "kube/secret.h"

#include <mutex>
#include <optional>
#include <string>

namespace ebb::kube {

class TokenSource final {
 public:
  TokenSource(Secret token, std::string file) : fixed_(std::move(token)), file_(std::move(file)) {}

  // "Bearer ..."; empty without a token. Errors: io, naming the file.
  Result<std::string> authorization();

  // The server refused the token: true if reading the file again gave another one.
  bool renew();

 private:
  Result<std::string> read_file() const;

  const Secret fixed_;
  const std::string file_;   // goes before the fixed token, as in kubectl
  std::mutex mutex_;
  std::string from_file_;
  std::optional<Deadline> read_again_;
};

}   // namespace ebb::kube
