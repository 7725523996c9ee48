#pragma once

// A token or key. It has no formatter and no stream operator, so that it cannot slip into a message.

#include <string>
#include <utility>

namespace ebb::kube {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  const std::string& reveal() const { return value_; }   // for the wire and for OpenSSL only

 private:
  std::string value_;
};

}   // namespace ebb::kube
