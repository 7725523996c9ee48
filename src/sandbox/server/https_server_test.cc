#include "sandbox/server/https_server.h"

#include "base/check.h"
#include "sandbox/server/test_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <boost/json.hpp>

#include <csignal>
#include <deque>
#include <utility>

namespace ebb::sandbox {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kToken = "secret-of-the-test";

// Streams what it is given, and ends when it is told to.
class EchoWatch final : public Watch {
 public:
  explicit EchoWatch(std::deque<Piece> pieces) : pieces_(std::move(pieces)) {}
  std::vector<Piece> take(std::size_t) override {
    std::vector<Piece> out(pieces_.begin(), pieces_.end());
    pieces_.clear();
    return out;
  }
  bool finished() const override { return pieces_.empty(); }
  Instant deadline() const override { return kNever; }
  Instant next_bookmark() const override { return kNever; }
  void bookmark(Instant) override {}
  void on_ready(std::function<void()>) override {}
  std::string_view content_type() const override { return "application/json"; }

 private:
  std::deque<Piece> pieces_;
};

// Says something at once and something more when a bookmark is due, a tenth of a second later; nothing in between.
class QuietWatch final : public Watch {
 public:
  explicit QuietWatch(Instant now) : due_(now + milliseconds(100)) {}
  std::vector<Piece> take(std::size_t) override { return std::exchange(pieces_, {}); }
  bool finished() const override { return over_; }
  Instant deadline() const override { return kNever; }
  Instant next_bookmark() const override { return over_ ? kNever : due_; }
  void bookmark(Instant) override {
    pieces_.push_back(piece_of("late\n"));
    over_ = true;
  }
  void on_ready(std::function<void()>) override {}
  std::string_view content_type() const override { return "application/json"; }

