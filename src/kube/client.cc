#include "kube/client.h"

#include "kube/connection.h"
#include "kube/http.h"
#include "kube/tls.h"
#include "kube/token_source.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <random>
#include <span>

namespace ebb::kube {
namespace {

constexpr int kRetriesMax = 10;
constexpr std::size_t kReadBytes = 64 * 1024;

// Safe to send again when the server may have got it already.
bool is_idempotent(std::string_view method) { return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE"; }

// What went wrong, and whether the server can have seen the request.
struct AttemptError {
  Error error;
  bool nothing_received = false;
};

}   // namespace

class Client::Impl final {
 public:
  Impl(Access access, ClientOptions options, Endpoint endpoint)
      : options_(std::move(options)),
        endpoint_(std::move(endpoint)),
        authority_(endpoint_.authority()),
        server_(access.server),
        namespace_(access.ns.empty() ? "default" : access.ns),
        tokens_(std::move(access.token), std::move(access.token_file)),
        budget_(options_.rate),
        rng_(options_.seed != 0 ? options_.seed : (std::uint64_t{std::random_device{}()} << 32 | std::random_device{}())) {}

  Result<Response> exchange(const Request& request);
  Result<std::unique_ptr<WatchStream>> watch(std::string target, const Stop* stop);

  std::unique_ptr<TlsContext> tls_;
  Stop stop_;
  const ClientOptions options_;
  const Endpoint endpoint_;
  const std::string authority_;
  const std::string server_;
  const std::string namespace_;

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    Deadline too_old;
  };

  Result<Response> attempt(const Request& request, const Patience& patience);
  std::expected<Response, AttemptError> converse(Connection& connection, std::string_view wire, const Request& request,
                                                 const Patience& patience, bool& keep);
  Result<std::string> wire_of(const Request& request);
  Result<std::unique_ptr<Connection>> connect(const Patience& patience);
  std::unique_ptr<Connection> take_idle();
  void give_back(std::unique_ptr<Connection> connection);
  Duration jitter(Duration whole);
  Status wait_for_budget(const Request& request);

  TokenSource tokens_;
  std::mutex mutex_;
  std::vector<Idle> idle_;
  RequestBudget budget_;
  Rng rng_;
};

namespace {

class OpenWatch final : public WatchStream {
 public:
  OpenWatch(std::unique_ptr<Connection> connection, std::unique_ptr<ResponseReader> reader, const Stop* client_stop, const Stop* stop)
      : connection_(std::move(connection)), reader_(std::move(reader)), client_stop_(client_stop), stop_(stop) {}

  Result<std::optional<std::string_view>> next(Duration silence) override {
    std::string& body = reader_->body();
    body.erase(0, consumed_);
    consumed_ = 0;
    const Patience patience{.deadline = Deadline::after(silence), .client_stop = client_stop_, .stop = stop_};
    std::size_t searched = 0;
    for (;;) {
      const std::size_t newline = body.find('\n', searched);
      if (newline != std::string::npos) {
        consumed_ = newline + 1;
        return std::string_view(body).substr(0, newline);
      }
      searched = body.size();
      if (reader_->done()) {
        if (body.empty()) return std::optional<std::string_view>();
        consumed_ = body.size();   // a last line without its newline
        return std::string_view(body);
      }
      std::array<char, kReadBytes> buffer;
      EBB_TRY(const std::size_t got, connection_->read_some(buffer, patience));
      if (got == 0) {
        EBB_TRY_VOID(reader_->end_of_stream());
      } else {
        EBB_TRY_VOID(reader_->feed(std::string_view(buffer.data(), got)));
      }
    }
  }

