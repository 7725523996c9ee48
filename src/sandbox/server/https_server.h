#pragma once

// HTTPS in front of the API loop: TLS, HTTP/1.1, the token, sizes and time-outs. It understands
// nothing of Kubernetes but the shape of a Status, which every refusal of its own carries.

#include "base/result.h"
#include "sandbox/server/api_loop.h"
#include "sandbox/server/certificates.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace ebb::sandbox {

struct HttpsOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                         // 0: any free one
  std::string token;                              // every request must bear it
  std::size_t body_bytes_max = 3 * 1024 * 1024;   // what etcd and the real API server accept
  std::size_t connections_max = 4096;
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);    // from a request's header to the end of its body
  std::chrono::milliseconds write_timeout = std::chrono::seconds(60);   // a reader this slow has lost interest
};

class HttpsServer {
 public:
  // Listens at once. Errors: invalid (address, certificate), io (the port is taken ...).
  static Result<std::unique_ptr<HttpsServer>> start(ApiLoop& loop, const HttpsOptions& options, const ServerCertificate& certificate);

  // Closes every connection, and stops the loop: what it still has to answer belongs to them.
  virtual ~HttpsServer() = default;
  virtual std::uint16_t port() const = 0;
};

}   // namespace ebb::sandbox
