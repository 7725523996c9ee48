#include "kube/base64.h"

#include <cstdint>

namespace ebb::kube {
namespace {

int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}   // namespace

Result<std::string> decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int digits = 0;    // in the present group of four
  int padding = 0;   // '=' seen
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      if (digits + padding >= 4 || digits < 2) return fail(Errc::invalid, "misplaced '=' in base64");
      ++padding;
      continue;
    }
    const int value = digit(c);
    if (value < 0) return fail(Errc::invalid, "a character that base64 does not have");
    if (padding > 0) return fail(Errc::invalid, "base64 goes on after its end");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++digits < 4) continue;
    for (const int shift : {16, 8, 0}) out += static_cast<char>(bits >> shift & 0xff);
    bits = 0;
    digits = 0;
  }
  if ((digits + padding) % 4 != 0) return fail(Errc::invalid, "base64 is cut off");
  if (digits >= 2) out += static_cast<char>(bits >> (digits == 2 ? 4 : 10) & 0xff);
  if (digits == 3) out += static_cast<char>(bits >> 2 & 0xff);
  return out;
}

}   // namespace ebb::kube
