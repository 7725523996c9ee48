#include "bench/fields.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace ebb::bench {

Status check_keys(const YamlNode& node, std::initializer_list<std::string_view> known) {
  if (!node.is_mapping()) return fail(Errc::invalid, "line {}: must be a mapping, not {}", node.line, model::describe(node));
  for (const model::YamlEntry& entry : node.entries) {
    if (std::ranges::find(known, std::string_view(entry.key.text)) != known.end()) continue;
    return fail(Errc::invalid, "line {}: '{}' is not known here; known are {}", entry.key.line, entry.key.text, fmt::join(known, ", "));
  }
  return {};
}

Result<std::int64_t> whole(const YamlNode& node, std::string_view key, std::int64_t otherwise) {
  const YamlNode* const found = node.find(key);
  if (found == nullptr) return otherwise;
  std::int64_t number = 0;
  const char* const end = found->text.data() + found->text.size();
  const auto [stop, error] = std::from_chars(found->text.data(), end, number);
  if (error != std::errc{} || stop != end || number < 0) {
    return fail(Errc::invalid, "line {}: {} must be a whole number, not {}", found->line, key, model::describe(*found));
  }
  return number;
}

std::string text(const YamlNode& node, std::string_view key, std::string_view otherwise) {
  const YamlNode* const found = node.find(key);
  return found == nullptr ? std::string(otherwise) : found->text;
}

bool flag(const YamlNode& node, std::string_view key) { return text(node, key) == "true"; }

std::vector<std::string> texts(const YamlNode& node, std::string_view key) {
  std::vector<std::string> list;
  for (const YamlNode& item : items(node, key)) list.push_back(item.text);
  return list;
}

model::Labels labels(const YamlNode& node, std::string_view key) {
  model::Labels out;
  if (const YamlNode* const found = node.find(key)) {
    for (const model::YamlEntry& entry : found->entries) out.emplace(entry.key.text, entry.value.text);
  }
  return out;
}

const std::vector<YamlNode>& items(const YamlNode& node, std::string_view key) {
  static const std::vector<YamlNode> none;
  const YamlNode* const found = node.find(key);
  return found == nullptr ? none : found->items;
}

Result<YamlNode> only_document(std::string_view text) {
  model::YamlText yaml = model::parse_yaml(text);
  if (!yaml.ok()) return fail(Errc::invalid, "{}", model::summary(yaml.findings, 500));
  if (yaml.documents.size() != 1) return fail(Errc::invalid, "one document is expected, not {}", yaml.documents.size());
  return std::move(yaml.documents.front());
}

}   // namespace ebb::bench
