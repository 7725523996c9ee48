#include "model/timestamp.h"
#include "sandbox/schema/field_managers.h"
#include "sandbox/schema/ownership.h"
#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"
#include "sandbox/schema/zero.h"

#include <algorithm>
#include <map>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

// What a request cannot set is not owned either: status through the object itself, everything else
// through its status. Custom resources say by their definition whether status is apart; the API
// takes it out before it gets here.
FieldSet settable(const Schema& schema, const FieldSet& set, std::string_view subresource) {
  if (schema.custom || !schema.find("status")) return set;
  FieldSet reset;
  reset.children[subresource == "status" ? "f:spec" : "f:status"].member = true;
  return without_below(set, reset);
}

json::object without_managed_fields(const json::object& object) {
  json::object copy = object;
  if (json::value* metadata = copy.if_contains("metadata"); metadata && metadata->is_object()) {
    json::object& members = metadata->get_object();
    if (const auto member = members.find("managedFields"); member != members.end()) members.stable_erase(member);
  }
  return copy;
}

bool is_reset(const json::object& object) {
  const json::array* list = array_at(object, "metadata.managedFields");
  return list && list->size() == 1 && list->front().is_object() && list->front().get_object().empty();
}

FieldManager manager_of(const ManagedFieldsContext& context, std::string_view operation) {
  return {
      .name = context.manager, .operation = std::string(operation), .subresource = context.subresource, .api_version = context.api_version};
}

// Who else loses what `change` does.
void take_from_others(FieldManagers& managers, const FieldManager& self, const Comparison& change) {
  const FieldSet taken = united(change.added, change.modified);
  for (ManagedEntry& entry : managers.entries()) {
    if (!same_manager(entry.manager, self)) entry.fields = without(without(entry.fields, taken), change.removed);
  }
}

// With the members of every object in the order of their names, as Go writes maps.
json::value sorted(const json::value& value) {
  if (const json::array* array = value.if_array()) {
    json::array copy;
    for (const json::value& item : *array) copy.push_back(sorted(item));
    return copy;
  }
  const json::object* object = value.if_object();
  if (!object) return value;
  std::map<std::string_view, const json::value*> members;
  for (const auto& [key, member] : *object) members.emplace(key, &member);
  json::object copy;
  for (const auto& [key, member] : members) copy.emplace(key, sorted(*member));
  return copy;
}

std::string strip_last_applied(const json::object& applied) {
  json::object copy = without_managed_fields(applied);
  if (json::value* annotations = copy.if_contains("metadata"); annotations && annotations->is_object()) {
    if (json::value* map = annotations->get_object().if_contains("annotations"); map && map->is_object()) {
      if (const auto member = map->get_object().find(kLastApplied); member != map->get_object().end())
        map->get_object().stable_erase(member);
    }
  }
  return json::serialize(sorted(copy)) + "\n";
}

json::value* last_applied_of(json::object& object) {
  json::value* metadata = object.if_contains("metadata");
  json::value* annotations = metadata && metadata->is_object() ? metadata->get_object().if_contains("annotations") : nullptr;
  json::value* text = annotations && annotations->is_object() ? annotations->get_object().if_contains(kLastApplied) : nullptr;
  return text && text->is_string() ? text : nullptr;
}

// Who went over from kubectl's client-side apply owns what that applied last and nobody changed since.
FieldSet allowed_by_last_applied(const Schema& schema, const json::object& live) {
  json::object copy = live;
  const json::value* text = last_applied_of(copy);
  if (!text) return {};
  boost::system::error_code error;
  const json::value applied = json::parse(text->get_string(), error);
  if (error || !applied.is_object()) return {};
  const Comparison change = compare(schema, applied, live);
  return without(without(field_set_of(schema, applied), change.modified), change.removed);
}

class Application {
 public:
  Application(const Schema& schema, const json::object& live, const json::object& applied, const ManagedFieldsContext& context)
      : schema_(schema), live_(without_managed_fields(live)), applied_(applied), self_(manager_of(context, "Apply")) {}

  // The object as it would be, without managedFields.
  json::object merge(FieldManagers& managers) {
    json::value whole = merged(schema_, live_, applied_);
    ManagedEntry& entry = managers.at(self_);
    const FieldSet last = entry.fields;
    entry.fields = settable(schema_, field_set_of(schema_, applied_), self_.subresource);
    entry.manager.api_version = self_.api_version;
    if (!last.empty()) whole = without_dropped(whole, managers, last);
    change_ = compare(schema_, live_, whole);
    return std::move(whole.get_object());
  }

  // Others' fields that would change. Requires: merge().
  std::vector<std::pair<const ManagedEntry*, FieldSet>> conflicts(const FieldManagers& managers, const FieldSet& allowed) const {
    std::vector<std::pair<const ManagedEntry*, FieldSet>> found;
    const FieldSet taken = without(united(change_.added, change_.modified), allowed);
    for (const ManagedEntry& entry : managers.entries()) {
      if (same_manager(entry.manager, self_)) continue;
      FieldSet both = common(entry.fields, taken);
      if (!both.empty()) found.emplace_back(&entry, std::move(both));
    }
    return found;
  }

  void settle(FieldManagers& managers) const {
    take_from_others(managers, self_, change_);
    ManagedEntry& entry = managers.at(self_);
    entry.fields = without(entry.fields, unowned_fields());
    managers.drop_empty();
  }

  const json::object& live() const { return live_; }
  const FieldManager& self() const { return self_; }

