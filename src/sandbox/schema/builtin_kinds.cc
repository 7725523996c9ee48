#include "sandbox/schema/schema.h"
#include "sandbox/schema/type_table.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

bool has(const std::vector<std::string>& words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

// Kinds that are served under two names or versions are stored once.
void set_storage(Kind& kind) {
  kind.storage_group = kind.group;
  kind.storage_version = kind.version;
  if (kind.group == "events.k8s.io") {
    kind.storage_group = "";
    kind.storage_version = "v1";
  }
  if (kind.group == "autoscaling") kind.storage_version = "v2";
}

Kind make_kind(const TypeTable& table, const KindRow& row) {
  Kind kind;
  kind.group = row.group;
  kind.version = row.version;
  kind.resource = row.resource;
  kind.kind = row.kind;
  kind.list_kind = row.kind + "List";
  kind.singular = row.singular;
  kind.short_names = row.short_names;
  kind.categories = row.categories;
  kind.namespaced = row.namespaced;
  kind.subresources = row.subresources;
  kind.verbs = row.verbs;
  kind.has_status = has(row.subresources, "status");
  kind.has_scale = has(row.subresources, "scale");
  kind.schema = SchemaPtr(table.pool, table.types.find(row.type)->second);
  set_storage(kind);
  return kind;
}

// "policy/v1" is "policy.v1" in the names of types, which leave out ".k8s.io" and the like.
std::string package_of(std::string_view group_version) {
  const std::size_t slash = group_version.find('/');
  if (slash == std::string_view::npos) return fmt::format("core.{}", group_version);
  std::string_view group = group_version.substr(0, slash);
  group = group.substr(0, group.find('.'));
  return fmt::format("{}.{}", group, group_version.substr(slash + 1));
}

}   // namespace

const std::vector<Kind>& builtin_kinds() {
  static const std::vector<Kind> kinds = [] {
    const TypeTable& table = builtin_type_table();
    std::vector<Kind> made;
    for (const KindRow& row : table.kinds) made.push_back(make_kind(table, row));
    return made;
  }();
  return kinds;
}

SchemaPtr builtin_schema(std::string_view group_version, std::string_view kind) {
  const TypeTable& table = builtin_type_table();
  const std::string ending = fmt::format(".{}.{}", package_of(group_version), kind);
  for (const auto& [name, node] : table.types) {
    if (name.ends_with(ending)) return SchemaPtr(table.pool, node);
  }
  return nullptr;
}

}   // namespace ebb::sandbox
