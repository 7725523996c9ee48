#include "sandbox/controllers/kind_table.h"

#include "sandbox/controllers/fields.h"
#include "sandbox/schema/schema.h"
#include "sandbox/store/stored.h"

#include <set>

namespace ebb::sandbox::control {

KindTable::KindTable() {
  for (const Kind& kind : builtin_kinds()) {
    const bool stored_as_served = kind.storage_version.empty();
    ResourceId where{stored_as_served ? kind.group : kind.storage_group, stored_as_served ? kind.version : kind.storage_version,
                     kind.resource};
    kinds_.try_emplace({kind.group, kind.kind}, ServedKind{std::move(where), kind.namespaced});
  }
}

bool KindTable::apply(const Change& change, const json::object& definition) {
  const std::string group = text_at(definition, "spec.group");
  const std::string kind = text_at(definition, "spec.names.kind");
  if (change.type == ChangeType::deleted) {
    kinds_.erase({group, kind});
    return false;
  }
  ServedKind served{{group, "", text_at(definition, "spec.names.plural")}, text_at(definition, "spec.scope") != "Cluster"};
  if (const json::array* versions = array_at(definition, "spec.versions")) {
    for (const auto& version : *versions) {
      if (version.is_object() && flag_at(version.get_object(), "storage")) served.resource.version = text_at(version.get_object(), "name");
    }
  }
  return kinds_.insert_or_assign({group, kind}, std::move(served)).second;
}

const ServedKind* KindTable::find(std::string_view group, std::string_view kind) const {
  const auto found = kinds_.find({std::string(group), std::string(kind)});
  return found == kinds_.end() ? nullptr : &found->second;
}

std::vector<ResourceId> KindTable::all() const {
  std::set<ResourceId> distinct;
  for (const auto& [name, served] : kinds_) distinct.insert(served.resource);
  return {distinct.begin(), distinct.end()};
}

}   // namespace ebb::sandbox::control
