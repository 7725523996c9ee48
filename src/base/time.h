#pragma once

// Time as the core sees it: nanoseconds in 64-bit integers. An Instant counts from the Unix epoch;
// where it comes from (a real clock, a sped-up one, a simulator) is the caller's business.

#include "base/units.h"

#include <compare>
#include <cstdint>

namespace ebb {

struct Duration : Amount<Duration> {};   // nanoseconds

constexpr Duration nanoseconds(std::int64_t n) { return Duration{n}; }
constexpr Duration microseconds(std::int64_t n) { return Duration{n * 1'000}; }
constexpr Duration milliseconds(std::int64_t n) { return Duration{n * 1'000'000}; }
constexpr Duration seconds(std::int64_t n) { return Duration{n * 1'000'000'000}; }
constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
constexpr Duration hours(std::int64_t n) { return seconds(n * 3600); }

struct Instant {
  std::int64_t v = 0;   // nanoseconds since 1970-01-01T00:00:00Z

  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Instant operator+(Instant t, Duration d) { return Instant{t.v + d.v}; }
  friend constexpr Instant operator-(Instant t, Duration d) { return Instant{t.v - d.v}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration{a.v - b.v}; }
};

}   // namespace ebb
