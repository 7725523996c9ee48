#pragma once

// One thing that is wrong with a document that a user wrote: where, and what would be right there.
// Documents are judged as a whole, so that all of them come at once.

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

struct Finding {
  int line = 0;       // counted from 1; 0 where the document as a whole is meant
  std::string path;   // "spec.eviction.waterLine.cpu"; empty for the document as a whole
  std::string message;

  friend auto operator<=>(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

// "line 12: spec.eviction.waterLine.cpu: MESSAGE", without the parts that are empty.
std::string to_string(const Finding& finding);

// As many findings as `bytes_max` holds, joined by "; ", and how many more there are.
std::string summary(const Findings& findings, std::size_t bytes_max);

// `path` with one more step: "spec" and "enabled" give "spec.enabled". A key that holds more than letters,
// digits, '-' and '_' is put in brackets and quotes: matchLabels["workload.type"].
std::string path_of(std::string_view path, std::string_view key);
std::string path_of(std::string_view path, std::size_t index);

}   // namespace ebb::model
