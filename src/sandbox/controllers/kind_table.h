#pragma once

// From a kind to its resource, for every kind that is served: owner references and scale targets
// name kinds, the API is asked by resource. Custom resource definitions come and go.

#include "sandbox/api/api.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::sandbox::control {

struct ServedKind {
  ResourceId resource;   // in its storage version
  bool namespaced = true;
};

class KindTable final {
 public:
  KindTable();   // the built-in ones

  // Learns or forgets a custom resource definition; says whether it knows more than before.
  bool apply(const Change& change, const json::object& definition);

  const ServedKind* find(std::string_view group, std::string_view kind) const;
  std::vector<ResourceId> all() const;   // each storage place once

 private:
  std::map<std::pair<std::string, std::string>, ServedKind> kinds_;   // group, kind
};

}   // namespace ebb::sandbox::control