 private:
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<ResponseReader> reader_;
  const Stop* client_stop_;
  const Stop* stop_;
  std::size_t consumed_ = 0;
};

Response response_of(ResponseReader& reader) {
  const HttpHead& head = reader.head();
  Response response{.status = head.status,
                    .content_type = head.content_type,
                    .body = std::move(reader.body()),
                    .warnings = head.warnings,
                    .retry_after = {}};
  if (head.retry_after_seconds) response.retry_after = seconds(std::clamp<std::int64_t>(*head.retry_after_seconds, 0, 3600));
  return response;
}

Error with_request(Error error, const Request& request) {
  return std::move(error).with(fmt::format("{} {}", request.method, request.target.substr(0, request.target.find('?'))));
}

}   // namespace

Result<std::string> Client::Impl::wire_of(const Request& request) {
  EBB_TRY(const std::string authorization, tokens_.authorization());
  const std::string target = endpoint_.path_prefix + request.target;
  return to_wire({.method = request.method,
                  .target = target,
                  .authority = authority_,
                  .user_agent = options_.user_agent,
                  .accept = request.accept,
                  .content_type = request.content_type,
                  .authorization = authorization,
                  .body = request.body});
}

Result<std::unique_ptr<Connection>> Client::Impl::connect(const Patience& patience) {
  Patience bounded = patience;
  bounded.deadline = Deadline::sooner(patience.deadline, Deadline::after(options_.connect_timeout));
  return Connection::open(endpoint_, tls_.get(), bounded);
}

std::unique_ptr<Connection> Client::Impl::take_idle() {
  std::vector<Idle> stale;   // closed outside the lock
  const std::lock_guard lock(mutex_);
  while (!idle_.empty()) {
    Idle idle = std::move(idle_.back());   // the youngest: the old ones may age out
    idle_.pop_back();
    if (!idle.too_old.passed() && idle.connection->fit_for_reuse()) return std::move(idle.connection);
    stale.push_back(std::move(idle));
  }
  return nullptr;
}

void Client::Impl::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() >= options_.idle_connections_max) return;
  idle_.push_back({.connection = std::move(connection), .too_old = Deadline::after(options_.idle_connection_age_max)});
}

Duration Client::Impl::jitter(Duration whole) {
  const std::lock_guard lock(mutex_);
  return whole + nanoseconds(rng_.between(0, std::max<std::int64_t>(whole.v / 10, 1)));
}

std::expected<Response, AttemptError> Client::Impl::converse(Connection& connection, std::string_view wire, const Request& request,
                                                             const Patience& patience, bool& keep) {
  keep = false;
  ResponseReader reader(request.method == "HEAD", options_.body_bytes_max);
  const auto failed = [&](Error error) { return std::unexpected(AttemptError{std::move(error), !reader.started()}); };
  // A server that refuses a body may answer and close before it has read all of it: read in any case.
  Status sent = connection.write_all(wire, patience);
  if (!sent && sent.error().code == Errc::cancelled) return failed(std::move(sent).error());
  std::array<char, kReadBytes> buffer;
  while (!reader.done()) {
    auto got = connection.read_some(buffer, patience);
    if (!got) return failed(sent ? std::move(got).error() : std::move(sent).error());
    Status fed = *got == 0 ? reader.end_of_stream() : reader.feed(std::string_view(buffer.data(), *got));
    if (!fed) return failed(std::move(fed).error());
  }
  if (reader.head().status < 200) return failed({Errc::unavailable, "an interim answer nobody asked for"});
  keep = sent.has_value() && reader.keep_alive();
  return response_of(reader);
}

// On a kept-alive connection the server may hang up at the very moment we use it: such a request
// goes out once more on a new connection, if sending it twice does no harm.
Result<Response> Client::Impl::attempt(const Request& request, const Patience& patience) {
  EBB_TRY(const std::string wire, wire_of(request));
  for (std::unique_ptr<Connection> connection = take_idle();;) {
    const bool reused = connection != nullptr;
    if (!reused) {
      EBB_TRY(connection, connect(patience));
    }
    bool keep = false;
    auto answer = converse(*connection, wire, request, patience, keep);
    if (keep) give_back(std::move(connection));
    if (answer) return *std::move(answer);
    AttemptError failure = std::move(answer).error();
    connection.reset();
    const bool again = reused && failure.nothing_received && failure.error.code == Errc::unavailable && is_idempotent(request.method);
    if (!again) return std::unexpected(std::move(failure.error));
  }
}

