#pragma once

// TLS of one API server: who may answer (its CA), and who we are (client certificate). One context
// is shared by all connections and threads of a client.

#include "base/result.h"
#include "kube/access.h"

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

struct bio_method_st;   // OpenSSL's BIO_METHOD

namespace ebb::kube {

struct SslDeleter {
  void operator()(SSL* ssl) const noexcept;
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;

class TlsContext final {
 public:
  // Errors: invalid, saying which of CA, certificate or key OpenSSL refused; never their content.
  static Result<std::unique_ptr<TlsContext>> make(const Access& access, const std::string& host);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // A session over the connected non-blocking socket, which must outlive it. Not yet handshaken.
  Result<SslPtr> session(int socket) const;

 private:
  TlsContext() = default;
  SSL_CTX* context_ = nullptr;
  bio_method_st* socket_method_ = nullptr;
  std::string expected_name_;
  bool verify_ = true;
};

// What OpenSSL says went wrong last on this thread, and forgets it.
std::string openssl_error(std::string_view fallback);
// Why the peer's certificate was refused, in words.
std::string verification_error(const SSL* ssl);

}   // namespace ebb::kube