 private:
  // What the manager applied last time and no longer does goes, unless others own it or it only
  // became empty by that and was there before.
  json::value without_dropped(const json::value& whole, const FieldManagers& managers, const FieldSet& last) const {
    FieldSet owned;
    for (const ManagedEntry& entry : managers.entries()) owned = united(owned, entry.fields);
    const FieldSet last_named = with_named_fields(schema_, last);
    const FieldSet all = with_named_fields(schema_, field_set_of(schema_, whole));
    json::value pruned = without_paths(schema_, whole, last_named);
    FieldSet left = with_named_fields(schema_, field_set_of(schema_, pruned));
    pruned = without_paths(schema_, whole, without(all, united(left, with_named_fields(schema_, owned))));
    left = with_named_fields(schema_, field_set_of(schema_, pruned));
    return without_paths(schema_, whole, common(without(all, left), last_named));
  }

  const Schema& schema_;
  json::object live_;
  const json::object& applied_;
  FieldManager self_;
  Comparison change_;
};

}   // namespace

void keep_times_if_unchanged(const json::object& before, json::object& after) {
  if (without_managed_fields(before) != without_managed_fields(after)) return;
  const json::array* old_list = array_at(before, "metadata.managedFields");
  const json::array* new_list = array_at(after, "metadata.managedFields");
  if (!old_list || !new_list || old_list->size() != new_list->size()) return;
  const auto timeless = [](const json::value& entry) {
    json::value copy = entry;
    if (copy.is_object()) copy.get_object().erase("time");
    return json::serialize(copy);
  };
  std::vector<std::string> a, b;
  for (const json::value& entry : *old_list) a.push_back(timeless(entry));
  for (const json::value& entry : *new_list) b.push_back(timeless(entry));
  std::ranges::sort(a);
  std::ranges::sort(b);
  if (a == b) after["metadata"].get_object()["managedFields"] = *old_list;
}

void track_update(const Schema& schema, const json::object* before, json::object& after, const ManagedFieldsContext& context) {
  if (is_reset(after)) return FieldManagers().write(after);
  Result<FieldManagers> sent = context.subresource.empty() ? FieldManagers::parse(after) : Result<FieldManagers>();
  if (before && (!sent || sent->entries().empty())) sent = FieldManagers::parse(*before);
  FieldManagers managers = sent ? *std::move(sent) : FieldManagers();
  if (before && managers.entries().empty()) return managers.write(after);   // not tracked from the start: not now either
  const FieldManager self = manager_of(context, "Update");
  const Comparison change =
      compare(schema, before ? json::value(without_managed_fields(*before)) : unset_value(schema), without_managed_fields(after));
  take_from_others(managers, self, change);
  const FieldSet mine = without(settable(schema, united(change.added, change.modified), context.subresource), unowned_fields());
  ManagedEntry& entry = managers.at(self);
  entry.fields = united(without(entry.fields, change.removed), mine);
  if (!mine.empty() || entry.time.empty()) {
    entry.time = model::to_timestamp_text(context.now);
    entry.fresh = true;
  }
  managers.drop_empty();
  managers.cap_updaters();
  managers.write(after);
  if (before) keep_times_if_unchanged(*before, after);
}

Result<json::object> apply_server_side(const Schema& schema, const json::object* live, const json::object& applied, bool force,
                                       const ManagedFieldsContext& context, std::vector<ApplyConflict>& conflicts) {
  if (const json::array* fields = array_at(applied, "metadata.managedFields"); fields && !fields->empty()) {
    return fail(Errc::invalid, "metadata.managedFields must be nil");
  }
  const std::vector<std::string> problems = problems_of_applied(schema, applied);
  if (problems.size() == 1) return fail(Errc::invalid, "{}", problems.front());
  if (!problems.empty()) return fail(Errc::invalid, "errors:\n  {}", fmt::join(problems, "\n  "));

  const json::object nothing;
  const json::object& was = live ? *live : nothing;
  EBB_TRY(FieldManagers managers, FieldManagers::parse(was));
  Application application(schema, was, applied, context);
  const std::string now = model::to_timestamp_text(context.now);
  if (live && managers.entries().empty()) {
    ManagedEntry& before =
        managers.at({.name = "before-first-apply", .operation = "Update", .subresource = {}, .api_version = context.api_version});
    const Comparison set = compare(schema, unset_value(schema), application.live());
    before.fields = without(settable(schema, united(set.added, set.modified), context.subresource), unowned_fields());
    before.time = now;
  }
  json::object result = application.merge(managers);
  const bool from_kubectl = context.manager == "kubectl" && live;
  const FieldSet allowed = from_kubectl ? allowed_by_last_applied(schema, *live) : FieldSet();
  if (!force) {
    for (const auto& [entry, fields] : application.conflicts(managers, allowed)) {
      for (const std::string& path : path_texts(fields)) conflicts.push_back({entry->manager.text(), path});
    }
    if (!conflicts.empty()) return result;
  }
  application.settle(managers);
  if (json::value* text = from_kubectl ? last_applied_of(result) : nullptr) *text = strip_last_applied(applied);
  if (ManagedEntry* entry = managers.find(application.self()); entry && (entry->time.empty() || result != application.live())) {
    entry->time = now;
    entry->fresh = true;
  }
  managers.write(result);
  if (live) keep_times_if_unchanged(*live, result);
  return result;
}

}   // namespace ebb::sandbox