// The time spent here is not the server's, so it does not count against the request's own.
Status Client::Impl::wait_for_budget(const Request& request) {
  if (!options_.rate.limited()) return {};
  Duration wait;
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    wait = budget_.take(Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()});
  }
  if (wait > Duration{} && Stop::wait_for_either(&stop_, request.stop, wait)) {
    return std::unexpected(with_request({Errc::cancelled, "stopped"}, request));
  }
  return {};
}

Result<Response> Client::Impl::exchange(const Request& request) {
  EBB_TRY_VOID(wait_for_budget(request));
  const Patience patience{.deadline = Deadline::after(request.timeout), .client_stop = &stop_, .stop = request.stop};
  bool renewed = false;
  for (int tries = 0;; ++tries) {
    auto answer = attempt(request, patience);
    if (!answer) return std::unexpected(with_request(std::move(answer).error(), request));
    if (answer->status == 401 && !renewed && tokens_.renew()) {
      renewed = true;
      continue;
    }
    const bool asked_to_wait = (answer->status == 429 || answer->status == 503) && answer->retry_after.has_value();
    if (!asked_to_wait || tries >= kRetriesMax) return *std::move(answer);
    const Duration wait = jitter(std::max(*answer->retry_after, milliseconds(10)));
    if (wait >= patience.deadline.left()) return *std::move(answer);
    if (Stop::wait_for_either(&stop_, request.stop, wait)) {
      return std::unexpected(with_request({Errc::cancelled, "stopped"}, request));
    }
  }
}

Result<std::unique_ptr<WatchStream>> Client::Impl::watch(std::string target, const Stop* stop) {
  const Request request{.target = std::move(target), .stop = stop};
  const Patience patience{.deadline = Deadline::after(request.timeout), .client_stop = &stop_, .stop = stop};
  const auto failed = [&](Error error) { return std::unexpected(with_request(std::move(error), request)); };
  for (bool renewed = false;; renewed = true) {
    EBB_TRY(const std::string wire, wire_of(request));
    auto connection = connect(patience);
    if (!connection) return failed(std::move(connection).error());
    auto reader = std::make_unique<ResponseReader>(false, options_.watch_line_bytes_max);
    if (Status sent = (*connection)->write_all(wire, patience); !sent) return failed(std::move(sent).error());
    std::array<char, kReadBytes> buffer;
    // A refusal is read to its end, because its body says why.
    while (!reader->done() && (!reader->head_done() || reader->head().status >= 300)) {
      auto got = (*connection)->read_some(buffer, patience);
      if (!got) return failed(std::move(got).error());
      Status fed = *got == 0 ? reader->end_of_stream() : reader->feed(std::string_view(buffer.data(), *got));
      if (!fed) return failed(std::move(fed).error());
    }
    const int status = reader->head().status;
    if (status == 200) return std::make_unique<OpenWatch>(*std::move(connection), std::move(reader), &stop_, stop);
    if (status == 401 && !renewed && tokens_.renew()) continue;
    return failed(to_error(response_of(*reader)));
  }
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::make(Access access, ClientOptions options) {
  EBB_TRY(Endpoint endpoint, parse_server_url(access.server));
  const bool has_credentials = !access.token.empty() || !access.token_file.empty() || !access.client_certificate_pem.empty();
  if (!endpoint.tls && has_credentials) return fail(Errc::denied, "{}: credentials are not sent over plain http", access.server);
  std::unique_ptr<TlsContext> tls;
  if (endpoint.tls) {
    EBB_TRY(tls, TlsContext::make(access, endpoint.host));
  }
  auto impl = std::make_unique<Impl>(std::move(access), std::move(options), std::move(endpoint));
  impl->tls_ = std::move(tls);
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Result<Response> Client::exchange(const Request& request) { return impl_->exchange(request); }

Result<Response> Client::request(const Request& request) {
  EBB_TRY(Response response, impl_->exchange(request));
  if (response.status >= 300) return std::unexpected(with_request(to_error(response), request));
  return response;
}

Result<std::unique_ptr<WatchStream>> Client::watch(std::string target, const Stop* stop) { return impl_->watch(std::move(target), stop); }
void Client::close() noexcept { impl_->stop_.request(); }
const std::string& Client::server() const { return impl_->server_; }
const std::string& Client::default_namespace() const { return impl_->namespace_; }

}   // namespace ebb::kube
