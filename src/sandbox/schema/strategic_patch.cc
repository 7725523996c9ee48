// Strategic merge patch: a merge patch that knows which lists are merged by key or as sets, and its
// directives $patch, $retainKeys, $setElementOrder/FIELD and $deleteFromPrimitiveList/FIELD.
#include "sandbox/schema/list_order.h"
#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kPatch = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kSetOrder = "$setElementOrder/";
constexpr std::string_view kDeleteFromList = "$deleteFromPrimitiveList/";

bool is_directive(std::string_view key) {
  return key == kPatch || key == kRetainKeys || key.starts_with(kSetOrder) || key.starts_with(kDeleteFromList);
}

void erase_key(json::object& object, std::string_view key) {
  if (const auto member = object.find(key); member != object.end()) object.stable_erase(member);
}

// What a patch brings where there was nothing: without its nulls and directives. Nothing where a
// list element only deletes.
std::optional<json::value> fresh(const json::value& patch) {
  if (const json::object* object = patch.if_object()) {
    if (string_at(*object, kPatch) == "delete") return std::nullopt;
    json::object clean;
    for (const auto& [key, value] : *object) {
      if (value.is_null() || is_directive(key)) continue;
      if (auto kept = fresh(value)) clean.emplace(key, *std::move(kept));
    }
    return clean;
  }
  if (const json::array* array = patch.if_array()) {
    json::array clean;
    for (const json::value& item : *array) {
      const json::object* element = item.if_object();
      if (element && element->contains(kPatch) && element->size() == 1) continue;   // {"$patch": "replace"}
      if (auto kept = fresh(item)) clean.push_back(*std::move(kept));
    }
    return clean;
  }
  return patch;
}

const Field* find_field(const Schema* schema, std::string_view key) { return schema ? schema->find(key) : nullptr; }

const Schema* member_schema(const Schema* schema, std::string_view key) {
  if (!schema) return nullptr;
  if (const Field* field = schema->find(key)) return field->type;
  return schema->element;
}

Result<json::value> merge_value(const Schema* schema, const json::value& original, const json::value& patch);

Result<json::array> merge_keyed(const Schema* element, const std::string& key, const json::array& original, const json::array& patch,
                                bool& replaced) {
  json::array merged = original;
  json::array changes;
  replaced = false;
  for (const json::value& item : patch) {
    const json::object* object = item.if_object();
    if (!object) return fail(Errc::invalid, "a list merged by {} holds objects", key);
    const std::string_view directive = string_at(*object, kPatch);
    const json::value* mark = object->if_contains(key);
    if (directive == "replace") {
      replaced = true;
    } else if (directive == "delete") {
      if (!mark) return fail(Errc::invalid, "delete patch type with no merge key defined");
      merged.erase(std::remove_if(merged.begin(), merged.end(), [&](const json::value& v) { return has_key(v, key, *mark); }),
                   merged.end());
    } else if (!directive.empty()) {
      return fail(Errc::invalid, "unknown patch type found: {}", directive);
    } else {
      if (!mark) return fail(Errc::invalid, "map: {} does not contain declared merge key: {}", json::serialize(*object), key);
      changes.push_back(item);
    }
  }
  if (replaced) return changes.empty() ? json::array() : fresh(changes)->as_array();
  for (const json::value& item : changes) {
    const json::value& mark = *item.get_object().if_contains(key);
    const auto found = std::ranges::find_if(merged, [&](const json::value& v) { return has_key(v, key, mark); });
    if (found == merged.end()) {
      if (auto added = fresh(item)) merged.push_back(*std::move(added));
      continue;
    }
    EBB_TRY(*found, merge_value(element, *found, item));
  }
  return merged;
}

json::array merge_primitives(const json::array& original, const json::array& patch) {
  json::array merged;
  for (const json::array* list : {&original, &patch}) {
    for (const json::value& item : *list) {
      if (std::ranges::find(merged, item) == merged.end()) merged.push_back(item);
    }
  }
  return merged;
}

// A list with patchStrategy merge; the patch's elements come in the patch's order, the others keep
// their places among them.
Result<json::array> merge_list(const Field& field, const json::array& original, const json::array& patch) {
  if (field.merge_key.empty()) {
    const json::array merged = merge_primitives(original, patch);
    return in_order(merged, patch, original, field.merge_key);
  }
  bool replaced = false;
  EBB_TRY(const json::array merged, merge_keyed(field.type->element, field.merge_key, original, patch, replaced));
  return replaced ? merged : in_order(merged, patch, original, field.merge_key);
}

