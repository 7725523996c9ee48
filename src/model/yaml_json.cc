// Plain scalars as kubectl understands them (sigs.k8s.io/yaml over go-yaml v2), and the tree as JSON.

#include "base/wide.h"
#include "model/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>

namespace ebb::model {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

enum class Meaning { text, null, boolean, number, not_finite };

struct Resolved {
  Meaning meaning = Meaning::text;
  std::string json;   // of a boolean or number
};

struct Word {
  std::string_view text;
  Meaning meaning;
  std::string_view json;
};

constexpr auto kWords = std::to_array<Word>({
    {"", Meaning::null, "null"},          {"~", Meaning::null, "null"},         {"null", Meaning::null, "null"},
    {"Null", Meaning::null, "null"},      {"NULL", Meaning::null, "null"},      {"y", Meaning::boolean, "true"},
    {"Y", Meaning::boolean, "true"},      {"yes", Meaning::boolean, "true"},    {"Yes", Meaning::boolean, "true"},
    {"YES", Meaning::boolean, "true"},    {"true", Meaning::boolean, "true"},   {"True", Meaning::boolean, "true"},
    {"TRUE", Meaning::boolean, "true"},   {"on", Meaning::boolean, "true"},     {"On", Meaning::boolean, "true"},
    {"ON", Meaning::boolean, "true"},     {"n", Meaning::boolean, "false"},     {"N", Meaning::boolean, "false"},
    {"no", Meaning::boolean, "false"},    {"No", Meaning::boolean, "false"},    {"NO", Meaning::boolean, "false"},
    {"false", Meaning::boolean, "false"}, {"False", Meaning::boolean, "false"}, {"FALSE", Meaning::boolean, "false"},
    {"off", Meaning::boolean, "false"},   {"Off", Meaning::boolean, "false"},   {"OFF", Meaning::boolean, "false"},
    {".nan", Meaning::not_finite, ""},    {".NaN", Meaning::not_finite, ""},    {".NAN", Meaning::not_finite, ""},
    {".inf", Meaning::not_finite, ""},    {".Inf", Meaning::not_finite, ""},    {".INF", Meaning::not_finite, ""},
    {"+.inf", Meaning::not_finite, ""},   {"+.Inf", Meaning::not_finite, ""},   {"+.INF", Meaning::not_finite, ""},
    {"-.inf", Meaning::not_finite, ""},   {"-.Inf", Meaning::not_finite, ""},   {"-.INF", Meaning::not_finite, ""},
});

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Go's strconv.ParseInt with base 0, and ParseUint for what is larger: 0x, 0o, 0b and a leading 0.
std::optional<std::string> as_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  const bool sign = negative || text.starts_with('+');
  if (sign) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text.front() == '0') {
    const char kind = static_cast<char>(text[1] | 0x20);
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t kSignedMax = INT64_MAX;
  if (number > kSignedMax + (negative ? 1 : 0) && sign) return std::nullopt;   // only an unsigned text is read as uint64
  return fmt::format("{}{}", negative && number != 0 ? "-" : "", number);
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_float(std::string_view text) {
  const auto digits = [&text] {
    const auto count = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t whole = digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

// As Go's encoding/json writes a float64: the shortest digits that read back the same, in scientific form
// only when very large or very small.
std::string float_text(double number) {
  const double size = std::fabs(number);
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
  std::string text(buffer.data(), end.ptr);
  const bool scientific = size != 0 && (size < 1e-6 || size >= 1e21);
  if (scientific) {
    const std::size_t exponent = text.find("e-0");
    if (exponent != std::string::npos) text.erase(exponent + 2, 1);   // 1e-7, not 1e-07
    return text;
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  std::string digits = text.substr(0, e);
  const std::string sign = digits.starts_with('-') ? "-" : "";
  std::erase_if(digits, [](char c) { return c == '-' || c == '.'; });
  const auto point = exponent + 1;   // digits before the decimal point
  if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  const auto places = static_cast<std::size_t>(point);
  if (places >= digits.size()) return sign + digits + std::string(places - digits.size(), '0');
  return sign + digits.substr(0, places) + "." + digits.substr(places);
}

// Whether a decimal text beyond the range of double is beyond it at the large end.
bool is_too_large(std::string_view text) {
  constexpr std::int64_t kFar = 1'000'000'000;
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::int64_t exponent = 0;
  if (e < text.size()) {
    const std::size_t begin = e + (text.substr(e + 1).starts_with('+') ? 2 : 1);
    const auto parsed = std::from_chars(text.data() + begin, text.data() + text.size(), exponent);
    if (parsed.ec == std::errc::result_out_of_range) exponent = text[begin] == '-' ? -kFar : kFar;
  }
  const std::string_view mantissa = text.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
  const auto first = static_cast<std::int64_t>(std::min(mantissa.find_first_of("123456789"), mantissa.size()));
  return std::clamp(exponent, -kFar, kFar) + point - first > 0;
}

// Go refuses a number too large, which then stays text, and takes one too small for zero.
std::optional<Resolved> as_float(std::string_view text) {
  if (!looks_like_float(text)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range && is_too_large(text)) return std::nullopt;
  return Resolved{Meaning::number, float_text(number)};
}

// YYYY-M-D with an optional time: go-yaml knows it for a time, and hands it on as the text it was.
bool looks_like_date(std::string_view text) {
  return text.size() >= 8 && std::ranges::all_of(text.substr(0, 4), is_digit) && text[4] == '-';
}

Resolved resolve_plain(std::string_view text) {
  const auto word = std::ranges::find(kWords, text, &Word::text);
  if (word != kWords.end()) return {word->meaning, std::string(word->json)};
  const char first = text.front();
  if (first == '.') return as_float(text).value_or(Resolved{});
  if (!is_digit(first) && first != '-' && first != '+') return {};
  if (looks_like_date(text)) return {};
  std::string digits(text);
  std::erase(digits, '_');
  if (auto integer = as_integer(digits)) return {Meaning::number, std::move(*integer)};
  return as_float(digits).value_or(Resolved{});
}

std::unexpected<Error> at_line(const YamlNode& node, std::string_view message) {
  return fail(Errc::invalid, "line {}: {}", node.line, message);
}

Result<Resolved> resolve(const YamlNode& node) {
  if (node.tag.empty()) return node.plain ? resolve_plain(node.text) : Resolved{};
  if (!node.tag.starts_with(kTagPrefix)) return Resolved{};
  const std::string_view tag = std::string_view(node.tag).substr(kTagPrefix.size());
  if (tag == "binary") return at_line(node, "!!binary cannot be said in JSON: leave the tag out and keep the base64 text");
  if (tag == "str" || tag == "timestamp") return Resolved{};
  if (tag != "null" && tag != "bool" && tag != "int" && tag != "float") return Resolved{};
  Resolved resolved = resolve_plain(node.text);
  const Meaning wanted = tag == "null" ? Meaning::null : tag == "bool" ? Meaning::boolean : Meaning::number;
  const bool whole = resolved.json.find_first_of(".e") == std::string::npos;
  if (resolved.meaning == Meaning::not_finite && tag == "float") return resolved;
  if (resolved.meaning != wanted || (tag == "int" && !whole)) return at_line(node, fmt::format("{} is no !!{}", describe(node), tag));
  return resolved;
}

Result<std::string> key_text(const YamlNode& key) {
  EBB_TRY(const Resolved resolved, resolve(key));
  switch (resolved.meaning) {
    case Meaning::text: return key.text;
    case Meaning::boolean:
    case Meaning::number: return resolved.json;
    case Meaning::null: return at_line(key, "a key must be text, and this one is null");
    case Meaning::not_finite: return key.text.substr(key.text.starts_with('+') ? 1 : 0);
  }
  return key.text;
}

Status append(const YamlNode& node, std::string& out);

Status append_scalar(const YamlNode& node, std::string& out) {
  EBB_TRY(const Resolved resolved, resolve(node));
  switch (resolved.meaning) {
    case Meaning::text: out += json_quoted(node.text); break;
    case Meaning::not_finite: return at_line(node, fmt::format("{} cannot be said in JSON", node.text));
    default: out += resolved.json; break;
  }
  return {};
}

Status append_mapping(const YamlNode& node, std::string& out) {
  std::set<std::string, std::less<>> keys;
  out += '{';
  for (const YamlEntry& entry : node.entries) {
    EBB_TRY(std::string key, key_text(entry.key));
    if (!keys.empty()) out += ',';
    out += json_quoted(key);
    out += ':';
    if (!keys.insert(std::move(key)).second) return at_line(entry.key, fmt::format("the key {} stands twice", describe(entry.key)));
    EBB_TRY_VOID(append(entry.value, out));
  }
  out += '}';
  return {};
}

Status append(const YamlNode& node, std::string& out) {
  if (node.is_scalar()) return append_scalar(node, out);
  if (node.is_mapping()) return append_mapping(node, out);
  out += '[';
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) out += ',';
    EBB_TRY_VOID(append(node.items[i], out));
  }
  out += ']';
  return {};
}

}   // namespace

Result<std::string> to_json(const YamlNode& node) {
  std::string out;
  EBB_TRY_VOID(append(node, out));
  return out;
}

bool means_text(const YamlNode& node) {
  const auto resolved = resolve(node);
  return node.is_scalar() && resolved && resolved->meaning == Meaning::text;
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  return out += '"';
}

}   // namespace ebb::model
