#pragma once

// Everything that is served at the moment, built in and custom, by group, version and resource.

#include "sandbox/api/served_kind.h"

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace ebb::sandbox {

class Registry {
 public:
  void add(ServedKind kind);
  // Takes away every version that a CustomResourceDefinition serves.
  void remove_custom(std::string_view definition_name);

  ServedKindPtr find(std::string_view group, std::string_view version, std::string_view resource) const;
  // Any version that stores its objects there.
  ServedKindPtr at_place(const Place& place) const;
  // By apiVersion and kind, as owner references and events name objects.
  ServedKindPtr of_kind(std::string_view group, std::string_view kind) const;

  std::vector<ServedKindPtr> all() const;
  // "" first, then by name; the versions of a group, preferred first.
  std::vector<std::string> groups() const;
  std::vector<std::string> versions(std::string_view group) const;
  std::vector<ServedKindPtr> resources(std::string_view group, std::string_view version) const;
  // Rises with each change: discovery and OpenAPI documents made before are stale.
  std::uint64_t generation() const { return generation_; }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  std::map<Key, ServedKindPtr> kinds_;
  std::uint64_t generation_ = 1;
};

// Kubernetes' order of versions: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name.
bool version_precedes(std::string_view a, std::string_view b);

}   // namespace ebb::sandbox
