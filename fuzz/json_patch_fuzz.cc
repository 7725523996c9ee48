// A document on the first line, a patch on the rest. Any patch gives a document or an error; a
// merge patch is idempotent, and what it leaves has none of its nulls.

#include "base/check.h"
#include "fuzz_input.h"
#include "sandbox/schema/schema.h"

namespace {

// RFC 7386: members that the patch sets to null are gone.
bool nulls_are_gone(const ebb::sandbox::json::value& patch, const ebb::sandbox::json::value& merged) {
  const auto* changes = patch.if_object();
  const auto* members = merged.if_object();
  if (!changes || !members) return true;
  for (const auto& [key, change] : *changes) {
    const auto* member = members->if_contains(key);
    if (change.is_null() ? member != nullptr : !member || !nulls_are_gone(change, *member)) return false;
  }
  return true;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::sandbox;
  const std::string_view text = fuzz_text(bytes, size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  boost::system::error_code error;
  const json::value document = json::parse(text.substr(0, line), error);
  if (error) return 0;
  const json::value patch = json::parse(text.substr(line + 1), error);
  if (error) return 0;
  const json::value merged = apply_merge_patch(document, patch);
  EBB_CHECK(apply_merge_patch(merged, patch) == merged);
  EBB_CHECK(nulls_are_gone(patch, merged));
  const json::value before = document;
  [[maybe_unused]] const auto patched = apply_json_patch(document, patch);
  EBB_CHECK(document == before);
  return 0;
}
