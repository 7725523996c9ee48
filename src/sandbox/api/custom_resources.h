#pragma once

// CustomResourceDefinitions take effect here: a definition's versions are served as soon as it is
// stored, its conditions say so, and with it go its objects.

#include "sandbox/api/objects.h"
#include "sandbox/api/registry.h"

#include <set>
#include <string>

namespace ebb::sandbox {

class CustomResources final {
 public:
  CustomResources(Registry& registry, ObjectStore& store, Objects& objects) : registry_(registry), store_(store), objects_(objects) {}

  // Notes a change of a definition; settle() does what follows from it.
  void note(const ServedKind& kind, const StoreEvent& event);
  void settle(Instant now);
  // Serves what definitions of an earlier life say.
  void restore();

 private:
  void serve(const json::object& definition);
  void withdraw(const std::string& name);
  void establish(const std::string& name, Instant now);
  void clean_up(const std::string& name, const json::object& definition, Instant now);

  Registry& registry_;
  ObjectStore& store_;
  Objects& objects_;
  std::set<std::string> noted_;
};

// The kinds that a definition serves, one per served version. Errors: invalid, where its schema is not structural.
Result<std::vector<ServedKind>> kinds_of_definition(const json::object& definition);

}   // namespace ebb::sandbox
