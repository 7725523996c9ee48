#include "cli/listen_address.h"

#include <gtest/gtest.h>

namespace ebb::cli {
namespace {

TEST(ListenAddress, IsAnIpAddressAndAPort) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:6443")->port, 6443);
  EXPECT_EQ(parse_listen_address("[::1]:0")->address, "::1");
  EXPECT_EQ(parse_listen_address(":8080")->address, "127.0.0.1");
}

TEST(ListenAddress, AnythingElseIsRefused) {
  for (const char* text :
       {"", "6443", "localhost:1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "1.2.3:4", "[::1:0", "127.0.0.1:8x"}) {
    EXPECT_FALSE(parse_listen_address(text)) << text;
  }
}

}   // namespace
}   // namespace ebb::cli
