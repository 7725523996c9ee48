#include "model/duration.h"

#include "base/wide.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace ebb::model {
namespace {

struct Unit {
  std::string_view text;
  std::int64_t nanos;
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

constexpr auto kUnits = std::to_array<Unit>({
    {"ns", 1},
    {"us", 1'000},
    {"\u00b5s", 1'000},   // micro sign
    {"\u03bcs", 1'000},   // Greek mu
    {"ms", 1'000'000},
    {"s", kSecond},
    {"m", kMinute},
    {"h", kHour},
    {"d", kDay},
});

constexpr UInt128 kMax = static_cast<UInt128>(std::numeric_limits<std::int64_t>::max());

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::string_view allowed_units(DurationUnits units) {
  return units == DurationUnits::with_days ? "ns, us, ms, s, m, h, d" : "ns, us, ms, s, m, h";
}

std::optional<std::int64_t> find_unit(std::string_view text, DurationUnits units) {
  if (text == "d" && units == DurationUnits::go) return std::nullopt;
  const auto found = std::ranges::find(kUnits, text, &Unit::text);
  return found == kUnits.end() ? std::nullopt : std::optional(found->nanos);
}

std::string_view take_while(std::string_view& rest, auto wanted) {
  const auto end = std::ranges::find_if_not(rest, wanted);
  const auto taken = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(taken.size());
  return taken;
}

// Digits as a number, or nothing where it is larger than any duration.
std::optional<UInt128> to_number(std::string_view digits) {
  UInt128 number = 0;
  for (const char c : digits) {
    number = number * 10 + static_cast<UInt128>(c - '0');
    if (number > kMax) return std::nullopt;
  }
  return number;
}

// The part of `unit` that ".digits" stands for, rounded down: more places than a nanosecond of the
// largest unit has change nothing.
UInt128 fraction_of(std::int64_t unit, std::string_view digits) {
  constexpr std::size_t kPlaces = 18;
  UInt128 number = 0;
  UInt128 scale = 1;
  for (const char c : digits.substr(0, kPlaces)) {
    number = number * 10 + static_cast<UInt128>(c - '0');
    scale *= 10;
  }
  return number * static_cast<UInt128>(unit) / scale;
}

}   // namespace

Result<Duration> parse_duration(std::string_view text, DurationUnits units) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return Duration{};
  if (rest.empty()) return fail(Errc::invalid, "'{}' is not a duration: it must be a number with a unit ({})", text, allowed_units(units));

  UInt128 total = 0;
  while (!rest.empty()) {
    const std::string_view whole = take_while(rest, is_digit);
    std::string_view fraction;
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      fraction = take_while(rest, is_digit);
    }
    if (whole.empty() && fraction.empty()) {
      return fail(Errc::invalid, "'{}' is not a duration: it must be a number with a unit ({})", text, allowed_units(units));
    }
    const std::string_view unit_text = take_while(rest, [](char c) { return !is_digit(c) && c != '.'; });
    if (unit_text.empty())
      return fail(Errc::invalid, "'{}' has no unit: write {}s for seconds (units: {})", text, text, allowed_units(units));
    const auto unit = find_unit(unit_text, units);
    if (!unit) return fail(Errc::invalid, "'{}' has the unknown unit '{}' (units: {})", text, unit_text, allowed_units(units));

    const auto number = to_number(whole);
    if (number) total += *number * static_cast<UInt128>(*unit) + fraction_of(*unit, fraction);
    if (!number || total > kMax + (negative ? 1 : 0)) return fail(Errc::too_large, "'{}' is longer than 292 years", text);
  }
  const auto magnitude = static_cast<Int128>(total);
  return Duration{static_cast<std::int64_t>(negative ? -magnitude : magnitude)};
}

std::string to_duration_text(Duration duration) {
  if (duration.v == 0) return "0s";
  const bool negative = duration.v < 0;
  // In unsigned arithmetic the smallest number has an opposite too.
  const std::uint64_t nanos = negative ? 0 - static_cast<std::uint64_t>(duration.v) : static_cast<std::uint64_t>(duration.v);

  const auto with_fraction = [](std::uint64_t amount, std::uint64_t unit, int places, std::string_view name) {
    std::string text = fmt::format("{}", amount / unit);
    if (amount % unit != 0) {
      text += fmt::format(".{:0{}}", amount % unit, places);
      text.erase(text.find_last_not_of('0') + 1);
    }
    return text.append(name);
  };

  std::string text = negative ? "-" : "";
  if (nanos < 1'000) return text + fmt::format("{}ns", nanos);
  if (nanos < 1'000'000) return text + with_fraction(nanos, 1'000, 3, "\u00b5s");
  if (nanos < kSecond) return text + with_fraction(nanos, 1'000'000, 6, "ms");
  if (nanos >= kHour) text += fmt::format("{}h", nanos / kHour);
  if (nanos >= kMinute) text += fmt::format("{}m", nanos % kHour / kMinute);
  return text + with_fraction(nanos % kMinute, kSecond, 9, "s");
}

std::string to_short_duration_text(Duration duration) {
  if (duration.v == 0) return "0s";
  std::string text = duration.v < 0 ? "-" : "";
  std::uint64_t rest = duration.v < 0 ? 0 - static_cast<std::uint64_t>(duration.v) : static_cast<std::uint64_t>(duration.v);
  constexpr auto kWritten =
      std::to_array<Unit>({{"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}});
  for (const Unit& unit : kWritten) {
    const std::uint64_t amount = rest / static_cast<std::uint64_t>(unit.nanos);
    if (amount > 0) text += fmt::format("{}{}", amount, unit.text);
    rest -= amount * static_cast<std::uint64_t>(unit.nanos);
  }
  return text;
}

}   // namespace ebb::model
