#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ebb::cli {

struct ListenAddress {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;   // 0: any free one
};

// "127.0.0.1:6443", "[::1]:0", or the port alone on loopback: ":6443". Errors: invalid.
Result<ListenAddress> parse_listen_address(std::string_view text);

}   // namespace ebb::cli
