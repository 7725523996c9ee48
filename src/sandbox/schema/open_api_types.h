#pragma once

// Types as the schema objects of OpenAPI, which kubectl reads: for explain, for the merge keys of
// apply, and to learn what the server validates.

#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"

#include <set>
#include <string>

namespace ebb::sandbox {

enum class OpenApi { v2, v3 };

// Collects the types that are referred to while it writes others.
class OpenApiTypes {
 public:
  explicit OpenApiTypes(OpenApi version) : version_(version) {}

  // The name under which a kind's type is listed; for custom kinds made of its reversed group.
  static std::string name_of(const Kind& kind);

  json::object reference(std::string_view name) const;
  void add_kind(const Kind& kind);              // the kind, its list, and all that they use
  void add_named(std::string_view type_name);   // a built-in type and all that it uses
  json::object take() { return std::move(types_); }

 private:
  json::object type_object(const Schema& schema);
  json::object field_schema(const Schema& schema, const Field* field);
  void add_scalar(const Schema& schema, json::object& out) const;
  void add_rules(const Schema& schema, json::object& out);
  void add_members(const Schema& schema, json::object& out);
  void add_type(const Schema& schema);

  OpenApi version_;
  json::object types_;
};

}   // namespace ebb::sandbox
