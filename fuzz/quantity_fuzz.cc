// Any text is refused or is an amount that its own canonical text says again.

#include "base/check.h"
#include "fuzz_input.h"
#include "model/quantity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::model;
  const std::string_view text = fuzz_text(bytes, size);
  const auto parsed = parse_quantity(text);
  const auto stored = stored_quantity_text(text);
  EBB_CHECK(parsed.has_value() == stored.has_value());
  if (!parsed) return 0;

  const std::string canonical = to_string(*parsed);
  const auto again = parse_quantity(canonical);
  EBB_CHECK(again && again->nanos == parsed->nanos);
  EBB_CHECK(to_string(*again) == canonical);
  const auto kept = parse_quantity(*stored);
  EBB_CHECK(kept && kept->nanos == parsed->nanos);
  const bool up = parsed->nanos > 0;
  EBB_CHECK(!up || (parsed->value() > 0 && parsed->milli_value() > 0));
  return 0;
}
