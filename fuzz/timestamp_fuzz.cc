// Any text is refused or is a time that its own text says again, to the place that the form shows.

#include "base/check.h"
#include "fuzz_input.h"
#include "model/timestamp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::model;
  const auto time = parse_timestamp(fuzz_text(bytes, size));
  if (!time) return 0;
  const auto micro = parse_timestamp(to_micro_timestamp_text(*time));
  const auto second = parse_timestamp(to_timestamp_text(*time));
  // The first second and microsecond of the range may begin before it.
  if (micro) EBB_CHECK(*micro <= *time && *time - *micro < ebb::microseconds(1));
  if (second) EBB_CHECK(*second <= *time && *time - *second < ebb::seconds(1));
  EBB_CHECK(micro || time->v < INT64_MIN + 1'000);
  EBB_CHECK(second || time->v < INT64_MIN + 1'000'000'000);
  return 0;
}
