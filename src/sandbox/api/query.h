#pragma once

// The URL's two parts as values: decoded path segments, and query parameters that may be repeated.

#include "sandbox/api/failure.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

// %41 becomes A; a broken escape is nothing. '+' means a space in queries only.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

class Query {
 public:
  static Answer<Query> parse(std::string_view raw);

  bool has(std::string_view name) const { return values_.contains(name); }
  // The first value; empty where there is none.
  std::string_view get(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  // "true", "1", or present without a value, as upstream converts booleans.
  bool flag(std::string_view name) const;
  // Nothing where it is missing or empty. Errors: 400.
  Answer<std::optional<std::int64_t>> number(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// Decoded segments without empty ones; nothing where an escape is broken.
std::optional<std::vector<std::string>> path_segments(std::string_view path);

}   // namespace ebb::sandbox