 private:
  Instant due_;
  std::vector<Piece> pieces_{piece_of("early\n")};
  bool over_ = false;
};

// Answers with what it was asked, or with a stream of two lines under /watch.
class EchoApi final : public RequestsOnly {
 public:
  std::variant<Response, std::unique_ptr<Watch>> handle(const Request& request, Instant now) override {
    if (request.path == "/quiet") return std::make_unique<QuietWatch>(now);
    if (request.path == "/watch") return std::make_unique<EchoWatch>(std::deque<Piece>{piece_of("one\n"), piece_of("two\n")});
    Response response;
    response.headers.emplace_back("X-Echo", request.user_agent);
    response.body = {piece_of(request.method + " "), piece_of(request.path + "?" + request.query + " "), piece_of(request.body)};
    return response;
  }
};

class Client {
 public:
  Client(const std::string& ca, std::uint16_t port) : context_(SSL_CTX_new(TLS_client_method())) {
    BIO* memory = BIO_new_mem_buf(ca.data(), static_cast<int>(ca.size()));
    X509* certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), certificate);
    X509_free(certificate);
    BIO_free(memory);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    bio_ = BIO_new_ssl_connect(context_);
    BIO_set_conn_hostname(bio_, ("127.0.0.1:" + std::to_string(port)).c_str());
    SSL* ssl = nullptr;
    BIO_get_ssl(bio_, &ssl);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "127.0.0.1");
    connected_ = BIO_do_connect(bio_) == 1;
  }
  ~Client() {
    BIO_free_all(bio_);
    SSL_CTX_free(context_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  // The client's last word; it still listens.
  void end_sending() {
    SSL* ssl = nullptr;
    BIO_get_ssl(bio_, &ssl);
    SSL_shutdown(ssl);
  }
  // The same from a client that does not say so in TLS.
  void cut_sending() {
    std::signal(SIGPIPE, SIG_IGN);   // OpenSSL says farewell all the same when the client goes
    ::shutdown(static_cast<int>(BIO_get_fd(bio_, nullptr)), SHUT_WR);
  }
  void send(std::string_view text) { BIO_write(bio_, text.data(), static_cast<int>(text.size())); }

  // Until `end` stands in what came, or the server closed the connection.
  std::string read_until(std::string_view end) {
    std::string text;
    char buffer[4096];
    while (!text.contains(end)) {
      const int count = BIO_read(bio_, buffer, sizeof buffer);
      if (count <= 0) break;
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  SSL_CTX* context_;
  BIO* bio_;
  bool connected_ = false;
};

class HttpsServerTest : public testing::Test {
 protected:
  explicit HttpsServerTest(HttpsOptions options = {}) : loop_(clock_, api_, {}) {
    auto authority = make_certificate_authority(clock_.now());
    EBB_CHECK(authority.has_value());
    authority_ = *authority;
    auto certificate = issue_server_certificate(authority_, {"127.0.0.1"}, {"localhost"}, clock_.now());
    EBB_CHECK(certificate.has_value());
    loop_.start();
    options.token = kToken;
    options.body_bytes_max = 100;
    auto server = HttpsServer::start(loop_, options, *certificate);
    EBB_CHECK(server.has_value());
    server_ = std::move(*server);
  }

  std::string ask(std::string_view request, std::string_view until = "\r\n\r\n") {
    Client client(authority_.certificate, server_->port());
    EXPECT_TRUE(client.connected());
    client.send(request);
    return client.read_until(until);
  }

  Clock clock_;
  EchoApi api_;
  CertificateAuthority authority_;
  ApiLoop loop_;
  std::unique_ptr<HttpsServer> server_;
};

TEST_F(HttpsServerTest, HandsARequestToTheApiAndItsAnswerBack) {
  const auto answer =
      ask("POST /api/v1/things?a=b HTTP/1.1\r\nHost: x\r\nUser-Agent: test/1\r\nAuthorization: Bearer secret-of-the-test\r\n"
          "Content-Length: 5\r\n\r\nhello",
          "hello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("X-Echo: test/1\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nPOST /api/v1/things?a=b hello"));
}

TEST_F(HttpsServerTest, SpeaksToNobodyWithoutTheToken) {
  EXPECT_THAT(ask("GET /api HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask("GET /api HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n", "Unauthorized\""),
              HasSubstr(R"("reason":"Unauthorized")"));
}

TEST_F(HttpsServerTest, KeepsAConnectionForTheNextRequest) {
  Client client(authority_.certificate, server_->port());
  for (const std::string path : {"/first", "/second"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\n\r\n");
    EXPECT_THAT(client.read_until(path + "? "), StartsWith("HTTP/1.1 200 OK"));
  }
}

TEST_F(HttpsServerTest, RefusesABodyOverTheLimitWhetherItsLengthIsToldOrNot) {
  const std::string start = "POST /x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\n";
  EXPECT_THAT(ask(start + "Content-Length: 101\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask(start + "Transfer-Encoding: chunked\r\n\r\n80\r\n" + std::string(128, 'a') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpsServerTest, RefusesWhatIsNoRequestWithAStatus) {
  const auto answer = ask("this is not HTTP\r\n\r\n", "}");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr(R"("kind":"Status")"));
  EXPECT_THAT(ask("GET /x HTTP/1.1\r\nA: " + std::string(70'000, 'a') + "\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpsServerTest, RefusesABodyThatIsNotAsAnnouncedWithAStatus) {
  const std::string start = "POST /x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\n";
  const auto answer = ask(start + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", "}");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr(R"("kind":"Status")"));
  for (const bool said : {true, false}) {
    Client client(authority_.certificate, server_->port());
    client.send(start + "Content-Length: 50\r\n\r\nhalf");
    said ? client.end_sending() : client.cut_sending();
    EXPECT_THAT(client.read_until("}"), StartsWith("HTTP/1.1 400 ")) << said;
  }
}

class ImpatientServerTest : public HttpsServerTest {
 protected:
  ImpatientServerTest()
      : HttpsServerTest({.body_timeout = std::chrono::milliseconds(50), .write_timeout = std::chrono::milliseconds(20)}) {}
};

TEST_F(ImpatientServerTest, TellsAClientWhoseBodyStalls) {
  const auto answer = ask("POST /x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\nContent-Length: 50\r\n\r\nhalf", "}");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(answer, HasSubstr(R"("reason":"Timeout")"));
}

TEST_F(ImpatientServerTest, AWatchMayBeQuietForLongerThanAWriteMayTake) {
  const auto answer = ask("GET /quiet HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\n\r\n", "0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("early\n"));
  EXPECT_THAT(answer, HasSubstr("late\n"));
}

TEST_F(HttpsServerTest, AsksForTheBodyOfAClientThatWaitsToBeAsked) {
  Client client(authority_.certificate, server_->port());
  client.send(
      "PUT /x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_THAT(client.read_until("ok"), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(HttpsServerTest, StreamsAWatchInChunksAndEndsItInGoodOrder) {
  const auto answer = ask("GET /watch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\n\r\n", "0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer, HasSubstr("8\r\none\ntwo\n\r\n"));
}

TEST_F(HttpsServerTest, AHeadRequestGetsNoBody) {
  const auto answer = ask("HEAD /x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\nConnection: close\r\n\r\n", "never");
  EXPECT_THAT(answer, Not(HasSubstr("HEAD /x")));
}

TEST_F(HttpsServerTest, OutlivesClientsThatBreakOffAtAnyPoint) {
  for (const std::string_view part :
       {"", "GE", "GET /watch HTTP/1.1\r\nHost: x\r\n",
        "POST /x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\nContent-Length: 50\r\n\r\nhalf",
        "GET /watch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\n\r\n"}) {
    Client client(authority_.certificate, server_->port());
    client.send(part);
  }
  EXPECT_THAT(ask("GET /x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-of-the-test\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(Certificates, AClientThatDoesNotKnowTheCaRefusesTheServer) {
  Clock clock;
  EchoApi api;
  ApiLoop loop(clock, api, {});
  const auto authority = make_certificate_authority(clock.now());
  const auto stranger = make_certificate_authority(clock.now());
  const auto certificate = issue_server_certificate(*authority, {"127.0.0.1"}, {"localhost"}, clock.now());
  loop.start();
  const auto server = HttpsServer::start(loop, {.token = "t"}, *certificate);
  EXPECT_FALSE(Client(stranger->certificate, (*server)->port()).connected());
  EXPECT_TRUE(Client(authority->certificate, (*server)->port()).connected());
}

TEST(Certificates, ADamagedAuthorityIsAnError) {
  EXPECT_EQ(issue_server_certificate({.certificate = "x", .key = "y"}, {"127.0.0.1"}, {}, Instant{}).error().code, Errc::invalid);
}

}   // namespace
}   // namespace ebb::sandbox
