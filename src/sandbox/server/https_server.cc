#include "sandbox/server/https_server.h"

#include "sandbox/server/refusal.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <deque>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace ebb::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using RequestParser = http::request_parser<http::string_body>;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

constexpr std::chrono::seconds kHandshakeTimeout(10);
constexpr std::chrono::seconds kIdleTimeout(180);
constexpr std::uint32_t kHeaderBytesMax = 64 * 1024;

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view to_view(beast::string_view text) { return {text.data(), text.size()}; }

Request to_request(RequestParser& parser) {
  auto& message = parser.get();
  Request request;
  request.method = std::string(to_view(message.method_string()));
  const std::string_view target = to_view(message.target());
  const std::size_t question = target.find('?');
  request.path = std::string(target.substr(0, question));
  if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
  request.content_type = std::string(to_view(message[http::field::content_type]));
  request.accept = std::string(to_view(message[http::field::accept]));
  request.user_agent = std::string(to_view(message[http::field::user_agent]));
  request.user = "sandbox-admin";
  request.body = std::move(message.body());
  return request;
}

std::string header_text(const Response& response, std::optional<std::size_t> length, bool keep_alive) {
  const std::string_view phrase = to_view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status))));
  std::string text = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n", response.status, phrase, response.content_type);
  text += length ? fmt::format("Content-Length: {}\r\n", *length) : std::string("Transfer-Encoding: chunked\r\n");
  text += "Cache-Control: no-cache, private\r\n";
  for (const auto& [name, value] : response.headers) text += fmt::format("{}: {}\r\n", name, value);
  if (!keep_alive) text += "Connection: close\r\n";
  text += "\r\n";
  return text;
}

// What is answered to a body that does not come as announced. None: the network's errors, after which nobody listens.
std::optional<Response> body_refusal(const beast::error_code& error) {
  if (error == http::error::body_limit) return refusal(413, "RequestEntityTooLarge", "Request entity too large");
  if (error == beast::error::timeout) return refusal(408, "Timeout", "the request's body did not come in time");
  if (error == http::error::partial_message || error == asio::ssl::error::stream_truncated) {
    return refusal(400, "BadRequest", "the request ends before its body does");
  }
  if (error.category() != http::make_error_code(http::error::end_of_stream).category()) return std::nullopt;
  return refusal(400, "BadRequest", fmt::format("the request's body cannot be read: {}", error.message()));
}

// The pieces of a running stream on their way from the loop's thread to the connection.
struct Outbox {
  explicit Outbox(asio::io_context& context) : arrived(context, asio::steady_timer::time_point::max()) {}

  asio::steady_timer arrived;   // cancelled when something came
  std::deque<Piece> pieces;
  bool finished = false;
  bool broken = false;   // the client is gone
};

class Connection;

class Server final : public HttpsServer {
 public:
  Server(ApiLoop& loop, const HttpsOptions& options)
      : loop_(loop), options_(options), context_(1), acceptor_(context_), tls_(asio::ssl::context::tls_server) {}
  ~Server() override;

  Status listen(const ServerCertificate& certificate);
  std::uint16_t port() const override { return port_; }

 private:
  friend class Connection;
  asio::awaitable<void> accept_all();

  ApiLoop& loop_;
  HttpsOptions options_;
  std::set<Connection*> connections_;   // before the context, whose end is theirs
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  asio::ssl::context tls_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server& server, asio::ip::tcp::socket socket)
      : server_(server), stream_(std::move(socket), server.tls_), watchdog_(server.context_) {
    server_.connections_.insert(this);
  }
  ~Connection() { server_.connections_.erase(this); }

  asio::awaitable<void> serve();
  void abort() {
    beast::error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

 private:
  asio::awaitable<bool> serve_one();
  asio::awaitable<beast::error_code> read_body(RequestParser& parser);
  asio::awaitable<Answer> ask(Request request);
  asio::awaitable<bool> answer(Response response, bool head, bool keep_alive);
  asio::awaitable<void> stream_watch(WatchId id);
  asio::awaitable<void> write_pieces(WatchId id, std::shared_ptr<Outbox> outbox);
  asio::awaitable<bool> write(const std::vector<asio::const_buffer>& buffers);
  asio::awaitable<bool> write_beside_reading(const std::vector<asio::const_buffer>& buffers);
  std::optional<Response> check_header(const RequestParser& parser) const;
  WatchSink sink();

  void expires_after(std::chrono::milliseconds limit) { beast::get_lowest_layer(stream_).expires_after(limit); }

  Server& server_;
  Stream stream_;
  asio::steady_timer watchdog_;   // of a body, and of writes beside a read: where the stream's own time-out does not fit
  beast::flat_buffer buffer_;
  std::shared_ptr<Outbox> outbox_;
};

