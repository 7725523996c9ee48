#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace ebb {

void check_failed(const char* expression, std::source_location where) {
  std::fprintf(stderr, "%s:%u: %s: check failed: %s\n", where.file_name(), where.line(), where.function_name(), expression);
  std::abort();
}

}   // namespace ebb
