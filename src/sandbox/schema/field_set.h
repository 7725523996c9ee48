#pragma once

// A set of paths into an object, as a tree: what metadata.managedFields writes as fieldsV1.
//
//   {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:ports": {"k:{\"port\":80}": {...}}}}
//
// A step is "f:" and a member's name, "k:" and the key members of a list's element as JSON sorted
// by name, "v:" and an element of a set, "i:" and an index.

#include "base/result.h"
#include "sandbox/json/json.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

struct FieldSet {
  bool member = false;   // the path that leads here is in the set itself
  std::map<std::string, FieldSet, std::less<>> children;

  bool empty() const { return !member && children.empty(); }   // Requires: no empty children
  void insert(std::string step, FieldSet child);               // an empty child is left out
  friend bool operator==(const FieldSet&, const FieldSet&) = default;
};

FieldSet united(const FieldSet& a, const FieldSet& b);
FieldSet without(const FieldSet& a, const FieldSet& b);
FieldSet common(const FieldSet& a, const FieldSet& b);
// `a` without the paths of `b` and everything below them.
FieldSet without_below(const FieldSet& a, const FieldSet& b);

// Errors: invalid, for steps that are none.
Result<FieldSet> parse_fields_v1(const json::value& fields);
json::object to_fields_v1(const FieldSet& set);

// .spec.containers[name="a"].image for every path in the set.
std::vector<std::string> path_texts(const FieldSet& set);

}   // namespace ebb::sandbox
