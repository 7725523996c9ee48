#pragma once

// A server for tests that answers what the test says, byte by byte if need be: HTTPS on loopback with
// certificates made on the spot. Linked into tests only.

#include <openssl/types.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ebb::kube {

struct IssuedCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

// A certificate authority of one test.
class TestAuthority final {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  const std::string& pem() const { return pem_; }
  // `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1".
  IssuedCertificate issue(const std::string& names, bool expired = false) const;

 private:
  X509* certificate_;
  EVP_PKEY* key_;
  std::string pem_;
};

// One request, and the connection to answer it on.
class Exchange final {
 public:
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;   // names in lower case
  std::string body;
  int connection = 0;   // counted from 0
  bool close_after = false;

  void respond(int status, std::string_view json, std::string_view more_headers = {});
  void begin_stream();   // a chunked answer with status 200
  void chunk(std::string_view bytes);
  void end_stream();
  void send(std::string_view bytes);
  // Until the client or the server's destructor ends the connection.
  void wait_until_closed();

 private:
  friend class FakeApiServer;
  SSL* ssl_ = nullptr;
  int socket_ = -1;
};

class FakeApiServer final {
 public:
  struct Options {
    bool tls = true;
    std::string names = "DNS:localhost,IP:127.0.0.1";
    bool expired = false;
    bool asks_for_client_certificate = false;
  };
  using Answer = std::function<void(Exchange&)>;   // called on a thread per connection

  explicit FakeApiServer(Answer answer) : FakeApiServer(Options{}, std::move(answer)) {}
  FakeApiServer(const Options& options, Answer answer);
  ~FakeApiServer();
  FakeApiServer(const FakeApiServer&) = delete;
  FakeApiServer& operator=(const FakeApiServer&) = delete;

  std::string url(std::string_view host = "127.0.0.1") const;
  const TestAuthority& authority() const { return authority_; }
  int connections() const { return connections_; }
  void drop_connections();   // all that are open now

 private:
  void accept_loop();
  void serve(int socket, int number);
  bool read_request(Exchange& exchange, std::string& unread);

  const Options options_;
  const Answer answer_;
  TestAuthority authority_;
  SSL_CTX* context_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

}   // namespace ebb::kube
