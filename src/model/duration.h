#pragma once

// Durations as Go and Kubernetes write them: "100ms", "15m", "1h30m", "-1.5s". A unit is always
// needed, but for "0". Policies may also say days ("7d"), which Go does not know.
//
//   duration = [+-] (digits [. digits] unit)+ | [+-] 0
//   unit     = ns | us | µs | μs | ms | s | m | h | d

#include "base/result.h"
#include "base/time.h"

#include <string>
#include <string_view>

namespace ebb::model {

enum class DurationUnits { go, with_days };

// A fraction finer than a nanosecond is cut off. Errors: invalid, naming the text and what is
// missing; too_large beyond 64 bits of nanoseconds (about 292 years).
Result<Duration> parse_duration(std::string_view text, DurationUnits units = DurationUnits::go);

// As Go prints it: "1h30m0s", "15m0s", "1.5s", "100ms", "0s".
std::string to_duration_text(Duration duration);

// As people write it in a policy: "1h30m", "15m", "7d", "100ms", "0s". Round-trips with days.
std::string to_short_duration_text(Duration duration);

}   // namespace ebb::model
