#pragma once

// Keys under which Kubernetes objects are known, and the two maps that every one of them carries.

#include "base/id.h"

#include <compare>
#include <functional>
#include <map>
#include <string>

namespace ebb::model {

using NodeName = Id<struct NodeNameTag>;
using Uid = Id<struct UidTag>;

struct ObjectKey {
  std::string ns;   // empty for a cluster-scoped object
  std::string name;

  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

// "namespace/name", or just the name for a cluster-scoped object.
std::string to_string(const ObjectKey& key);

using Labels = std::map<std::string, std::string, std::less<>>;
using Annotations = Labels;

}   // namespace ebb::model
