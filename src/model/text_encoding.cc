#include "model/text_encoding.h"

#include <fmt/format.h>

#include <cstdint>

namespace ebb::model {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

constexpr std::uint8_t byte_at(std::string_view text, std::size_t index) { return static_cast<std::uint8_t>(text[index]); }

constexpr bool continues(std::string_view text, std::size_t index) {
  return index < text.size() && (byte_at(text, index) & 0xc0u) == 0x80u;
}

// C0 but tab and line ends, DEL, and C1 but NEL: no editor writes them, and they hide what is read.
bool is_control(std::string_view character) {
  const std::uint8_t first = byte_at(character, 0);
  if (character.size() == 1) return (first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7f;
  if (first == 0xc2) return byte_at(character, 1) < 0xa0 && byte_at(character, 1) != 0x85;
  return character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";   // U+FFFE, U+FFFF
}

}   // namespace

std::size_t utf8_length(std::string_view text) {
  const std::uint8_t first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (!continues(text, 1)) return 0;
  const std::uint8_t second = byte_at(text, 1);
  if (first < 0xe0) return 2;
  if (first < 0xf0) {
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0)) return 0;
    return continues(text, 2) ? 3 : 0;
  }
  if (first > 0xf4 || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90)) return 0;
  return continues(text, 2) && continues(text, 3) ? 4 : 0;
}

std::variant<std::string, BadText> clean_text(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::string clean;
  clean.reserve(text.size());
  int line = 0;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return BadText{line, fmt::format("byte 0x{:02x} is not UTF-8 text", byte_at(text, 0))};
    const std::string_view character = text.substr(0, length);
    if (is_control(character)) return BadText{line, "a control character, which no text may hold"};
    text.remove_prefix(length);
    if (character == "\r") {
      if (text.starts_with('\n')) continue;
      clean += '\n';
    } else {
      clean += character;
    }
    if (clean.back() == '\n') ++line;
  }
  return clean;
}

}   // namespace ebb::model
