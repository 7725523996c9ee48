#pragma once

// What a request's path names: a collection, an object or a subresource of a group and version.

#include "sandbox/api/registry.h"

#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox {

struct Target {
  std::string group, version;
  std::string ns;   // empty: cluster-scoped, or all namespaces
  std::string resource;
  std::string name;   // empty: the collection
  std::string subresource;
  bool watch = false;      // the old /watch/ paths
  bool too_deep = false;   // more segments than any of our resources has
};

// /api/v1/... and /apis/GROUP/VERSION/... with at least a resource; nothing for any other path.
std::optional<Target> parse_target(const std::vector<std::string>& segments);

}   // namespace ebb::sandbox
