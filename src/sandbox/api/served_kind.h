#pragma once

// One resource as this server serves it: the schema's kind, where its objects are kept, and what
// only the API needs to know: subresources, verbs, printer columns, fields that selectors may name.

#include "sandbox/api/failure.h"
#include "sandbox/schema/schema.h"
#include "sandbox/store/object_store.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

struct Subresource {
  std::string name;                   // "status", "scale"
  std::string group, version, kind;   // of its body; group and version empty: those of the resource
  std::vector<std::string> verbs;
};

// A field that selectors may name, and where its value is in the stored object.
struct SelectableField {
  std::string label;       // "spec.nodeName"
  std::string path;        // dotted, in the storage version
  std::string otherwise;   // its value where the path leads nowhere
};

struct ScalePaths {
  std::string spec_replicas, status_replicas, label_selector;   // dotted, without a leading dot
};

struct ServedKind {
  Kind kind;
  Place place;
  std::vector<std::string> verbs;
  std::vector<Subresource> subresources;
  std::vector<SelectableField> fields;
  std::vector<PrinterColumn> columns;   // of a custom resource
  std::optional<ScalePaths> scale;
  std::string custom_name;   // of the CustomResourceDefinition; empty: built in
  bool stored = true;        // false: reviews and the like, which are answered and forgotten

  bool custom() const { return !custom_name.empty(); }
  ResourceName name() const { return {kind.group, kind.resource}; }
  std::string api_version() const { return kind.group.empty() ? kind.version : kind.group + "/" + kind.version; }
  std::string storage_api_version() const {
    return kind.storage_group.empty() ? kind.storage_version : kind.storage_group + "/" + kind.storage_version;
  }
  bool allows(std::string_view verb) const;
  const Subresource* subresource(std::string_view wanted) const;
};

using ServedKindPtr = std::shared_ptr<const ServedKind>;

// With everything that is known about a built-in kind.
ServedKind served(const Kind& kind);
// The selectable fields of a place; those of custom resources are in their definition.
std::vector<SelectableField> builtin_fields(const Place& place);

}   // namespace ebb::sandbox
