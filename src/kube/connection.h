#pragma once

// One TCP connection to the API server, plain or TLS, with a deadline and a stop on every call. Used by
// one thread at a time.

#include "base/result.h"
#include "kube/deadline.h"
#include "kube/stop.h"
#include "kube/tls.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ebb::kube {

struct Endpoint {
  std::string host;   // without the brackets of an IPv6 address
  std::string port;
  bool tls = true;
  std::string path_prefix;   // what stands before every path, without a slash at its end

  std::string authority() const;
};

// https://host[:port][/prefix], or http:// with a loopback host. Errors: invalid.
Result<Endpoint> parse_server_url(std::string_view url);

// What a blocking call watches besides its socket.
struct Patience {
  Deadline deadline;
  const Stop* client_stop = nullptr;
  const Stop* stop = nullptr;
};

class Connection final {
 public:
  // Errors: unavailable (nobody answers), denied (the certificate is not to be trusted), cancelled.
  static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint, const TlsContext* tls, const Patience& patience);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Status write_all(std::string_view bytes, const Patience& patience);
  // How many bytes came; 0: the server closed its side.
  Result<std::size_t> read_some(std::span<char> into, const Patience& patience);

  // False when the server has closed it or sent something unasked meanwhile.
  bool fit_for_reuse() const;

 private:
  explicit Connection(int socket) : socket_(socket) {}
  Status wait(short events, const Patience& patience) const;
  Status handshake(const Patience& patience);
  Status wait_for_tls(int result, std::string_view doing, const Patience& patience) const;

  int socket_;
  SslPtr ssl_;   // null: plain
};

}   // namespace ebb::kube
