#include "sandbox/controllers/index_set.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace ebb::sandbox::control {

namespace {

std::optional<std::int64_t> parse_index(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || value < 0) return std::nullopt;
  return value;
}

}   // namespace

IndexSet parse_indexes(std::string_view text, std::int64_t limit) {
  IndexSet indexes;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t dash = part.find('-');
    const auto first = parse_index(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_index(part.substr(dash + 1));
    if (!first || !last) continue;
    for (std::int64_t i = *first; i <= *last && i < limit; ++i) indexes.insert(static_cast<std::int32_t>(i));
  }
  return indexes;
}

std::string to_string(const IndexSet& indexes) {
  std::string text;
  for (auto index = indexes.begin(); index != indexes.end();) {
    const std::int32_t first = *index;
    std::int32_t last = first;
    for (++index; index != indexes.end() && *index == last + 1; ++index) last = *index;
    if (!text.empty()) text += ',';
    text += fmt::format("{}", first);
    if (last > first) text += fmt::format("{}{}", last - first > 1 ? '-' : ',', last);
  }
  return text;
}

}   // namespace ebb::sandbox::control
