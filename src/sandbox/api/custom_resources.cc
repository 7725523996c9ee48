#include "sandbox/api/custom_resources.h"

#include "model/timestamp.h"
#include "sandbox/api/tree.h"

#include <algorithm>
#include <cctype>

namespace ebb::sandbox {

namespace {

const Place kDefinitions{"apiextensions.k8s.io", "customresourcedefinitions"};

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

std::vector<std::string> texts_in(const json::object& parent, std::string_view name) {
  std::vector<std::string> texts;
  if (const json::array* array = array_in(parent, name)) {
    for (const json::value& value : *array) texts.push_back(scalar_text(&value));
  }
  return texts;
}

std::string without_dot(std::string_view path) { return std::string(path.starts_with('.') ? path.substr(1) : path); }

std::vector<PrinterColumn> columns_of(const json::object& version) {
  std::vector<PrinterColumn> columns;
  const json::array* given = array_in(version, "additionalPrinterColumns");
  if (given == nullptr) return columns;
  for (const json::value& one : *given) {
    const json::object* column = one.if_object();
    if (column == nullptr) continue;
    columns.push_back({.name = std::string(text_in(*column, "name")),
                       .type = std::string(text_in(*column, "type")),
                       .format = std::string(text_in(*column, "format")),
                       .description = std::string(text_in(*column, "description")),
                       .json_path = std::string(text_in(*column, "jsonPath")),
                       .priority = static_cast<std::int32_t>(integer_in(*column, "priority", 0))});
  }
  return columns;
}

std::vector<SelectableField> fields_of(const json::object& version) {
  std::vector<SelectableField> fields;
  const json::array* given = array_in(version, "selectableFields");
  if (given == nullptr) return fields;
  for (const json::value& one : *given) {
    if (!one.is_object()) continue;
    const std::string path = without_dot(text_in(one.get_object(), "jsonPath"));
    fields.push_back({path, path, ""});
  }
  return fields;
}

// Names, group and scope are the same for all versions.
Kind base_kind(const json::object& definition) {
  static const json::object kNone;
  const json::object* spec = object_in(definition, "spec");
  if (spec == nullptr) spec = &kNone;
  const json::object* names = object_in(*spec, "names");
  if (names == nullptr) names = &kNone;
  Kind kind;
  kind.group = text_in(*spec, "group");
  kind.resource = text_in(*names, "plural");
  kind.kind = text_in(*names, "kind");
  kind.list_kind = text_in(*names, "listKind");
  kind.singular = text_in(*names, "singular");
  if (kind.list_kind.empty()) kind.list_kind = kind.kind + "List";
  if (kind.singular.empty()) kind.singular = lower(kind.kind);
  kind.short_names = texts_in(*names, "shortNames");
  kind.categories = texts_in(*names, "categories");
  kind.namespaced = text_in(*spec, "scope") != "Cluster";
  kind.storage_group = kind.group;
  if (const json::array* versions = array_in(*spec, "versions")) {
    for (const json::value& version : *versions) {
      if (version.is_object() && flag_in(version.get_object(), "storage")) kind.storage_version = text_in(version.get_object(), "name");
    }
  }
  return kind;
}

Result<ServedKind> version_kind(const Kind& base, const json::object& version, const std::string& definition_name) {
  Kind kind = base;
  kind.version = text_in(version, "name");
  std::optional<ScalePaths> scale;
  if (const json::object* subresources = object_in(version, "subresources")) {
    kind.has_status = subresources->contains("status");
    if (const json::object* paths = object_in(*subresources, "scale")) {
      kind.has_scale = true;
      scale = ScalePaths{without_dot(text_in(*paths, "specReplicasPath")), without_dot(text_in(*paths, "statusReplicasPath")),
                         without_dot(text_in(*paths, "labelSelectorPath"))};
    }
  }
  static const json::object kAnything{{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
  const json::object* schema = object_in(version, "schema");
  const json::object* structure = schema == nullptr ? nullptr : object_in(*schema, "openAPIV3Schema");
  EBB_TRY(kind.schema, schema_from_openapi(structure == nullptr ? kAnything : *structure));
  ServedKind made = served(kind);
  made.custom_name = definition_name;
  made.scale = std::move(scale);
  made.columns = columns_of(version);
  made.fields = fields_of(version);
  return made;
}

json::object condition(std::string_view type, std::string_view reason, std::string_view message, Instant now) {
  return {
      {"type", type}, {"status", "True"}, {"lastTransitionTime", model::to_timestamp_text(now)}, {"reason", reason}, {"message", message}};
}

// Adds the condition unless it is there already.
void ensure_condition(json::object& status, json::object wanted) {
  json::value& conditions = status["conditions"];
  if (!conditions.is_array()) conditions.emplace_array();
  for (json::value& one : conditions.get_array()) {
    if (!one.is_object() || text_in(one.get_object(), "type") != text_in(wanted, "type")) continue;
    if (text_in(one.get_object(), "status") != text_in(wanted, "status") ||
        text_in(one.get_object(), "reason") != text_in(wanted, "reason"))
      one = std::move(wanted);
    return;
  }
  conditions.get_array().push_back(std::move(wanted));
}

void accept_names(json::object& definition, Instant now) {
  const Kind kind = base_kind(definition);
  json::object& names = ensure_object(ensure_object(definition, "spec"), "names");
  names["singular"] = kind.singular;
  names["listKind"] = kind.list_kind;
  const json::object accepted = names;
  json::object& status = ensure_object(definition, "status");
  status["acceptedNames"] = accepted;
  ensure_condition(status, condition("NamesAccepted", "NoConflicts", "no conflicts found", now));
  ensure_condition(status, condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now));
  json::value& stored = status["storedVersions"];
  if (!stored.is_array()) stored.emplace_array();
  const json::value version(kind.storage_version);
  if (std::ranges::find(stored.get_array(), version) == stored.get_array().end()) stored.get_array().push_back(version);
}

WriteContext own_write(Instant now) {
  WriteContext context;
  context.caller = {.user = "system:apiserver", .field_manager = "kube-apiserver"};
  context.now = now;
  return context;
}

}   // namespace

Result<std::vector<ServedKind>> kinds_of_definition(const json::object& definition) {
  const Kind base = base_kind(definition);
  const std::string name(metadata_text(definition, "name"));
  std::vector<ServedKind> kinds;
  const json::object* spec = object_in(definition, "spec");
  const json::array* versions = spec == nullptr ? nullptr : array_in(*spec, "versions");
  if (versions == nullptr) return kinds;
  std::vector<SelectableField> storage_fields;
  for (std::size_t i = 0; i < versions->size(); ++i) {
    const json::object* version = (*versions)[i].if_object();
    if (version == nullptr) continue;
    auto kind = version_kind(base, *version, name);
    if (!kind) return std::unexpected(std::move(kind).error().with(fmt::format("spec.versions[{}].schema.openAPIV3Schema", i)));
    if (flag_in(*version, "storage")) storage_fields = kind->fields;
    if (flag_in(*version, "served")) kinds.push_back(*std::move(kind));
  }
  // Selectors are answered from what is stored, which is made by the storage version's rules.
  for (ServedKind& kind : kinds) kind.fields = storage_fields;
  return kinds;
}

void CustomResources::note(const ServedKind& kind, const StoreEvent& event) {
  if (kind.place == kDefinitions) noted_.insert(event.object->key.name);
  if (kind.custom() && event.type == EventType::deleted) noted_.insert(kind.custom_name);
}

void CustomResources::restore() {
  for (const auto& [key, stored] : store_.collection(kDefinitions).objects()) {
    serve(stored->parse());
    noted_.insert(key.name);   // one that was being deleted goes on with it
  }
}

void CustomResources::settle(Instant now) {
  while (!noted_.empty()) {
    const std::string name = *noted_.begin();
    noted_.erase(noted_.begin());
    const StoredPtr stored = store_.collection(kDefinitions).find({"", name});
    if (!stored) {
      withdraw(name);
      continue;
    }
    const json::object definition = stored->parse();
    if (metadata_of(definition).contains("deletionTimestamp")) {
      clean_up(name, definition, now);
      continue;
    }
    serve(definition);
    establish(name, now);
  }
}

void CustomResources::serve(const json::object& definition) {
  auto kinds = kinds_of_definition(definition);
  if (!kinds) return;   // validation refuses such definitions: only a damaged file holds one
  registry_.remove_custom(metadata_text(definition, "name"));
  for (ServedKind& kind : *kinds) registry_.add(std::move(kind));
}

void CustomResources::withdraw(const std::string& name) {
  const std::size_t dot = name.find('.');
  registry_.remove_custom(name);
  if (dot != std::string::npos) store_.close(store_.collection({name.substr(dot + 1), name.substr(0, dot)}));
}

void CustomResources::establish(const std::string& name, Instant now) {
  const ServedKindPtr kind = registry_.at_place(kDefinitions);
  const auto accept = [now](json::object& definition) -> Answer<void> {
    accept_names(definition, now);
    return {};
  };
  // It exists, as settle() has just seen; an equal status is not written again.
  static_cast<void>(objects_.change(*kind, {"", name}, "status", accept, own_write(now)));
}

void CustomResources::clean_up(const std::string& name, const json::object& definition, Instant now) {
  const ServedKindPtr definitions = registry_.at_place(kDefinitions);
  const Kind base = base_kind(definition);
  const ServedKindPtr kind = registry_.at_place({base.group, base.resource});
  if (kind) {
    for (const StoredPtr& object : store_.collection(kind->place).range("")) {
      // What has finalizers goes when they do, and the definition after it.
      static_cast<void>(objects_.remove(*kind, object->key, {}, own_write(now)));
    }
    noted_.erase(name);
    if (!store_.collection(kind->place).objects().empty()) return;
  }
  const auto release = [](json::object& object) -> Answer<void> {
    json::object& metadata = ensure_object(object, "metadata");
    if (json::array* finalizers = array_in(metadata, "finalizers")) {
      const auto at = std::ranges::find_if(*finalizers, [](const json::value& one) { return scalar_text(&one) == kCleanupFinalizer; });
      if (at != finalizers->end()) finalizers->erase(at);
    }
    return {};
  };
  static_cast<void>(objects_.change(*definitions, {"", name}, "", release, own_write(now)));
}

}   // namespace ebb::sandbox
