// A pod on the first line, a strategic merge patch on the rest. Any patch gives a pod or an error,
// and the result can be brought into stored form, which is stable, and be shown and validated.

#include "base/check.h"
#include "fuzz_input.h"
#include "sandbox/schema/schema.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::sandbox;
  static const Kind& kind = *std::ranges::find(builtin_kinds(), "pods", &Kind::resource);
  const std::string_view text = fuzz_text(bytes, size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  boost::system::error_code error;
  const json::value pod = json::parse(text.substr(0, line), error);
  if (error || !pod.is_object()) return 0;
  const json::value patch = json::parse(text.substr(line + 1), error);
  if (error) return 0;
  const auto patched = apply_strategic_merge_patch(*kind.schema, pod, patch);
  if (!patched || !patched->is_object()) return 0;
  json::object stored = patched->get_object();
  std::vector<std::string> unknown;
  const bool decodes = prune_and_check(*kind.schema, stored, unknown).empty();
  apply_defaults(kind, stored);
  table_cells(kind, {}, stored, ebb::Instant{});
  const json::object before = stored;
  validate(kind, stored, &before);
  validate(kind, stored, nullptr);
  if (!decodes) return 0;
  json::object again = stored;
  EBB_CHECK(prune_and_check(*kind.schema, again, unknown).empty());
  apply_defaults(kind, again);
  EBB_CHECK(again == stored);
  return 0;
}
