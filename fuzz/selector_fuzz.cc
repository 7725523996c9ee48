// Any text is refused or is a selector that its own text says again.

#include "base/check.h"
#include "fuzz_input.h"
#include "model/label_selector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::model;
  const auto selector = parse_label_selector(fuzz_text(bytes, size));
  if (!selector) return 0;
  const auto again = parse_label_selector(to_string(*selector));
  EBB_CHECK(again && *again == *selector);
  Labels labels;
  for (const SelectorRequirement& requirement : selector->requirements) {
    EBB_CHECK(check_label_key(requirement.key).has_value());
    labels[requirement.key] = requirement.values.empty() ? "" : requirement.values.front();
  }
  EBB_CHECK(selector->matches(labels) == again->matches(labels));
  return 0;
}
