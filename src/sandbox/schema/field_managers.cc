#include "sandbox/schema/field_managers.h"

#include <algorithm>
#include <tuple>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kUpdatersMax = 10;

json::object entry_object(const ManagedEntry& entry) {
  json::object object;
  object.emplace("manager", entry.manager.name);
  object.emplace("operation", entry.manager.operation);
  object.emplace("apiVersion", entry.manager.api_version);
  if (!entry.time.empty()) object.emplace("time", entry.time);
  object.emplace("fieldsType", "FieldsV1");
  object.emplace("fieldsV1", to_fields_v1(entry.fields));
  if (!entry.manager.subresource.empty()) object.emplace("subresource", entry.manager.subresource);
  return object;
}

}   // namespace

std::string FieldManager::text() const {
  std::string shown = fmt::format("\"{}\"", name);
  if (!subresource.empty()) shown += fmt::format(" with subresource \"{}\"", subresource);
  if (!is_apply()) shown += fmt::format(" using {}", api_version);
  return shown;
}

bool same_manager(const FieldManager& a, const FieldManager& b) {
  return a.name == b.name && a.operation == b.operation && a.subresource == b.subresource &&
         (a.is_apply() || a.api_version == b.api_version);
}

Result<FieldManagers> FieldManagers::parse(const json::object& object) {
  FieldManagers managers;
  const json::array* list = array_at(object, "metadata.managedFields");
  if (!list) return managers;
  for (const json::value& item : *list) {
    ManagedEntry entry;
    entry.manager = {.name = std::string(string_at(item, "manager")),
                     .operation = std::string(string_at(item, "operation")),
                     .subresource = std::string(string_at(item, "subresource")),
                     .api_version = std::string(string_at(item, "apiVersion"))};
    entry.time = string_at(item, "time");
    if (entry.manager.operation != "Apply" && entry.manager.operation != "Update") {
      return fail(Errc::invalid, "invalid operation \"{}\" in managedFields, must be Apply or Update", entry.manager.operation);
    }
    const json::value* fields = find_path(item, "fieldsV1");
    if (!fields) continue;
    EBB_TRY(entry.fields, parse_fields_v1(*fields));
    ManagedEntry& here = managers.at(entry.manager);
    here = {entry.manager, entry.time, united(here.fields, entry.fields)};
  }
  managers.drop_empty();
  return managers;
}

ManagedEntry* FieldManagers::find(const FieldManager& manager) {
  const auto found = std::ranges::find_if(entries_, [&](const ManagedEntry& entry) { return same_manager(entry.manager, manager); });
  return found == entries_.end() ? nullptr : &*found;
}

ManagedEntry& FieldManagers::at(const FieldManager& manager) {
  if (ManagedEntry* entry = find(manager)) return *entry;
  return entries_.emplace_back(ManagedEntry{.manager = manager, .time = {}, .fields = {}});
}

void FieldManagers::drop_empty() {
  std::erase_if(entries_, [](const ManagedEntry& entry) { return entry.fields.empty(); });
}

void FieldManagers::cap_updaters() {
  std::vector<const ManagedEntry*> updaters;
  for (const ManagedEntry& entry : entries_) {
    if (!entry.manager.is_apply() && entry.manager.subresource.empty()) updaters.push_back(&entry);
  }
  if (updaters.size() <= kUpdatersMax) return;
  std::ranges::sort(updaters, {}, [](const ManagedEntry* e) { return std::tie(e->time, e->manager.name); });
  std::vector<ManagedEntry> old;
  for (std::size_t i = 0; i + kUpdatersMax <= updaters.size(); ++i) old.push_back(*updaters[i]);
  for (const ManagedEntry& entry : old) {
    std::erase_if(entries_, [&](const ManagedEntry& e) { return same_manager(e.manager, entry.manager); });
    FieldManager bucket = entry.manager;
    bucket.name = "ancient-changes";
    ManagedEntry& ancient = at(bucket);
    ancient.fields = united(ancient.fields, entry.fields);
    ancient.time = std::max(ancient.time, entry.time);
  }
}

void FieldManagers::write(json::object& object) const {
  json::value& metadata = object["metadata"];
  if (!metadata.is_object()) metadata.emplace_object();
  json::object& members = metadata.get_object();
  if (entries_.empty()) {
    if (const auto member = members.find("managedFields"); member != members.end()) members.stable_erase(member);
    return;
  }
  std::vector<const ManagedEntry*> sorted;
  for (const ManagedEntry& entry : entries_) sorted.push_back(&entry);
  std::ranges::sort(sorted, {}, [](const ManagedEntry* e) {
    return std::tie(e->manager.operation, e->time, e->fresh, e->manager.name, e->manager.api_version, e->manager.subresource);
  });
  json::array list;
  for (const ManagedEntry* entry : sorted) list.push_back(entry_object(*entry));
  members.insert_or_assign("managedFields", std::move(list));
}

const FieldSet& unowned_fields() {
  static const FieldSet fields = [] {
    FieldSet made;
    made.children["f:apiVersion"].member = true;
    made.children["f:kind"].member = true;
    FieldSet& metadata = made.children["f:metadata"];
    metadata.member = true;
    for (const char* name : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid", "f:clusterName", "f:generation",
                             "f:managedFields", "f:resourceVersion"}) {
      metadata.children[name].member = true;
    }
    return made;
  }();
  return fields;
}

}   // namespace ebb::sandbox
