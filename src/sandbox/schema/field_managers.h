#pragma once

// metadata.managedFields as a table: who, how and since when, and what.

#include "base/result.h"
#include "sandbox/schema/field_set.h"

#include <compare>
#include <map>
#include <string>
#include <vector>

namespace ebb::sandbox {

// One entry per manager, operation and subresource; updates of different versions are apart, too.
struct FieldManager {
  std::string name;
  std::string operation;   // Apply or Update
  std::string subresource;
  std::string api_version;   // part of the identity of an Update only

  bool is_apply() const { return operation == "Apply"; }
  std::string text() const;   // "kubectl" with subresource "status" using apps/v1
};
bool same_manager(const FieldManager& a, const FieldManager& b);

struct ManagedEntry {
  FieldManager manager;
  std::string time;
  FieldSet fields;
  bool fresh = false;   // its time is that of this write: after all others of the same second
};

class FieldManagers {
 public:
  // Entries without readable fields are left out. Errors: invalid, for entries that are none.
  static Result<FieldManagers> parse(const json::object& object);

  ManagedEntry* find(const FieldManager& manager);
  ManagedEntry& at(const FieldManager& manager);   // made where it is missing
  std::vector<ManagedEntry>& entries() { return entries_; }
  const std::vector<ManagedEntry>& entries() const { return entries_; }
  void drop_empty();
  // More than ten updaters: the oldest become one, "ancient-changes".
  void cap_updaters();

  // Into the object's metadata, in the order in which the real server writes them; none: removed.
  void write(json::object& object) const;

 private:
  std::vector<ManagedEntry> entries_;
};

// The paths of every object that nobody owns: apiVersion, kind, name, uid, resourceVersion ...
const FieldSet& unowned_fields();

}   // namespace ebb::sandbox
