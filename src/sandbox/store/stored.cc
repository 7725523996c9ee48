#include "sandbox/store/stored.h"

#include "base/check.h"

namespace ebb::sandbox {

json::object Stored::parse() const {
  json::parse_options options;
  options.max_depth = 1000;   // what a request may have, too
  json::error_code error;
  json::value value = json::parse(*text, error, {}, options);
  EBB_CHECK(!error && value.is_object());
  return std::move(value.get_object());
}

}   // namespace ebb::sandbox
