// Any text is refused or is a duration that both of its own texts say again.

#include "base/check.h"
#include "fuzz_input.h"
#include "model/duration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::model;
  const std::string_view text = fuzz_text(bytes, size);
  const auto go = parse_duration(text);
  const auto days = parse_duration(text, DurationUnits::with_days);
  EBB_CHECK(!go || (days && *days == *go));
  if (!days) return 0;
  const auto go_again = parse_duration(to_duration_text(*days));
  EBB_CHECK(go_again && *go_again == *days);
  const auto short_again = parse_duration(to_short_duration_text(*days), DurationUnits::with_days);
  EBB_CHECK(short_again && *short_again == *days);
  return 0;
}
