#include "kube/connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace ebb::kube {
namespace {

struct AddressListDeleter {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

// A dead peer behind a silent network is noticed within about a minute, also on an idle watch.
void set_socket_options(int socket) {
  const auto set = [socket](int level, int name, int value) { ::setsockopt(socket, level, name, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

std::string system_error(int code) {
  std::array<char, 128> buffer{};
  return ::strerror_r(code, buffer.data(), buffer.size());
}

bool is_loopback(const addrinfo& address) {
  if (address.ai_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address.ai_addr, sizeof v4);
    return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, address.ai_addr, sizeof v6);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

}   // namespace

std::string Endpoint::authority() const {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<Endpoint> parse_server_url(std::string_view url) {
  Endpoint endpoint;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    endpoint.tls = false;
  } else {
    return fail(Errc::invalid, "server '{}': expected https://HOST:PORT", url);
  }
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) {
    endpoint.path_prefix = rest.substr(slash);
    while (endpoint.path_prefix.ends_with('/')) endpoint.path_prefix.pop_back();
    rest = rest.substr(0, slash);
  }
  const bool odd = std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c == '@' || c == '?' || c == '#' || c == '\x7f'; });
  if (odd) return fail(Errc::invalid, "server: user, query, fragment and spaces are not allowed in its URL");
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return fail(Errc::invalid, "server '{}': ']' is missing", url);
    endpoint.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
  } else {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    endpoint.host = rest.substr(0, colon);
    port = rest.substr(colon);
  }
  if (port.starts_with(':')) port.remove_prefix(1);
  endpoint.port = port.empty() ? (endpoint.tls ? "443" : "80") : std::string(port);
  const bool digits = std::all_of(endpoint.port.begin(), endpoint.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (endpoint.host.empty() || !digits || endpoint.port.size() > 5)
    return fail(Errc::invalid, "server '{}': expected https://HOST:PORT", url);
  return endpoint;
}

Result<std::unique_ptr<Connection>> Connection::open(const Endpoint& endpoint, const TlsContext* tls, const Patience& patience) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* raw = nullptr;
  if (const int code = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &raw); code != 0) {
    return fail(Errc::unavailable, "looking up {}: {}", endpoint.host, ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, AddressListDeleter> addresses(raw);

  Error last{Errc::unavailable, fmt::format("{} has no address", endpoint.host)};
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    if (tls == nullptr && !is_loopback(*address)) {
      last = {Errc::denied, fmt::format("plain http to {} is refused: only loopback may be asked without TLS", endpoint.host)};
      continue;
    }
    const int socket = ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) return fail(Errc::io, "socket: {}", system_error(errno));
    std::unique_ptr<Connection> connection(new Connection(socket));
    set_socket_options(socket);
    int code = ::connect(socket, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (code == EINPROGRESS) {
      if (Status ready = connection->wait(POLLOUT, patience); !ready) {
        if (ready.error().code == Errc::cancelled) return std::unexpected(std::move(ready).error());
        last = std::move(ready).error();
        continue;
      }
      socklen_t size = sizeof code;
      ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size);
    }
    if (code != 0) {
      last = {Errc::unavailable, fmt::format("connecting to {}: {}", endpoint.authority(), system_error(code))};
      continue;
    }
    if (tls != nullptr) {
      EBB_TRY(connection->ssl_, tls->session(socket));
      if (Status shaken = connection->handshake(patience); !shaken) {
        return std::unexpected(std::move(shaken).error().with(fmt::format("TLS with {}", endpoint.authority())));
      }
    }
    return connection;
  }
  return std::unexpected(std::move(last));
}

Connection::~Connection() {
  ssl_.reset();
  ::close(socket_);
}

