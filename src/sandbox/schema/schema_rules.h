#pragma once

// What an openAPIV3Schema demands of values beyond their structure.

#include "sandbox/schema/pattern.h"
#include "sandbox/schema/structure.h"

#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox {

struct SchemaRules {
  std::string description;   // for kubectl explain
  std::string type;          // object, array, string, integer, number, boolean; empty: any
  std::vector<std::string> required;
  std::vector<json::value> allowed;   // enum
  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<std::int64_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
  std::optional<Pattern> pattern;
  std::string format;
  std::vector<const Schema*> all_of, any_of, one_of;
  const Schema* none_of = nullptr;   // not
};

}   // namespace ebb::sandbox
