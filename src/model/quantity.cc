#include "model/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace ebb::model {
namespace {

constexpr int kNanoDigits = 9;
constexpr std::int64_t kNanosPerUnit = 1'000'000'000;
constexpr std::int64_t kNanosPerMilli = 1'000'000;

constexpr UInt128 power_of_ten(int exponent) {
  UInt128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

constexpr UInt128 kNanosMax = power_of_ten(38);
constexpr UInt128 kBinaryNanosMax = static_cast<UInt128>(std::numeric_limits<std::int64_t>::max()) * kNanosPerUnit;

struct Suffix {
  std::string_view text;
  QuantityFormat format;
  int exponent;   // of ten, or of two in binary form
};

// Ascending within a form, so that the canonical suffix is found from the back.
constexpr auto kSuffixes = std::to_array<Suffix>({
    {"n", QuantityFormat::decimal_si, -9},
    {"u", QuantityFormat::decimal_si, -6},
    {"m", QuantityFormat::decimal_si, -3},
    {"", QuantityFormat::decimal_si, 0},
    {"k", QuantityFormat::decimal_si, 3},
    {"M", QuantityFormat::decimal_si, 6},
    {"G", QuantityFormat::decimal_si, 9},
    {"T", QuantityFormat::decimal_si, 12},
    {"P", QuantityFormat::decimal_si, 15},
    {"E", QuantityFormat::decimal_si, 18},
    {"", QuantityFormat::binary_si, 0},
    {"Ki", QuantityFormat::binary_si, 10},
    {"Mi", QuantityFormat::binary_si, 20},
    {"Gi", QuantityFormat::binary_si, 30},
    {"Ti", QuantityFormat::binary_si, 40},
    {"Pi", QuantityFormat::binary_si, 50},
    {"Ei", QuantityFormat::binary_si, 60},
});

struct Scale {
  QuantityFormat format = QuantityFormat::decimal_si;
  std::int64_t exponent = 0;
};

// The three parts of the text, not yet understood as numbers.
struct Parts {
  bool negative = false;
  std::string_view whole;      // digits before the point
  std::string_view fraction;   // digits after it
  std::string_view suffix;
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& rest) {
  const auto end = std::ranges::find_if_not(rest, is_digit);
  const auto digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(digits.size());
  return digits;
}

Parts split(std::string_view text) {
  Parts parts;
  if (text.starts_with('-') || text.starts_with('+')) {
    parts.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  parts.whole = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts.fraction = take_digits(text);
  }
  parts.suffix = text;
  return parts;
}

std::optional<Scale> parse_exponent(std::string_view suffix) {
  if (suffix.size() < 2 || (suffix.front() != 'e' && suffix.front() != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  if (suffix.starts_with('+')) {
    suffix.remove_prefix(1);
    if (suffix.starts_with('-')) return std::nullopt;
  }
  std::int64_t exponent = 0;
  const auto [end, error] = std::from_chars(suffix.data(), suffix.data() + suffix.size(), exponent);
  if (error != std::errc{} || end != suffix.data() + suffix.size()) return std::nullopt;
  return Scale{QuantityFormat::decimal_exponent, exponent};
}

std::optional<Scale> parse_suffix(std::string_view suffix) {
  const auto found = std::ranges::find(kSuffixes, suffix, &Suffix::text);
  if (found != kSuffixes.end()) return Scale{found->format, found->exponent};
  return parse_exponent(suffix);
}

// Moves the decimal point: digits left of nano-units are the result, anything beyond rounds it up.
UInt128 decimal_nanos(const Parts& parts, std::int64_t exponent) {
  constexpr std::int64_t kFar = 1'000'000'000'000;   // no text is that long, and nothing below overflows
  const std::int64_t kept = static_cast<std::int64_t>(parts.whole.size()) + std::clamp(exponent, -kFar, kFar) + kNanoDigits;
  UInt128 nanos = 0;
  bool more = false;
  std::int64_t position = 0;
  for (const std::string_view digits : {parts.whole, parts.fraction}) {
    for (const char c : digits) {
      if (position++ >= kept) {
        more |= c != '0';
      } else {
        nanos = nanos * 10 + static_cast<UInt128>(c - '0');
        if (nanos >= kNanosMax) return kNanosMax;
      }
    }
  }
  for (; nanos != 0 && position < kept; ++position) {
    nanos *= 10;
    if (nanos >= kNanosMax) return kNanosMax;
  }
  return nanos + (more ? 1 : 0);
}

// Multiplies by two to the `exponent`: the whole digits at once, the fraction digit by digit from
// its end, carrying into the whole, so that a fraction of any length stays exact.
UInt128 binary_nanos(const Parts& parts, int exponent) {
  UInt128 whole = 0;
  for (const char c : parts.whole) {
    whole = whole * 10 + static_cast<UInt128>(c - '0');
    if (whole > kBinaryNanosMax) return kBinaryNanosMax;
  }
  if (whole > (kBinaryNanosMax >> exponent)) return kBinaryNanosMax;
  whole <<= exponent;

  UInt128 carry = 0;
  UInt128 nanos = 0;
  bool more = false;
  for (std::size_t i = parts.fraction.size(); i-- > 0;) {
    carry += static_cast<UInt128>(parts.fraction[i] - '0') << exponent;
    const UInt128 digit = carry % 10;
    carry /= 10;
    if (i >= kNanoDigits) {
      more |= digit != 0;
    } else {
      nanos += digit * power_of_ten(kNanoDigits - 1 - static_cast<int>(i));
    }
  }
  return std::min((whole + carry) * kNanosPerUnit + nanos + (more ? 1 : 0), kBinaryNanosMax);
}

bool has_digits(const Parts& parts) { return !parts.whole.empty() || !parts.fraction.empty(); }

// Upstream takes "k" or "Mi" for zero, but not where the suffix is too large or too small for its quick way.
bool is_zero_without_digits(const Scale& scale) {
  constexpr int kPebi = 50;
  return scale.format == QuantityFormat::binary_si ? scale.exponent < kPebi : scale.exponent >= -kNanoDigits;
}

std::unexpected<Error> not_a_quantity(std::string_view text) {
  constexpr std::size_t kShown = 64;
  return fail(
      Errc::invalid,
      "'{}{}' is not a quantity: it must be a number with an optional suffix n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an "
      "exponent such as e3",
      text.substr(0, kShown), text.size() > kShown ? "..." : "");
}

std::int64_t clamp_to_int64(Int128 wide) {
  constexpr Int128 kMin = std::numeric_limits<std::int64_t>::min();
  constexpr Int128 kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp(wide, kMin, kMax));
}

std::int64_t divide_away_from_zero(Int128 dividend, Int128 divisor) {
  const Int128 quotient = dividend / divisor;
  const Int128 remainder = dividend % divisor;
  if (remainder == 0) return clamp_to_int64(quotient);
  return clamp_to_int64(remainder > 0 ? quotient + 1 : quotient - 1);
}

std::string_view suffix_of(QuantityFormat format, int exponent) {
  const auto found =
      std::ranges::find_if(kSuffixes, [&](const Suffix& suffix) { return suffix.format == format && suffix.exponent == exponent; });
  return found->text;
}

std::string to_decimal_text(Int128 nanos, QuantityFormat format) {
  constexpr int kExa = 18;
  int exponent = -kNanoDigits;
  while (nanos % 1000 == 0 && (format == QuantityFormat::decimal_exponent || exponent < kExa)) {
    nanos /= 1000;
    exponent += 3;
  }
  if (format == QuantityFormat::decimal_exponent && exponent != 0) return fmt::format("{}e{}", nanos, exponent);
  return fmt::format("{}{}", nanos, suffix_of(QuantityFormat::decimal_si, exponent));
}

std::string to_binary_text(Int128 units) {
  int exponent = 0;
  while (units % 1024 == 0) {
    units /= 1024;
    exponent += 10;
  }
  return fmt::format("{}{}", units, suffix_of(QuantityFormat::binary_si, exponent));
}

// A number modulo 8, which its last three digits decide.
int last_digits_by_eight(std::string_view digits) {
  int number = 0;
  for (const char c : digits.substr(digits.size() - std::min<std::size_t>(digits.size(), 3))) number = number * 10 + (c - '0');
  return number % 8;
}

// Upstream keeps the text as written where its quick check finds it canonical. That check looks at
// the digits only: a sign or a fraction of three, six or nine places passes, and so does any binary amount
// that is no multiple of eight.
bool keeps_its_spelling(const Parts& parts, const Scale& scale) {
  constexpr std::size_t kFastDigits = 18;
  std::string_view whole = parts.whole;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  const std::size_t digits = std::max<std::size_t>(whole.size(), 1) + parts.fraction.size();
  const auto places = static_cast<std::int64_t>(parts.fraction.size());
  if (scale.format == QuantityFormat::binary_si) {
    if (!parts.fraction.empty() || whole.empty()) return false;
    const auto precision = 15 - static_cast<std::int64_t>(digits) - scale.exponent * 3 / 10 - 1;
    return precision >= 0 && last_digits_by_eight(whole) != 0;
  }
  if (digits > kFastDigits || whole.empty() || (scale.exponent - places) % 3 != 0 || scale.exponent - places < -kNanoDigits) return false;
  const std::string_view last = places > 0 ? parts.fraction : whole;
  return !last.ends_with("000");
}

}   // namespace

std::int64_t Quantity::value() const { return divide_away_from_zero(nanos, kNanosPerUnit); }

std::int64_t Quantity::milli_value() const { return divide_away_from_zero(nanos, kNanosPerMilli); }

Result<Quantity> parse_quantity(std::string_view text) {
  const Parts parts = split(text);
  const auto scale = text.empty() ? std::nullopt : parse_suffix(parts.suffix);
  if (!scale || !(has_digits(parts) || is_zero_without_digits(*scale))) return not_a_quantity(text);

  Quantity quantity{.format = scale->format};
  const bool binary = scale->format == QuantityFormat::binary_si;
  const UInt128 nanos = binary ? binary_nanos(parts, static_cast<int>(scale->exponent)) : decimal_nanos(parts, scale->exponent);
  quantity.nanos = parts.negative ? -static_cast<Int128>(nanos) : static_cast<Int128>(nanos);
  if (binary && nanos > 0 && nanos < kNanosPerUnit) quantity.format = QuantityFormat::decimal_si;
  return quantity;
}

std::string to_string(const Quantity& quantity) {
  constexpr Int128 kKibi = Int128{1024} * kNanosPerUnit;
  if (quantity.nanos == 0) return "0";
  if (quantity.format != QuantityFormat::binary_si) return to_decimal_text(quantity.nanos, quantity.format);
  const bool small = quantity.nanos > -kKibi && quantity.nanos < kKibi;
  if (small || quantity.nanos % kNanosPerUnit != 0) return to_decimal_text(quantity.nanos, QuantityFormat::decimal_si);
  return to_binary_text(quantity.nanos / kNanosPerUnit);
}

Result<std::string> stored_quantity_text(std::string_view text) {
  EBB_TRY(const Quantity quantity, parse_quantity(text));
  const Parts parts = split(text);
  if (quantity.nanos != 0 && keeps_its_spelling(parts, *parse_suffix(parts.suffix))) return std::string(text);
  return to_string(quantity);
}

Result<MilliCpu> parse_cpu(std::string_view text) {
  EBB_TRY(const Quantity quantity, parse_quantity(text));
  return MilliCpu{quantity.milli_value()};
}

Result<Bytes> parse_memory(std::string_view text) {
  EBB_TRY(const Quantity quantity, parse_quantity(text));
  return Bytes{quantity.value()};
}

Result<std::int64_t> parse_count(std::string_view text) {
  EBB_TRY(const Quantity quantity, parse_quantity(text));
  return quantity.value();
}

std::string to_quantity_text(MilliCpu cpu) { return to_string(Quantity{Int128{cpu.v} * kNanosPerMilli, QuantityFormat::decimal_si}); }

std::string to_quantity_text(Bytes memory) { return to_string(Quantity{Int128{memory.v} * kNanosPerUnit, QuantityFormat::binary_si}); }

}   // namespace ebb::model
