#include "cli/listen_address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace ebb::cli {
namespace {

bool is_ip(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}   // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  ListenAddress listen;
  bool ok = colon != std::string_view::npos;
  if (ok) {
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (!host.empty()) listen.address = std::string(host);
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
    ok = error == std::errc() && end == port.data() + port.size() && is_ip(listen.address);
  }
  if (!ok)
    return fail(Errc::invalid, "--listen {}: it must be ADDRESS:PORT, an IP address and 0 to 65535, like 127.0.0.1:6443 or [::1]:0", text);
  return listen;
}

}   // namespace ebb::cli
