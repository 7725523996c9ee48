#pragma once

// YAML as a tree that remembers its lines. Read once, then only looked at. What the text could do to
// its reader is bounded here: size, depth, and how far aliases expand. Duplicate keys are always
// wrong. Policy files are read strictly: what YAML readers are known to disagree about (octal
// numbers, anchors, tags, merge keys) is wrong there, and fine in a manifest.

#include "base/result.h"
#include "model/finding.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

struct YamlEntry;

enum class YamlKind { scalar, sequence, mapping };

struct YamlNode {
  YamlKind kind = YamlKind::scalar;
  int line = 1;
  bool plain = false;   // a scalar without quotes and not a block: what it means depends on its text
  int text_line = 0;    // where a literal block's text begins, so that its lines can be told; else 0
  std::string tag;      // as written out in full, "tag:yaml.org,2002:str"; mostly empty
  std::string text;     // of a scalar
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;   // in document order, each key once

  const YamlNode* find(std::string_view key) const;   // of a mapping; nullptr where there is none
  bool is_scalar() const { return kind == YamlKind::scalar; }
  bool is_sequence() const { return kind == YamlKind::sequence; }
  bool is_mapping() const { return kind == YamlKind::mapping; }
  bool is_null() const;   // nothing, ~ or null, without quotes
};

struct YamlEntry {
  YamlNode key;   // always a scalar
  YamlNode value;
};

struct YamlOptions {
  bool strict = false;
  std::size_t bytes_max = 8u << 20;
  int depth_max = 100;
  std::size_t nodes_max = 500'000;              // with aliases expanded
  std::size_t expanded_bytes_max = 64u << 20;   // text and keys, with aliases expanded
  int first_line = 1;                           // number of the text's first line, for a text inside a text
};

struct YamlText {
  std::vector<YamlNode> documents;   // as far as they could be read, even with findings
  Findings findings;                 // empty: the text is fine

  bool ok() const { return findings.empty(); }
};

YamlText parse_yaml(std::string_view text, const YamlOptions& options = {});

// The tree as JSON, its plain scalars understood as kubectl does (YAML 1.1: yes, on and y are true, 0123
// is octal, 1_000 is a number; a date stays text). Errors: invalid with the line, where JSON cannot say it.
Result<std::string> to_json(const YamlNode& node);

// Whether a scalar is text in kubectl's eyes, and not a number, boolean or null.
bool means_text(const YamlNode& node);

// `text` as a JSON string with its quotes.
std::string json_quoted(std::string_view text);

// "a mapping", "3", "\"yes\"" ...: what the node is, for a message about what it should have been.
std::string describe(const YamlNode& node);

}   // namespace ebb::model
