// Any text is refused or is a set of CPUs that its own text says again.

#include "base/check.h"
#include "fuzz_input.h"
#include "model/cpu_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using ebb::model::CpuSet;
  const auto parsed = CpuSet::parse(fuzz_text(bytes, size));
  if (!parsed) return 0;
  const std::string text = parsed->to_string();
  const auto again = CpuSet::parse(text);
  EBB_CHECK(again && *again == *parsed);
  EBB_CHECK(again->to_string() == text);
  EBB_CHECK(static_cast<int>(parsed->list().size()) == parsed->size());
  EBB_CHECK(parsed->empty() == text.empty());
  return 0;
}
