// RFC 7386.
#include "sandbox/schema/schema.h"

namespace ebb::sandbox {

json::value apply_merge_patch(const json::value& document, const json::value& patch) {
  const json::object* changes = patch.if_object();
  if (!changes) return patch;
  json::object merged = document.is_object() ? document.get_object() : json::object();
  for (const auto& [key, change] : *changes) {
    if (change.is_null()) {
      if (const auto member = merged.find(key); member != merged.end()) merged.stable_erase(member);
    } else if (json::value* member = merged.if_contains(key)) {
      *member = apply_merge_patch(*member, change);
    } else {
      merged.emplace(key, apply_merge_patch(nullptr, change));
    }
  }
  return merged;
}

}   // namespace ebb::sandbox
