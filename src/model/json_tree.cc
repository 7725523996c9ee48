#include "model/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace ebb::model {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&out](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | (code >> 6));
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3f));
    byte(0x80 | ((code >> 6) & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

constexpr std::uint32_t kReplacement = 0xfffd;   // for half a surrogate pair, as Go reads it

constexpr bool is_high(std::uint32_t code) { return code >= 0xd800 && code < 0xdc00; }
constexpr bool is_low(std::uint32_t code) { return code >= 0xdc00 && code < 0xe000; }

// Recursive descent; every function gives false where the text is no JSON.
class Parser {
 public:
  Parser(std::string_view text, const YamlOptions& options) : rest_(text), options_(options), line_(options.first_line) {}

  bool document(YamlText& out) {
    YamlNode root;
    if (!value(root, "", 1)) return false;
    skip_space();
    if (!rest_.empty()) return false;
    out.documents.push_back(std::move(root));
    out.findings = std::move(findings_);
    return true;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\n')) {
      if (rest_.front() == '\n') ++line_;
      rest_.remove_prefix(1);
    }
  }

  bool take(char wanted) {
    skip_space();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool value(YamlNode& node, const std::string& path, int depth) {
    skip_space();
    node.line = line_;
    if (rest_.empty() || depth > options_.depth_max || ++nodes_ > options_.nodes_max) return false;
    switch (rest_.front()) {
      case '{': return object(node, path, depth);
      case '[': return array(node, path, depth);
      case '"': return string(node.text);
      default: return word(node);
    }
  }

  bool object(YamlNode& node, const std::string& path, int depth) {
    node.kind = YamlKind::mapping;
    std::map<std::string, int, std::less<>> seen;
    take('{');
    if (take('}')) return true;
    do {
      YamlEntry entry;
      skip_space();
      entry.key.line = line_;
      if (!rest_.starts_with('"') || !string(entry.key.text) || !take(':')) return false;
      const std::string inner = path_of(path, entry.key.text);
      if (!value(entry.value, inner, depth + 1)) return false;
      const auto [first, is_new] = seen.try_emplace(entry.key.text, entry.key.line);
      if (is_new) {
        node.entries.push_back(std::move(entry));
      } else {
        findings_.push_back({entry.key.line, inner, fmt::format("this key stands twice, first on line {}", first->second)});
      }
    } while (take(','));
    return take('}');
  }

  bool array(YamlNode& node, const std::string& path, int depth) {
    node.kind = YamlKind::sequence;
    take('[');
    if (take(']')) return true;
    do {
      if (!value(node.items.emplace_back(), path_of(path, node.items.size() - 1), depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  bool string(std::string& out) {
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t plain = rest_.find_first_of("\"\\\n\t");
      if (plain == std::string_view::npos) return false;
      out += rest_.substr(0, plain);
      const char stop = rest_[plain];
      rest_.remove_prefix(plain + 1);
      if (stop == '"') return true;
      if (stop != '\\' || !escape(out)) return false;
    }
  }

  bool escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const char name = rest_.front();
    rest_.remove_prefix(1);
    if (name == 'u') return unicode(out);
    const std::size_t at = kNames.find(name);
    if (at == std::string_view::npos) return false;
    out += kValues[at];
    return true;
  }

  bool unicode(std::string& out) {
    std::uint32_t code = 0;
    if (!hex(code)) return false;
    if (is_high(code) && rest_.starts_with("\\u")) {
      const std::string_view before = rest_;
      std::uint32_t low = 0;
      rest_.remove_prefix(2);
      if (!hex(low)) return false;
      if (is_low(low)) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else {
        rest_ = before;
      }
    }
    append_utf8(is_high(code) || is_low(code) ? kReplacement : code, out);
    return true;
  }

  bool hex(std::uint32_t& code) {
    constexpr std::size_t kDigits = 4;
    if (rest_.size() < kDigits) return false;
    for (const char c : rest_.substr(0, kDigits)) {
      const char lower = static_cast<char>(c | 0x20);
      const int digit = is_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
      if (digit < 0) return false;
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    rest_.remove_prefix(kDigits);
    return true;
  }

  // true, false, null or a number, which keeps its spelling.
  bool word(YamlNode& node) {
    const std::size_t end = std::min(rest_.find_first_of(" \t\n,]}:"), rest_.size());
    node.text = rest_.substr(0, end);
    node.plain = true;
    rest_.remove_prefix(end);
    return node.text == "true" || node.text == "false" || node.text == "null" || is_number(node.text);
  }

  static bool is_number(std::string_view text) {
    const auto digits = [&text] {
      std::size_t count = 0;
      while (count < text.size() && is_digit(text[count])) ++count;
      text.remove_prefix(count);
      return count;
    };
    if (text.starts_with('-')) text.remove_prefix(1);
    const bool zero = text.starts_with('0');
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      if (digits() == 0) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
      text.remove_prefix(1);
      if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
      if (digits() == 0) return false;
    }
    return text.empty();
  }

  std::string_view rest_;
  const YamlOptions& options_;
  int line_;
  std::size_t nodes_ = 0;
  Findings findings_;
};

}   // namespace

std::optional<YamlText> parse_json(std::string_view text, const YamlOptions& options) {
  YamlText out;
  if (!Parser(text, options).document(out)) return std::nullopt;
  return out;
}

}   // namespace ebb::model
