#pragma once

// A regular expression of a custom resource's schema. Matching is bounded: an expression that takes
// too long on a value counts as not matching.

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace ebb::sandbox {

class Pattern {
 public:
  // Errors: invalid, for what is no regular expression.
  static Result<Pattern> make(std::string text);

  bool matches(std::string_view value) const;   // anywhere in it, unless anchored
  const std::string& text() const { return text_; }

 private:
  struct Compiled;
  std::string text_;
  std::shared_ptr<const Compiled> compiled_;   // shared by copies of the pattern, the last one frees it
};

}   // namespace ebb::sandbox
