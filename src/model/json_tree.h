#pragma once

// JSON (RFC 8259) into the same tree as YAML. Most JSON is YAML too, but not all of it: keys beyond 1024
// characters, surrogate pairs in escapes. parse_yaml tries this first where a text begins like JSON.

#include "model/yaml.h"

#include <optional>
#include <string_view>

namespace ebb::model {

// None where the text is no JSON, or beyond the limits. `text` is what clean_text gave.
std::optional<YamlText> parse_json(std::string_view text, const YamlOptions& options);

}   // namespace ebb::model
