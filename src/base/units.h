#pragma once

// Strong units with an integer inside. No implicit conversion in or out: `.v` is the way out and
// says so at the place where a unit is given up. Two units mix only where physics allows it.

#include "base/wide.h"

#include <compare>
#include <cstdint>

namespace ebb {

template <class Self>
struct Amount {
  std::int64_t v = 0;

  friend constexpr auto operator<=>(const Amount&, const Amount&) = default;
  friend constexpr Self operator+(Self a, Self b) { return Self{a.v + b.v}; }
  friend constexpr Self operator-(Self a, Self b) { return Self{a.v - b.v}; }
  friend constexpr Self operator-(Self a) { return Self{-a.v}; }
  friend constexpr Self operator*(Self a, std::int64_t k) { return Self{a.v * k}; }
  friend constexpr Self operator/(Self a, std::int64_t k) { return Self{a.v / k}; }
  friend constexpr Self& operator+=(Self& a, Self b) { return a = a + b; }
  friend constexpr Self& operator-=(Self& a, Self b) { return a = a - b; }
};

struct MilliCpu : Amount<MilliCpu> {};   // 1000 = one CPU
struct Bytes : Amount<Bytes> {};
struct Permille : Amount<Permille> {};   // 1000 = all of it

constexpr MilliCpu cpus(std::int64_t n) { return MilliCpu{n * 1000}; }
constexpr Bytes mebibytes(std::int64_t n) { return Bytes{n * 1024 * 1024}; }
constexpr Bytes gibibytes(std::int64_t n) { return Bytes{n * 1024 * 1024 * 1024}; }

// Rounds down, and cannot overflow for any amount below 2^63 and any share of at most 10 (10,000 permille).
template <class Unit>
constexpr Unit share_of(Unit whole, Permille share) {
  return Unit{static_cast<std::int64_t>(static_cast<Int128>(whole.v) * share.v / 1000)};
}

// part / whole in permille, rounded down; a whole of zero gives 0.
template <class Unit>
constexpr Permille ratio(Unit part, Unit whole) {
  return whole.v == 0 ? Permille{0} : Permille{static_cast<std::int64_t>(static_cast<Int128>(part.v) * 1000 / whole.v)};
}

}   // namespace ebb
