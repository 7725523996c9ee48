#pragma once

// A client of one Kubernetes API server: blocking requests, safe from many threads at once, over a
// pool of kept-alive connections; and watches, each a stream on a connection of its own.
//
//   EBB_TRY(auto access, load_access(flag));
//   EBB_TRY(auto client, Client::make(std::move(access)));
//   EBB_TRY(auto answer, client->request({.target = "/api/v1/nodes?limit=500"}));

#include "base/result.h"
#include "base/time.h"
#include "kube/access.h"
#include "kube/pace.h"
#include "kube/request_rate.h"
#include "kube/stop.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::kube {

struct ClientOptions {
  std::string user_agent = "ebb";
  Duration connect_timeout = seconds(10);
  std::size_t body_bytes_max = std::size_t{256} << 20;
  std::size_t watch_line_bytes_max = std::size_t{32} << 20;
  std::size_t idle_connections_max = 16;
  Duration idle_connection_age_max = seconds(60);
  std::uint64_t seed = 0;   // of the jitter; 0: from the system
  RequestRate rate;         // of requests; watches are not counted
};

struct Request {
  std::string method = "GET";
  std::string target;   // path and query, percent-encoded: "/api/v1/pods?limit=500"
  std::string body;
  std::string content_type = "application/json";
  std::string accept = "application/json";
  Duration timeout = seconds(30);   // for everything together, the waits after 429 too
  const Stop* stop = nullptr;       // beside the client's own
};

struct Response {
  int status = 0;
  std::string content_type;
  std::string body;
  std::vector<std::string> warnings;   // Warning headers: deprecations and the like
  std::optional<Duration> retry_after;
};

// An open watch, used by one thread. Destroying it closes its connection.
class WatchStream {
 public:
  virtual ~WatchStream() = default;

  // The next line, valid until the next call; none: the server ended the watch in good order.
  // Errors: unavailable (broken, or nothing came for `silence`), too_large, cancelled.
  virtual Result<std::optional<std::string_view>> next(Duration silence) = 0;
};

class Client final {
 public:
  // Errors: invalid (a URL, certificate or key that cannot be used), denied (a token over plain http).
  static Result<std::unique_ptr<Client>> make(Access access, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The answer whatever its status. 429 and 503 with Retry-After are waited for and tried again, a
  // refused token file is read again once. Errors: unavailable, denied (certificate), too_large, cancelled.
  Result<Response> exchange(const Request& request);

  // The same, but a status of 400 and more is an Error with the message of the Kubernetes Status.
  Result<Response> request(const Request& request);

  // A GET with watch=true in its query. `stop` must outlive the stream. Errors as request().
  Result<std::unique_ptr<WatchStream>> watch(std::string target, const Stop* stop = nullptr);

  // Everything that blocks in this client, now or later, ends with Errc::cancelled.
  void close() noexcept;

  const std::string& server() const;              // for messages
  const std::string& default_namespace() const;   // of the kubeconfig's context, else "default"

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The Error that an answer of status 400 and more stands for.
Error to_error(const Response& response);

// Percent-encodes what may not stand in a path segment or query value.
std::string url_encode(std::string_view text);

}   // namespace ebb::kube
