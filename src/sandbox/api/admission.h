#pragma once

// What the server itself changes in new objects, as a real one's built-in admission plugins do, and
// the hook through which the sandbox adds its own for pods.

#include "sandbox/api/failure.h"
#include "sandbox/api/make_api.h"
#include "sandbox/api/served_kind.h"
#include "sandbox/store/object_store.h"

#include <string>

namespace ebb::sandbox {

class Admission final {
 public:
  Admission(ObjectStore& store, AdmissionHook pod_hook) : store_(store), pod_hook_(std::move(pod_hook)) {}

  // Requires: `object` has its defaults. Errors: 403.
  Answer<void> on_create(const ServedKind& kind, const std::string& ns, json::object& object, const std::string& user) const;

 private:
  Answer<void> set_priority(const ServedKind& kind, json::object& pod) const;

  ObjectStore& store_;
  AdmissionHook pod_hook_;
};

}   // namespace ebb::sandbox
