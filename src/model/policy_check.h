#pragma once

// What must hold between a policy's fields, each of which is in its own range already: the three
// lines in their order, no prediction beyond its history, shares that make a whole.

#include "model/colocation_policy.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

struct Contradiction {
  std::string key;                     // the field or section to complain about: one that was stated, where that is known
  std::string message;                 // what is wrong, and what would be right
  std::vector<std::string> involved;   // every field that plays a part

  friend bool operator==(const Contradiction&, const Contradiction&) = default;
};

// `stated` names the fields that the document itself sets.
std::vector<Contradiction> check_policy(const ColocationPolicy& policy, const std::vector<std::string>& stated = {});

}   // namespace ebb::model
