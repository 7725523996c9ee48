#pragma once

// Amounts as Kubernetes writes them: "2", "1500m", "4Gi", "12e6" (k8s.io/apimachinery
// resource.Quantity). A Quantity is exact: a whole number of nano-units in 128 bits, and the form
// in which it was written, because that is the form in which it is printed again.
//
//   quantity = [+-] digits [. digits] suffix
//   suffix   = "" | n u m k M G T P E | Ki Mi Gi Ti Pi Ei | (e|E) [+-] digits
//
// What is finer than a nano-unit is rounded away from zero, so that whoever asks for something
// never gets nothing. Binary amounts are capped at 2^63-1 as upstream does, all others at 10^29.

#include "base/result.h"
#include "base/units.h"
#include "base/wide.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace ebb::model {

enum class QuantityFormat { decimal_si, binary_si, decimal_exponent };

struct Quantity {
  Int128 nanos = 0;
  QuantityFormat format = QuantityFormat::decimal_si;

  // In whole units and in thousandths, rounded away from zero; beyond 64 bits the nearest end.
  std::int64_t value() const;
  std::int64_t milli_value() const;

  friend bool operator==(const Quantity&, const Quantity&) = default;
};

// Errors: invalid, naming the text and what a quantity looks like.
Result<Quantity> parse_quantity(std::string_view text);

// Canonical text: no fraction, and the largest suffix that loses nothing. 1.5 is "1500m", 1.5Gi is
// "1536Mi", 1000 bytes written in binary form are "1k" as upstream prints them.
std::string to_string(const Quantity& quantity);

// What the API server gives back for `text`: canonical, except that it keeps some spellings ("1.500",
// "+2") which are exact already in their own way. Errors as parse_quantity.
Result<std::string> stored_quantity_text(std::string_view text);

// CPU in thousandths, and bytes or a count in units, both rounded up. Errors as parse_quantity.
Result<MilliCpu> parse_cpu(std::string_view text);
Result<Bytes> parse_memory(std::string_view text);
Result<std::int64_t> parse_count(std::string_view text);

std::string to_quantity_text(MilliCpu cpu);   // "2", "1500m"
std::string to_quantity_text(Bytes memory);   // "4Gi", "1536Mi"

}   // namespace ebb::model
