// Updates and patches: the half of Objects that changes what exists.

#include "sandbox/api/conversion.h"
#include "sandbox/api/objects.h"
#include "sandbox/api/shape.h"
#include "sandbox/api/strategy.h"
#include "sandbox/api/tree.h"

#include <algorithm>
#include <map>

namespace ebb::sandbox {

namespace {

bool same_managers(const json::object& a, const json::object& b) {
  const json::array* left = array_in(a, "managedFields");
  const json::array* right = array_in(b, "managedFields");
  if (left == nullptr || right == nullptr) return left == right;
  return std::ranges::equal(*left, *right, [](const json::value& x, const json::value& y) {
    if (!x.is_object() || !y.is_object()) return x == y;
    json::object one = x.get_object();
    json::object two = y.get_object();
    one.erase("time");
    two.erase("time");
    return one == two;
  });
}

bool same_but(const json::object& a, const json::object& b, std::string_view left_out) {
  const std::size_t size_a = a.size() - (a.contains(left_out) ? 1 : 0);
  const std::size_t size_b = b.size() - (b.contains(left_out) ? 1 : 0);
  if (size_a != size_b) return false;
  return std::ranges::all_of(a, [&](const auto& member) {
    const std::string_view name(member.key().data(), member.key().size());
    return name == left_out || same_member(a, b, name);
  });
}

// What no client can change, whatever it sends.
Answer<void> restore_metadata(const ServedKind& kind, const json::object& before, json::object& after) {
  const json::object& old = metadata_of(before);
  json::object& metadata = ensure_object(after, "metadata");
  const std::string_view uid = text_in(metadata, "uid");
  if (!uid.empty() && uid != text_in(old, "uid")) {
    return conflict(kind.name(), text_in(old, "name"),
                    fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", uid, text_in(old, "uid")));
  }
  for (const std::string_view owned :
       {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink", "generateName"}) {
    copy_member(metadata, old, owned);
  }
  if (!metadata.contains("managedFields")) copy_member(metadata, old, "managedFields");
  return {};
}

Answer<void> check_version(const ServedKind& kind, const json::object& before, json::object& after) {
  json::object& metadata = ensure_object(after, "metadata");
  const std::string_view sent = text_in(metadata, "resourceVersion");
  const std::string_view current = metadata_text(before, "resourceVersion");
  if (!sent.empty() && sent != "0" && sent != current) return modified_meanwhile(kind.name(), metadata_text(before, "name"));
  metadata["resourceVersion"] = json::string(current);
  return {};
}

// An object that is being deleted gets no new finalizers.
Answer<void> check_finalizers(const ServedKind& kind, const json::object& before, const json::object& after) {
  if (!metadata_of(before).contains("deletionTimestamp")) return {};
  const json::array* now = array_in(metadata_of(after), "finalizers");
  const json::array* then = array_in(metadata_of(before), "finalizers");
  if (now == nullptr) return {};
  std::string added;
  for (const json::value& finalizer : *now) {
    if (then != nullptr && std::ranges::find(*then, finalizer) != then->end()) continue;
    added += (added.empty() ? "" : ", ") + json::serialize(finalizer);
  }
  if (added.empty()) return {};
  const FieldError error{
      "FieldValueForbidden", "metadata.finalizers",
      fmt::format("Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}", added)};
  return invalid(kind.kind.group, kind.kind.kind, metadata_text(after, "name"), {error});
}

// The last finalizer is gone, and nobody waits for a kubelet: the update was the deletion.
bool completes_deletion(const ServedKind& kind, const json::object& object) {
  const json::object& metadata = metadata_of(object);
  if (!metadata.contains("deletionTimestamp") || integer_in(metadata, "deletionGracePeriodSeconds", 0) != 0) return false;
  if (const json::array* finalizers = array_in(metadata, "finalizers"); finalizers != nullptr && !finalizers->empty()) return false;
  if (kind.kind.group.empty() && kind.kind.resource == "namespaces") {
    const json::object* spec = object_in(object, "spec");
    const json::array* waiting = spec == nullptr ? nullptr : array_in(*spec, "finalizers");
    return waiting == nullptr || waiting->empty();
  }
  return true;
}

std::unexpected<Failure> apply_conflict(const std::vector<ApplyConflict>& conflicts) {
  Failure failure;
  failure.code = 409;
  failure.reason = "Conflict";
  std::map<std::string, std::vector<std::string>> fields;
  for (const ApplyConflict& one : conflicts) {
    failure.causes.push_back({"FieldManagerConflict", fmt::format("conflict with {}", one.manager), one.field});
    fields[one.manager].push_back(one.field);
  }
  if (conflicts.size() == 1) {
    failure.message = fmt::format("Apply failed with 1 conflict: conflict with {}: {}", conflicts[0].manager, conflicts[0].field);
    return std::unexpected(std::move(failure));
  }
  std::string lines;
  for (const auto& [manager, paths] : fields) {
    lines += fmt::format("{}conflicts with {}:", lines.empty() ? "" : "\n", manager);
    for (const std::string& path : paths) lines += "\n- " + path;
  }
  failure.message = fmt::format("Apply failed with {} conflicts: {}", conflicts.size(), lines);
  return std::unexpected(std::move(failure));
}

// A write to one half of an object owns nothing of the other.
void strip_other_half(const ServedKind& kind, std::string_view subresource, json::object& applied) {
  if (subresource.empty()) {
    if (kind.kind.has_status) applied.erase("status");
    return;
  }
  if (subresource != "status") return;
  json::object half;
  for (const std::string_view name : {"apiVersion", "kind", "metadata", "status"}) {
    if (applied.contains(name)) half[name] = std::move(applied[name]);
  }
  applied = std::move(half);
}

Answer<json::object> patched(const ServedKind& kind, const json::object& before, PatchType type, const json::value& patch) {
  const std::string name(metadata_text(before, "name"));
  Result<json::value> result = [&]() -> Result<json::value> {
    switch (type) {
      case PatchType::json: return apply_json_patch(before, patch);
      case PatchType::strategic: return apply_strategic_merge_patch(*kind.kind.schema, before, patch);
      default: return apply_merge_patch(before, patch);
    }
  }();
  if (!result) {
    if (type != PatchType::json) return bad_request(result.error().message);
    return generic(422, "Invalid",
                   fmt::format("the server rejected our request due to an error in our request: {}", result.error().message));
  }
  if (!result->is_object()) return bad_request("the patch leaves no object");
  return std::move(result->get_object());
}

}   // namespace

bool same_but_for_times(const json::object& a, const json::object& b) {
  if (!same_but(a, b, "metadata")) return false;
  return same_but(metadata_of(a), metadata_of(b), "managedFields") && same_managers(metadata_of(a), metadata_of(b));
}

Answer<Written> Objects::update(const ServedKind& kind, const model::ObjectKey& key, json::object object, std::string_view subresource,
                                const WriteContext& context) {
  EBB_TRY_VOID(identify(kind, key, object));
  if (!find(kind, key) && subresource.empty() && allows_create_on_update(kind)) {
    ensure_object(object, "metadata").erase("resourceVersion");
    return create(kind, key.ns, std::move(object), context);
  }
  EBB_TRY(const Before current, before(kind, key));
  EBB_TRY_VOID(shape(kind, object, context));
  if (metadata_text(object, "resourceVersion").empty() && !allows_unconditional_update(kind)) {
    const FieldError error{"FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0: must be specified for an update"};
    return invalid(kind.kind.group, kind.kind.kind, key.name, {error});
  }
  return finish_update(kind, current, std::move(object), subresource, context, false, Checks::all);
}

Answer<Written> Objects::patch(const ServedKind& kind, const model::ObjectKey& key, PatchType type, const json::value& patch,
                               std::string_view subresource, const WriteContext& context) {
  if (type == PatchType::apply) {
    if (!patch.is_object()) return bad_request("an applied configuration must be an object");
    return apply(kind, key, patch.get_object(), subresource, context);
  }
  EBB_TRY(const Before current, before(kind, key));
  EBB_TRY(json::object after, patched(kind, current.object, type, patch));
  EBB_TRY_VOID(identify(kind, key, after));
  EBB_TRY_VOID(shape(kind, after, context));
  return finish_update(kind, current, std::move(after), subresource, context, false, Checks::all);
}

Answer<Written> Objects::apply(const ServedKind& kind, const model::ObjectKey& key, json::object applied, std::string_view subresource,
                               const WriteContext& context) {
  if (text_in(applied, "apiVersion").empty() || text_in(applied, "kind").empty()) {
    return bad_request("invalid object type: apiVersion and kind must be set in an applied configuration");
  }
  EBB_TRY_VOID(identify(kind, key, applied));
  // What is owned is what was sent, not its stored form: that is only looked at for fields that are unknown or there twice.
  json::object looked_at = applied;
  EBB_TRY_VOID(shape(kind, looked_at, context));
  if (const json::array* managed = array_in(metadata_of(applied), "managedFields"); managed != nullptr && !managed->empty()) {
    return bad_request("metadata.managedFields must be nil");
  }
  strip_other_half(kind, subresource, applied);
  const std::string version(metadata_text(applied, "resourceVersion"));
  ensure_object(applied, "metadata").erase("resourceVersion");
  const ManagedFieldsContext managed{context.caller.field_manager, kind.api_version(), std::string(subresource), context.now};
  std::vector<ApplyConflict> conflicts;
  const StoredPtr live = find(kind, key);
  if (!live) {
    if (!subresource.empty()) return not_found(kind.name(), key.name);
    if (!version.empty()) return modified_meanwhile(kind.name(), key.name);
    auto made = apply_server_side(*kind.kind.schema, nullptr, applied, context.force, managed, conflicts);
    if (!made) return bad_request(made.error().message);
    return create_named(kind, key.ns, *std::move(made), true, context);
  }
  EBB_TRY(const Before current, before(kind, key));
  auto merged = apply_server_side(*kind.kind.schema, &current.object, applied, context.force, managed, conflicts);
  if (!conflicts.empty()) return apply_conflict(conflicts);
  if (!merged) return bad_request(merged.error().message);
  std::vector<std::string> unknown;
  prune_and_check(*kind.kind.schema, *merged, unknown);   // wrong types were refused above
  if (!version.empty()) ensure_object(*merged, "metadata")["resourceVersion"] = version;
  return finish_update(kind, current, *std::move(merged), subresource, context, true, Checks::all);
}

Answer<Written> Objects::change(const ServedKind& kind, const model::ObjectKey& key, std::string_view subresource, const Change& change,
                                const WriteContext& context) {
  EBB_TRY(const Before current, before(kind, key));
  json::object after = current.object;
  EBB_TRY_VOID(change(after));
  return finish_update(kind, current, std::move(after), subresource, context, false, Checks::none);
}

Answer<Written> Objects::finish_update(const ServedKind& kind, const Before& before, json::object after, std::string_view subresource,
                                       const WriteContext& context, bool tracked, Checks checks) {
  EBB_TRY_VOID(check_version(kind, before.object, after));
  EBB_TRY_VOID(restore_metadata(kind, before.object, after));
  prepare_update(kind, subresource, before.object, after);
  if (checks == Checks::all) {
    apply_defaults(kind.kind, after);
    // These two subresources exist to change what is immutable otherwise.
    const bool unlocks = subresource == "resize" || subresource == "ephemeralcontainers";
    if (const auto errors = validate(kind.kind, after, unlocks ? nullptr : &before.object); !errors.empty()) {
      return invalid(kind.kind.group, kind.kind.kind, before.stored->key.name, errors);
    }
    EBB_TRY_VOID(check_definition(kind, after));
    EBB_TRY_VOID(check_finalizers(kind, before.object, after));
  }
  if (!tracked) {
    track_update(*kind.kind.schema, &before.object, after,
                 {context.caller.field_manager, kind.api_version(), std::string(subresource), context.now});
  }
  if (completes_deletion(kind, after)) return Written{erase(kind, std::move(after), context), false};
  if (same_but_for_times(before.object, after)) return Written{before.stored, false};
  return store(kind, std::move(after), context);
}

}   // namespace ebb::sandbox
