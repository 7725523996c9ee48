#pragma once

// The built-in types as text, written by tools/make_types.py and compiled in. One line per fact:
//
//   kind GROUP VERSION PLURAL Kind SINGULAR N|C SUBRESOURCES SHORT_NAMES CATEGORIES VERBS TYPE
//   type io.k8s.api.core.v1.Container        then one line per field; a last word "a": atomic
//    ports. [m:containerPort,protocol]@io.k8s.api.core.v1.ContainerPort ~merge:containerPort
//
//   field  = NAME ["!"] ["." | "+"]   required; vanishes when empty, or is written even then
//   type   = s string, b bool, i int32, l int64, n number, y bytes, q quantity, t time, u micro time,
//            d duration, x int or string, o opaque object, * any, @TYPE,
//            [] list, [a] atomic, [s] set, [m:KEYS] map, {} map, {a} atomic map; element follows
//   then     ~STRATEGY[:MERGE_KEY] and =DEFAULT (JSON) where there are any
//
// "-" stands for an empty word, lists are joined by commas.

#include "base/result.h"
#include "sandbox/schema/structure.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

struct KindRow {
  std::string group, version, resource, kind, singular;
  bool namespaced = true;
  std::vector<std::string> subresources, short_names, categories, verbs;
  std::string type;
};

struct TypeTable {
  std::vector<KindRow> kinds;
  std::shared_ptr<SchemaPool> pool;
  std::map<std::string, const Schema*, std::less<>> types;
};

// Errors: invalid, with the line.
Result<TypeTable> parse_type_table(std::string_view text);

// The compiled-in table, parsed at first use.
const TypeTable& builtin_type_table();

}   // namespace ebb::sandbox