asio::awaitable<void> Connection::serve() {
  const auto self = shared_from_this();
  expires_after(kHandshakeTimeout);
  const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAsTuple);
  if (error) co_return;
  bool more = true;
  while (more) more = co_await serve_one();
  expires_after(kHandshakeTimeout);
  const auto [ignored] = co_await stream_.async_shutdown(kAsTuple);
  static_cast<void>(ignored);
}

std::optional<Response> Connection::check_header(const RequestParser& parser) const {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view authorization = to_view(parser.get()[http::field::authorization]);
  if (!authorization.starts_with(kBearer) || !same_secret(authorization.substr(kBearer.size()), server_.options_.token)) {
    return refusal(401, "Unauthorized", "Unauthorized");
  }
  const auto length = parser.content_length();
  if (length && *length > server_.options_.body_bytes_max) {
    return refusal(413, "RequestEntityTooLarge", fmt::format("Request entity too large: limit is {}", server_.options_.body_bytes_max));
  }
  return std::nullopt;
}

// One request and its answer. False: the connection is to be closed.
asio::awaitable<bool> Connection::serve_one() {
  RequestParser parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(server_.options_.body_bytes_max);
  expires_after(kIdleTimeout);
  const auto [header_error, header_bytes] = co_await http::async_read_header(stream_, buffer_, parser, kAsTuple);
  static_cast<void>(header_bytes);
  if (header_error == http::error::header_limit) {
    Response refused = refusal(431, "BadRequest", "the request's header is too large");
    co_return co_await answer(std::move(refused), false, false);
  }
  if (header_error == http::error::body_limit) {
    Response refused = refusal(413, "RequestEntityTooLarge", "Request entity too large");
    co_return co_await answer(std::move(refused), false, false);
  }
  if (header_error) {
    if (header_error.category() != http::make_error_code(http::error::end_of_stream).category()) co_return false;   // the network's
    if (header_error == http::error::end_of_stream || header_error == http::error::partial_message) co_return false;
    Response refused = refusal(400, "BadRequest", fmt::format("this is no HTTP/1.1 request: {}", header_error.message()));
    co_return co_await answer(std::move(refused), false, false);
  }
  if (auto refused = check_header(parser)) {
    // The body is not read: whoever sends it is either not allowed to or sends too much.
    co_return co_await answer(std::move(*refused), false, false);
  }
  if (parser.get()[http::field::expect] == "100-continue") {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const std::vector<asio::const_buffer> buffers(1, asio::buffer(kContinue));
    if (!co_await write(buffers)) co_return false;
  }
  const beast::error_code body_error = co_await read_body(parser);
  if (body_error) {
    auto refused = body_refusal(body_error);
    if (!refused) co_return false;
    co_return co_await answer(std::move(*refused), false, false);
  }

  const bool keep_alive = parser.keep_alive();
  const bool head = parser.get().method() == http::verb::head;
  Request request = to_request(parser);
  Answer result = co_await ask(std::move(request));
  if (auto* response = std::get_if<Response>(&result)) {
    co_return co_await answer(std::move(*response), head, keep_alive);
  }
  co_await stream_watch(std::get<WatchId>(result));
  co_return false;
}

