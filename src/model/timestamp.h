#pragma once

// Times as the Kubernetes API writes them: RFC 3339, whole seconds ("2026-11-24T02:56:01Z") for
// metav1.Time, six decimals for metav1.MicroTime. Pure calendar arithmetic: no clock, no locale,
// no time zone data.

#include "base/result.h"
#include "base/time.h"

#include <string>
#include <string_view>

namespace ebb::model {

// Either form, with Z or an offset such as +08:00; places beyond nanoseconds are cut off.
// Errors: invalid, naming the text; too_large outside the years 1678 to 2261, which is what 64
// bits of nanoseconds hold.
Result<Instant> parse_timestamp(std::string_view text);

// In UTC, rounded down to what the form shows.
std::string to_timestamp_text(Instant time);         // 2026-11-24T02:56:01Z
std::string to_micro_timestamp_text(Instant time);   // 2026-11-24T02:56:01.000000Z

}   // namespace ebb::model
