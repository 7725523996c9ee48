// Any bytes give a tree within its limits or findings; a tree's JSON reads back as the same JSON.

#include "base/check.h"
#include "fuzz_input.h"
#include "model/yaml.h"

namespace {

std::size_t nodes_of(const ebb::model::YamlNode& node) {
  std::size_t count = 1;
  for (const auto& item : node.items) count += nodes_of(item);
  for (const auto& entry : node.entries) count += 1 + nodes_of(entry.value);
  return count;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::model;
  const std::string_view text = fuzz_text(bytes, size);
  const YamlText strict = parse_yaml(text, {.strict = true, .nodes_max = 10'000});
  const YamlText lenient = parse_yaml(text, {.nodes_max = 10'000, .expanded_bytes_max = 1u << 20});
  EBB_CHECK(lenient.ok() || !strict.ok());
  if (!lenient.ok()) return 0;
  for (const YamlNode& document : lenient.documents) {
    EBB_CHECK(nodes_of(document) <= 20'000);
    const auto json = to_json(document);
    if (!json) continue;
    const YamlText again = parse_yaml(*json);
    EBB_CHECK(again.ok() && again.documents.size() == 1);
    const auto same = to_json(again.documents.front());
    EBB_CHECK(same && *same == *json);
  }
  return 0;
}
