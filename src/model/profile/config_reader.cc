#include "model/profile/config_reader.h"

#include "model/duration.h"
#include "model/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace ebb::model {
namespace {

// A plain scalar in JSON, where it is one: "true", "12", "1.5".
std::string json_scalar(const YamlNode& node) {
  if (!node.is_scalar()) return {};
  auto json = to_json(node);
  return json ? *std::move(json) : std::string();
}

std::string range_text(std::int64_t low, std::int64_t high) {
  const bool open = high == std::numeric_limits<std::int32_t>::max() || high == std::numeric_limits<std::int64_t>::max();
  return open ? fmt::format("a whole number from {}", low) : fmt::format("a whole number from {} to {}", low, high);
}

}   // namespace

void ConfigReader::refuse_value(const ConfigNode& at, std::string_view wanted) {
  refuse(at, fmt::format("{} is not allowed: it must be {}", describe(*at.node), wanted));
}

std::vector<ConfigMember> ConfigReader::members(const ConfigNode& mapping, std::span<const std::string_view> known) {
  std::vector<ConfigMember> members;
  if (mapping.is_null()) return members;
  if (!mapping.node->is_mapping()) {
    refuse(mapping,
           fmt::format("{} stands where a mapping is expected: its fields are {}", describe(*mapping.node), fmt::join(known, ", ")));
    return members;
  }
  for (const YamlEntry& entry : mapping.node->entries) {
    ConfigNode value{&entry.value, path_of(mapping.path, entry.key.text), entry.key.line};
    if (std::ranges::find(known, std::string_view(entry.key.text)) == known.end()) {
      const auto similar = nearest(entry.key.text, known);
      refuse(value, fmt::format("unknown field{} Known here: {}", similar ? fmt::format(", did you mean {}?", *similar) : ".",
                                fmt::join(known, ", ")));
    } else if (!value.is_null()) {
      members.push_back({entry.key.text, std::move(value)});
    }
  }
  return members;
}

std::vector<ConfigNode> ConfigReader::items(const ConfigNode& list) {
  std::vector<ConfigNode> items;
  if (list.is_null()) return items;
  if (!list.node->is_sequence()) {
    refuse(list, fmt::format("{} stands where a list is expected", describe(*list.node)));
    return items;
  }
  for (std::size_t i = 0; i < list.node->items.size(); ++i) {
    const YamlNode& item = list.node->items[i];
    items.push_back({&item, path_of(list.path, i), item.line});
  }
  return items;
}

std::optional<bool> ConfigReader::boolean(const ConfigNode& at) {
  const std::string json = json_scalar(*at.node);
  if (json == "true" || json == "false") return json == "true";
  refuse_value(at, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> ConfigReader::whole_number(const ConfigNode& at, std::int64_t low, std::int64_t high) {
  const std::string json = json_scalar(*at.node);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (!json.empty() && error == std::errc{} && end == json.data() + json.size() && number >= low && number <= high) return number;
  refuse_value(at, range_text(low, high));
  return std::nullopt;
}

std::optional<std::int32_t> ConfigReader::int32(const ConfigNode& at, std::int32_t low, std::int32_t high) {
  const auto number = whole_number(at, low, high);
  return number ? std::optional(static_cast<std::int32_t>(*number)) : std::nullopt;
}

std::optional<std::string> ConfigReader::text(const ConfigNode& at) {
  if (at.node->is_scalar() && means_text(*at.node)) return at.node->text;
  const bool quotable = at.node->is_scalar() && !at.is_null();
  refuse_value(at, quotable ? fmt::format("text, in quotes: {}", json_quoted(at.node->text)) : "text");
  return std::nullopt;
}

std::vector<std::string> ConfigReader::texts(const ConfigNode& list) {
  std::vector<std::string> texts;
  for (const ConfigNode& item : items(list)) {
    if (auto value = text(item)) texts.push_back(*std::move(value));
  }
  return texts;
}

std::optional<Duration> ConfigReader::duration(const ConfigNode& at) {
  const auto value = text(at);
  if (!value) return std::nullopt;
  const auto parsed = parse_duration(*value);
  if (parsed) return *parsed;
  refuse(at, parsed.error().message);
  return std::nullopt;
}

std::optional<std::size_t> ConfigReader::choice(const ConfigNode& at, std::span<const std::string_view> words) {
  const auto found = at.node->is_scalar() ? std::ranges::find(words, std::string_view(at.node->text)) : words.end();
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  refuse_value(at, fmt::format("{}", fmt::join(words, ", ")));
  return std::nullopt;
}

}   // namespace ebb::model
