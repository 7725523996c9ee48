#include "sandbox/schema/pattern.h"

#include <boost/regex.hpp>

namespace ebb::sandbox {

struct Pattern::Compiled {
  boost::regex expression;
};

Result<Pattern> Pattern::make(std::string text) {
  Pattern pattern;
  try {
    // Syntax of Perl without what RE2 refuses; the difference only lets more through.
    pattern.compiled_ = std::make_shared<const Compiled>(Compiled{boost::regex(text, boost::regex::perl | boost::regex::no_mod_m)});
  } catch (const std::exception& error) {
    return fail(Errc::invalid, "{}", error.what());
  }
  pattern.text_ = std::move(text);
  return pattern;
}

bool Pattern::matches(std::string_view value) const {
  try {
    return boost::regex_search(value.begin(), value.end(), compiled_->expression, boost::match_single_line);
  } catch (const std::exception&) {
    return false;   // too complex for this value
  }
}

}   // namespace ebb::sandbox
