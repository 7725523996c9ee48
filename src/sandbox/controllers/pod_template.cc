#include "sandbox/controllers/pod_template.h"

#include "sandbox/controllers/fields.h"

#include <utility>

namespace ebb::sandbox::control {

json::object pod_from_template(const json::object& owner) {
  json::object metadata;
  for (const std::string_view part : {"labels", "annotations", "finalizers"}) {
    const json::object* from = object_at(owner, "spec.template.metadata");
    const json::value* value = from == nullptr ? nullptr : from->if_contains(part);
    if (value != nullptr && !value->is_null()) metadata[part] = *value;
  }
  metadata["generateName"] = text_at(owner, "metadata.name") + "-";
  metadata["namespace"] = text_at(owner, "metadata.namespace");
  metadata["ownerReferences"] = json::array{make_controller_reference(owner)};

  json::object pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}};
  const json::object* spec = object_at(owner, "spec.template.spec");
  pod["spec"] = spec == nullptr ? json::object() : *spec;
  return pod;
}

}   // namespace ebb::sandbox::control