// Errors: timeout, where the body took too long. The stream's own time-out would close the socket, and
// nobody could be told any more.
asio::awaitable<beast::error_code> Connection::read_body(RequestParser& parser) {
  beast::get_lowest_layer(stream_).expires_never();
  enum class Reading { under_way, over, timed_out };
  const auto reading = std::make_shared<Reading>(Reading::under_way);
  watchdog_.expires_after(server_.options_.body_timeout);
  watchdog_.async_wait([weak = weak_from_this(), reading](beast::error_code cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self || *reading != Reading::under_way) return;
    *reading = Reading::timed_out;
    beast::get_lowest_layer(self->stream_).cancel();
  });
  const auto [error, bytes] = co_await http::async_read(stream_, buffer_, parser, kAsTuple);
  static_cast<void>(bytes);
  watchdog_.cancel();
  const bool timed_out = std::exchange(*reading, Reading::over) == Reading::timed_out;
  co_return error&& timed_out ? beast::error_code(beast::error::timeout) : error;
}

WatchSink Connection::sink() {
  outbox_ = std::make_shared<Outbox>(server_.context_);
  WatchSink sink;
  sink.deliver = [outbox = outbox_, &context = server_.context_](std::vector<Piece> pieces, bool finished) {
    asio::post(context, [outbox, pieces = std::move(pieces), finished]() mutable {
      for (Piece& piece : pieces) outbox->pieces.push_back(std::move(piece));
      outbox->finished = outbox->finished || finished;
      outbox->arrived.cancel();
    });
  };
  return sink;
}

// Hands the request to the loop's thread and continues here, on this one, with its answer.
asio::awaitable<Answer> Connection::ask(Request request) {
  beast::get_lowest_layer(stream_).expires_never();
  auto initiate = [this, request = std::move(request)](auto handler) mutable {
    auto reply = [&context = server_.context_, handler = std::move(handler)](Answer answer) mutable {
      asio::post(context, [handler = std::move(handler), answer = std::move(answer)]() mutable { handler(std::move(answer)); });
    };
    server_.loop_.submit(std::move(request), sink(), std::move(reply));
  };
  auto operation = asio::async_initiate<const asio::use_awaitable_t<>, void(Answer)>(std::move(initiate), asio::use_awaitable);
  co_return co_await std::move(operation);
}

asio::awaitable<bool> Connection::write(const std::vector<asio::const_buffer>& buffers) {
  expires_after(server_.options_.write_timeout);
  const auto [error, bytes] = co_await asio::async_write(stream_, buffers, kAsTuple);
  static_cast<void>(bytes);
  co_return !error;
}

// The stream's own time-out is for whatever is pending, and so would end the read of an idle watch.
asio::awaitable<bool> Connection::write_beside_reading(const std::vector<asio::const_buffer>& buffers) {
  watchdog_.expires_after(server_.options_.write_timeout);
  watchdog_.async_wait([weak = weak_from_this()](beast::error_code cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self) self->abort();
  });
  const auto [error, bytes] = co_await asio::async_write(stream_, buffers, kAsTuple);
  static_cast<void>(bytes);
  watchdog_.cancel();
  co_return !error;
}

asio::awaitable<bool> Connection::answer(Response response, bool head, bool keep_alive) {
  std::size_t length = 0;
  for (const Piece& piece : response.body) length += piece->size();
  const std::string header = header_text(response, length, keep_alive);
  std::vector<asio::const_buffer> buffers;
  buffers.push_back(asio::buffer(header));
  if (!head) {
    for (const Piece& piece : response.body) buffers.push_back(asio::buffer(*piece));
  }
  const bool written = co_await write(buffers);
  co_return written&& keep_alive;
}

// Sends what comes until the watch ends; reads meanwhile, only to notice that the client left.
asio::awaitable<void> Connection::stream_watch(WatchId id) {
  const auto outbox = outbox_;
  beast::get_lowest_layer(stream_).expires_never();
  asio::co_spawn(server_.context_, write_pieces(id, outbox), asio::detached);
  std::array<char, 512> unexpected{};
  const asio::mutable_buffer into = asio::buffer(unexpected);
  for (;;) {
    // A client that only listens is not idle: the limit of the write that is under way must not become this read's.
    beast::get_lowest_layer(stream_).expires_never();
    const auto [error, bytes] = co_await stream_.async_read_some(into, kAsTuple);
    static_cast<void>(bytes);
    if (error) break;
  }
  outbox->broken = true;
  outbox->arrived.cancel();
}