Status retain_keys(json::object& original, const json::object& patch) {
  const json::value* directive = patch.if_contains(kRetainKeys);
  if (!directive) return {};
  const json::array* keys = directive->if_array();
  if (!keys) return fail(Errc::invalid, "$retainKeys is a list of names");
  const auto retained = [&](std::string_view key) {
    return std::ranges::any_of(*keys, [&](const json::value& k) { return k.is_string() && std::string_view(k.get_string()) == key; });
  };
  for (const auto& [key, value] : patch) {
    if (!is_directive(key) && !value.is_null() && !retained(key))
      return fail(Errc::invalid, "$retainKeys does not name {}, which the patch sets", key);
  }
  for (auto member = original.begin(); member != original.end();) {
    member = retained(member->key()) ? std::next(member) : original.stable_erase(member);
  }
  return {};
}

Status merge_member(const Schema* schema, json::object& original, std::string_view key, const json::value& change) {
  json::value* here = original.if_contains(key);
  if (change.is_null()) {
    erase_key(original, key);
    return {};
  }
  const Field* field = find_field(schema, key);
  const bool same_kind = here && ((here->is_object() && change.is_object()) || (here->is_array() && change.is_array()));
  if (!same_kind || (field && field->patch_replace)) {
    if (auto brought = fresh(change)) original.insert_or_assign(key, *std::move(brought));
    return {};
  }
  if (here->is_object()) {
    EBB_TRY(*here, merge_value(member_schema(schema, key), *here, change));
    return {};
  }
  if (!field || !field->patch_merge) {
    *here = *fresh(change);
    return {};
  }
  EBB_TRY(*here, merge_list(*field, here->get_array(), change.get_array()));
  return {};
}

// After everything is merged: the order that the sender sees, what only the server has kept in its place.
Status set_order(const Schema* schema, json::object& merged, std::string_view key, const json::value& order, const json::value* before) {
  const Field* field = find_field(schema, key);
  json::value* list = merged.if_contains(key);
  if (!order.is_array()) return fail(Errc::invalid, "$setElementOrder/{} is a list", key);
  if (!field || !list || !list->is_array()) return {};
  const json::array empty;
  const json::array& was = before && before->is_array() ? before->get_array() : empty;
  *list = in_order(list->get_array(), order.get_array(), was, field->merge_key);
  return {};
}

void delete_primitives(json::object& merged, std::string_view key, const json::value& doomed) {
  json::value* list = merged.if_contains(key);
  if (!list || !list->is_array() || !doomed.is_array()) return;
  json::array& items = list->get_array();
  const auto gone = [&](const json::value& item) { return std::ranges::find(doomed.get_array(), item) != doomed.get_array().end(); };
  items.erase(std::remove_if(items.begin(), items.end(), gone), items.end());
}

Status check_order(const Schema* schema, const json::object& patch, std::string_view key, const json::value& order) {
  const Field* field = find_field(schema, key);
  const json::value* list = patch.if_contains(key);
  if (!field || !list || !list->is_array() || !order.is_array()) return {};
  if (follows_order(list->get_array(), order.get_array(), field->merge_key)) return {};
  return fail(Errc::invalid, "The order in patch list:\n{}\n doesn't match $setElementOrder list:\n{}\n", json::serialize(*list),
              json::serialize(order));
}

Result<json::value> merge_value(const Schema* schema, const json::value& original, const json::value& patch) {
  if (!patch.is_object() || !original.is_object()) return fresh(patch).value_or(json::object());
  const json::object& changes = patch.get_object();
  const std::string_view directive = string_at(changes, kPatch);
  if (directive == "replace") return fresh(patch).value_or(json::object());
  if (directive == "delete") return json::object();
  if (changes.contains(kPatch) && directive != "merge") return fail(Errc::invalid, "unknown patch type found: {}", directive);
  json::object merged = original.get_object();
  EBB_TRY_VOID(retain_keys(merged, changes));
  for (const auto& [key, change] : changes) {
    if (std::string_view(key).starts_with(kDeleteFromList))
      delete_primitives(merged, std::string_view(key).substr(kDeleteFromList.size()), change);
  }
  for (const auto& [key, change] : changes) {
    if (std::string_view(key).starts_with(kSetOrder))
      EBB_TRY_VOID(check_order(schema, changes, std::string_view(key).substr(kSetOrder.size()), change));
    if (!is_directive(key)) EBB_TRY_VOID(merge_member(schema, merged, key, change));
  }
  for (const auto& [key, change] : changes) {
    const std::string_view name =
        std::string_view(key).starts_with(kSetOrder) ? std::string_view(key).substr(kSetOrder.size()) : std::string_view();
    if (!name.empty()) EBB_TRY_VOID(set_order(schema, merged, name, change, original.get_object().if_contains(name)));
  }
  return merged;
}

}   // namespace

Result<json::value> apply_strategic_merge_patch(const Schema& schema, const json::value& document, const json::value& patch) {
  if (!patch.is_object()) return fail(Errc::invalid, "a strategic merge patch is an object");
  return merge_value(&schema, document, patch);
}

}   // namespace ebb::sandbox
