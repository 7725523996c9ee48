#pragma once

// Reads values and mappings of a policy document against what is known about them, and notes what is
// wrong. Knows fields, not documents: those are in policy_parser.cc and overlay_parser.cc.

#include "model/colocation_policy.h"
#include "model/finding.h"
#include "model/yaml.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

struct PolicyField;

// A node, how to get there from the document's root, and the line on which its key stands.
struct Located {
  const YamlNode& node;
  std::string path;
  int line = node.line;
};

class FieldReader {
 public:
  explicit FieldReader(Findings& findings) : findings_(findings) {}

  void find(const Located& where, std::string message) { findings_.push_back({where.line, where.path, std::move(message)}); }

  // The mapping's values, each key checked against `known`: an unknown one is found, with a suggestion.
  // Empty where it is no mapping, which is found, or null, which is not.
  std::vector<std::pair<std::string_view, Located>> members(const Located& mapping, std::span<const std::string_view> known);

  std::optional<bool> boolean(const Located& where);
  std::optional<std::int64_t> whole_number(const Located& where, std::int64_t low, std::int64_t high);
  std::optional<std::string> text(const Located& where);   // quoted, or not to be mistaken for anything else

  // Everything of the policy's `section` ("" for all of spec) that the mapping states, into settings()
  // and lines().
  void section(const Located& mapping, std::string_view section);

  const std::vector<FieldSetting>& settings() const { return settings_; }
  std::vector<std::string> stated() const;
  // Where a field or section stands, or the nearest section around it; `otherwise` where none does.
  int line_of(std::string_view key, int otherwise) const;

 private:
  void field(const Located& where, const PolicyField& field);

  Findings& findings_;
  std::vector<FieldSetting> settings_;
  std::map<std::string, int, std::less<>> lines_;
};

}   // namespace ebb::model