asio::awaitable<void> Connection::write_pieces(WatchId id, std::shared_ptr<Outbox> outbox) {
  const auto self = shared_from_this();
  const std::string header = header_text(Response(), std::nullopt, true);
  const std::vector<asio::const_buffer> first(1, asio::buffer(header));
  bool alive = co_await write_beside_reading(first);
  while (alive && !outbox->broken) {
    if (outbox->pieces.empty()) {
      if (outbox->finished) break;
      outbox->arrived.expires_at(asio::steady_timer::time_point::max());
      const auto [woken] = co_await outbox->arrived.async_wait(kAsTuple);
      static_cast<void>(woken);
      continue;
    }
    std::deque<Piece> pieces;
    pieces.swap(outbox->pieces);
    std::size_t size = 0;
    for (const Piece& piece : pieces) size += piece->size();
    const std::string open = fmt::format("{:x}\r\n", size);
    std::vector<asio::const_buffer> buffers;
    buffers.push_back(asio::buffer(open));
    for (const Piece& piece : pieces) buffers.push_back(asio::buffer(*piece));
    buffers.push_back(asio::buffer("\r\n", 2));
    if (size > 0) alive = co_await write_beside_reading(buffers);
    if (alive) server_.loop_.want_more(id);
  }
  server_.loop_.close(id);
  if (alive && !outbox->broken) {
    static constexpr std::string_view kLast = "0\r\n\r\n";
    const std::vector<asio::const_buffer> buffers(1, asio::buffer(kLast));
    static_cast<void>(co_await write_beside_reading(buffers));
  }
  // Ends the reading side as well; a watch's connection is not used again.
  beast::error_code ignored;
  beast::get_lowest_layer(stream_).socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
}

Server::~Server() {
  asio::post(context_, [this] {
    beast::error_code ignored;
    acceptor_.close(ignored);
    for (Connection* connection : connections_) connection->abort();
  });
  // Whoever waits for an answer that will not come is dropped with the context.
  asio::post(context_, [this] { asio::post(context_, [this] { context_.stop(); }); });
  if (thread_.joinable()) thread_.join();
  static_cast<void>(loop_.stop());   // its owner asks again how that went
}

Status Server::listen(const ServerCertificate& certificate) {
  beast::error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) return fail(Errc::invalid, "'{}' is not an IP address", options_.address);
  tls_.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
  tls_.use_certificate_chain(asio::buffer(certificate.certificate), error);
  if (!error) tls_.use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem, error);
  if (error) return fail(Errc::invalid, "the server's certificate does not load: {}", error.message());

  const asio::ip::tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(Errc::io, "listening on {}:{}: {}", options_.address, options_.port, error.message());
  port_ = acceptor_.local_endpoint(error).port();
  asio::co_spawn(context_, accept_all(), asio::detached);
  thread_ = std::thread([this] { context_.run(); });
  return {};
}

asio::awaitable<void> Server::accept_all() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(kAsTuple);
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
    if (error) {   // out of descriptors, or the client left already: others must still be served
      asio::steady_timer pause(context_, std::chrono::milliseconds(20));
      const auto [waited] = co_await pause.async_wait(kAsTuple);
      static_cast<void>(waited);
      continue;
    }
    if (connections_.size() >= options_.connections_max) continue;   // closes the socket
    beast::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(*this, std::move(socket));
    asio::co_spawn(context_, connection->serve(), asio::detached);
  }
}

}   // namespace

Result<std::unique_ptr<HttpsServer>> HttpsServer::start(ApiLoop& loop, const HttpsOptions& options, const ServerCertificate& certificate) {
  auto server = std::make_unique<Server>(loop, options);
  EBB_TRY_VOID(server->listen(certificate));
  return server;
}

}   // namespace ebb::sandbox
