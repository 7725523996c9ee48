#pragma once

// Reads values of a workload file: each getter knows one kind of value and says line and key where it is another.

#include "base/result.h"
#include "model/names.h"
#include "model/yaml.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::bench {

using model::YamlNode;

// A mapping with no keys but these.
Status check_keys(const YamlNode& node, std::initializer_list<std::string_view> known);
Result<std::int64_t> whole(const YamlNode& node, std::string_view key, std::int64_t otherwise);
std::string text(const YamlNode& node, std::string_view key, std::string_view otherwise = "");
bool flag(const YamlNode& node, std::string_view key);
std::vector<std::string> texts(const YamlNode& node, std::string_view key);
model::Labels labels(const YamlNode& node, std::string_view key);
const std::vector<YamlNode>& items(const YamlNode& node, std::string_view key);
Result<YamlNode> only_document(std::string_view text);

}   // namespace ebb::bench
