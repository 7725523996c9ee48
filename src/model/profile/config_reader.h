#pragma once

// Reads the values of a configuration file as Kubernetes understands them (kubectl's YAML, null for "not
// said", names in exact case), and notes what is wrong with its line and path. A note is no fault:
// it says what a value that was accepted comes to here.

#include "base/time.h"
#include "model/finding.h"
#include "model/yaml.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::model {

// A value of the document and how to get there from its root.
struct ConfigNode {
  const YamlNode* node;
  std::string path;
  int line;

  bool is_null() const { return node->is_null(); }
};

struct ConfigMember {
  std::string_view key;
  ConfigNode value;
};

class ConfigReader {
 public:
  ConfigReader(Findings& findings, Findings& notes) : findings_(findings), notes_(notes) {}

  void refuse(const ConfigNode& at, std::string message) { findings_.push_back({at.line, at.path, std::move(message)}); }
  void note(const ConfigNode& at, std::string message) { notes_.push_back({at.line, at.path, std::move(message)}); }

  // The mapping's values that are not null; a key that is not known is refused with what is known.
  std::vector<ConfigMember> members(const ConfigNode& mapping, std::span<const std::string_view> known);
  std::vector<ConfigNode> items(const ConfigNode& list);

  std::optional<bool> boolean(const ConfigNode& at);
  std::optional<std::int64_t> whole_number(const ConfigNode& at, std::int64_t low, std::int64_t high);
  std::optional<std::int32_t> int32(const ConfigNode& at, std::int32_t low = std::numeric_limits<std::int32_t>::min(),
                                    std::int32_t high = std::numeric_limits<std::int32_t>::max());
  std::optional<std::string> text(const ConfigNode& at);
  std::vector<std::string> texts(const ConfigNode& list);
  std::optional<Duration> duration(const ConfigNode& at);   // "15s"; as Go writes them
  // One of the words; refused with all of them.
  std::optional<std::size_t> choice(const ConfigNode& at, std::span<const std::string_view> words);

 private:
  void refuse_value(const ConfigNode& at, std::string_view wanted);

  Findings& findings_;
  Findings& notes_;
};

}   // namespace ebb::model