Status Connection::wait(short events, const Patience& patience) const {
  for (;;) {
    const Duration left = patience.deadline.left();
    if (left <= Duration{}) return fail(Errc::unavailable, "no answer in time");
    std::array<pollfd, 3> entries{};
    nfds_t count = 0;
    entries[count++] = {.fd = socket_, .events = events, .revents = 0};
    for (const Stop* stop : {patience.client_stop, patience.stop}) {
      if (stop != nullptr) entries[count++] = {.fd = stop->descriptor(), .events = POLLIN, .revents = 0};
    }
    const int ready = ::poll(entries.data(), count, poll_milliseconds(left));
    if (ready < 0 && errno != EINTR) return fail(Errc::io, "poll: {}", system_error(errno));
    if (ready <= 0) continue;
    for (nfds_t i = 1; i < count; ++i) {
      if (entries[i].revents != 0) return fail(Errc::cancelled, "stopped");
    }
    return {};
  }
}

// After an SSL call that did not succeed: waits for what it needs, or says why it cannot go on.
Status Connection::wait_for_tls(int result, std::string_view doing, const Patience& patience) const {
  const int system = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return wait(POLLIN, patience);
    case SSL_ERROR_WANT_WRITE: return wait(POLLOUT, patience);
    case SSL_ERROR_SYSCALL: {
      ERR_clear_error();
      return fail(Errc::unavailable, "{}: {}", doing, system != 0 ? system_error(system) : std::string("the server closed the connection"));
    }
    default: {
      const std::string refused = verification_error(ssl_.get());
      const std::string reason = openssl_error("protocol error");
      if (!refused.empty()) return fail(Errc::denied, "the server's certificate is not trusted: {}", refused);
      // The server's own refusal of us arrives as an alert, in TLS 1.3 only with the first read.
      if (reason.contains("certificate required") || reason.contains("bad certificate") || reason.contains("unknown ca")) {
        return fail(Errc::denied, "{}: {}", doing, reason);
      }
      return fail(Errc::unavailable, "{}: {}", doing, reason);
    }
  }
}

Status Connection::handshake(const Patience& patience) {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return {};
    EBB_TRY_VOID(wait_for_tls(result, "handshake", patience));
  }
}

Status Connection::write_all(std::string_view bytes, const Patience& patience) {
  while (!bytes.empty()) {
    std::size_t written = 0;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      errno = 0;
      const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
      if (result != 1) EBB_TRY_VOID(wait_for_tls(result, "sending", patience));
    } else {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return fail(Errc::unavailable, "sending: {}", system_error(errno));
      if (sent < 0) EBB_TRY_VOID(wait(POLLOUT, patience));
      written = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    }
    bytes.remove_prefix(written);
  }
  return {};
}

Result<std::size_t> Connection::read_some(std::span<char> into, const Patience& patience) {
  for (;;) {
    // A server that never stops sending must not starve the deadline or the stop.
    if (patience.deadline.passed()) return fail(Errc::unavailable, "no answer in time");
    if ((patience.stop != nullptr && patience.stop->requested()) ||
        (patience.client_stop != nullptr && patience.client_stop->requested())) {
      return fail(Errc::cancelled, "stopped");
    }
    if (ssl_ != nullptr) {
      ERR_clear_error();
      errno = 0;
      std::size_t got = 0;
      const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
      if (result == 1) return got;
      if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
      EBB_TRY_VOID(wait_for_tls(result, "reading", patience));
    } else {
      const auto got = ::recv(socket_, into.data(), into.size(), 0);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EAGAIN && errno != EINTR) return fail(Errc::unavailable, "reading: {}", system_error(errno));
      EBB_TRY_VOID(wait(POLLIN, patience));
    }
  }
}

bool Connection::fit_for_reuse() const {
  // TLS 1.3 session tickets may lie unread in the socket; they are not a sign of the end.
  if (ssl_ != nullptr) {
    char byte = 0;
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_peek_ex(ssl_.get(), &byte, 1, &got);
    const bool quiet = result != 1 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    return quiet;
  }
  pollfd entry{.fd = socket_, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) == 0;
}

}   // namespace ebb::kube
