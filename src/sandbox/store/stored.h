#pragma once

// One object as the sandbox keeps it: immutable, shared by the store, its history, every watch and
// every list that is being sent. A change makes a new one.

#include "model/names.h"
#include "sandbox/json/json.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ebb::sandbox {

struct Stored {
  model::ObjectKey key;
  std::string uid;
  std::uint64_t resource_version = 0;
  model::Labels labels;
  std::vector<std::string> fields;           // what field selectors of this resource can ask for, in the order the API has them
  std::shared_ptr<const std::string> text;   // the whole object as JSON, in its storage version

  json::object parse() const;   // text was made by us: it always parses
};

using StoredPtr = std::shared_ptr<const Stored>;

}   // namespace ebb::sandbox
