#pragma once

// Checks for what only we can get wrong. They stay on in release builds: a wrong decision costs
// more than a restart, and everything Ebb knows can be rebuilt from list+watch.

#include <source_location>

namespace ebb {

[[noreturn]] void check_failed(const char* expression, std::source_location where = std::source_location::current());

}   // namespace ebb

#define EBB_CHECK(condition) (static_cast<bool>(condition) ? void() : ::ebb::check_failed(#condition))
#define EBB_UNREACHABLE() ::ebb::check_failed("unreachable")

// For checks too expensive for production; on in the dev and sanitizer builds.
#ifdef NDEBUG
#define EBB_DCHECK(condition) (true ? void() : static_cast<void>(condition))
#else
#define EBB_DCHECK(condition) EBB_CHECK(condition)
#endif
