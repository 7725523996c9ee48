#include "base/result.h"

#include "base/check.h"

namespace ebb {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid: return "invalid";
    case Errc::not_found: return "not found";
    case Errc::exists: return "exists";
    case Errc::conflict: return "conflict";
    case Errc::expired: return "expired";
    case Errc::denied: return "denied";
    case Errc::unavailable: return "unavailable";
    case Errc::overloaded: return "overloaded";
    case Errc::too_large: return "too large";
    case Errc::io: return "io";
    case Errc::unsupported: return "unsupported";
    case Errc::cancelled: return "cancelled";
  }
  EBB_UNREACHABLE();
}

}   // namespace ebb
