#pragma once

// One type's structure: the fields of an object, the elements of a list or map, how they merge and
// who owns them. Nodes live in a pool and point at each other freely (JSONSchemaProps contains
// itself); a SchemaPtr keeps the whole pool alive.

#include "sandbox/json/json.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

enum class Shape : std::uint8_t {
  any,      // whatever JSON says, owned as one piece unless it is an object
  opaque,   // an object of unknown members (RawExtension, x-kubernetes-preserve-unknown-fields)
  object,   // named fields
  map,      // any keys, one element type
  list,
  string,
  bytes,   // base64
  int32,
  int64,
  number,
  boolean,
  quantity,
  time,
  micro_time,
  duration,
  int_or_string,
};

enum class ListKind : std::uint8_t { unsaid, atomic, set, map };   // unsaid is atomic, too

// What becomes of a field that is empty (0, "", false, [], {}), as the Go types of Kubernetes have it.
enum class WhenEmpty : std::uint8_t { keep, drop, write };

struct Schema;
struct SchemaRules;   // schema_rules.h: what an openAPIV3Schema demands of values

struct Field {
  std::string name;
  const Schema* type = nullptr;
  bool required = false;
  WhenEmpty when_empty = WhenEmpty::keep;
  bool patch_merge = false;         // strategic merge patch: lists are merged by key or as a set
  bool patch_retain_keys = false;   // ... and $retainKeys is written
  bool patch_replace = false;       // ... or the whole value is replaced
  std::string merge_key;            // empty for a list of primitives
  std::optional<json::value> default_value;
};

struct Schema {
  Shape shape = Shape::any;
  std::string name;                  // io.k8s.api.core.v1.Pod; empty where the type has none
  std::vector<Field> fields;         // of an object, sorted by name
  const Schema* element = nullptr;   // of a map or list; of an object with additionalProperties, too
  ListKind list_kind = ListKind::unsaid;
  std::vector<std::string> list_keys;   // of ListKind::map
  bool atomic = false;                  // of an object or map: owned as one piece
  bool preserve_unknown = false;        // of an object: members without a field stay
  bool embedded = false;                // a whole object with apiVersion, kind and metadata
  bool nullable = false;
  bool custom = false;   // comes from an openAPIV3Schema
  std::optional<json::value> default_value;
  std::shared_ptr<const SchemaRules> rules;   // null without any; shared with nobody else

  const Field* find(std::string_view field) const;
  bool is_atomic() const;   // one owner for all that is in it
};

// The last SchemaPtr into a pool frees it.
struct SchemaPool {
  std::deque<Schema> nodes;
  Schema& add(Shape shape) {
    nodes.emplace_back().shape = shape;
    return nodes.back();
  }
};

// "type int32" and so on, as the Go types of Kubernetes are called in decoding errors.
std::string_view go_type_name(const Schema& schema);

}   // namespace ebb::sandbox
