#pragma once

// Text from outside, made fit for a parser: UTF-8 without its byte order mark, lines that end in
// one '\n', no control characters. What is not that is refused with its line.

#include <string>
#include <string_view>
#include <variant>

namespace ebb::model {

struct BadText {
  int line_from_zero = 0;
  std::string message;
};

std::variant<std::string, BadText> clean_text(std::string_view text);

// The length in bytes of the UTF-8 character that `text` begins with; 0 where it is none (overlong
// forms, surrogates and what lies beyond U+10FFFF are none). Requires: text is not empty.
std::size_t utf8_length(std::string_view text);

}   // namespace ebb::model
