#pragma once

// Subresources that are more than a part of their object: binding, eviction, scale, tokens, and
// those of real containers (exec, attach, port-forward, log), which simulated ones do not have.

#include "sandbox/api/call.h"
#include "sandbox/api/objects.h"
#include "sandbox/api/target.h"

namespace ebb::sandbox {

class Subresources final {
 public:
  Subresources(Objects& objects, ObjectStore& store, const Registry& registry) : objects_(objects), store_(store), registry_(registry) {}

  // False: reads and writes of it are those of the object itself.
  bool owns(const ServedKind& kind, std::string_view subresource) const;
  Answer<Reply> handle(const ServedKindPtr& kind, const Target& target, Call& call);
  // POST on the "bindings" collection, the older way.
  Answer<Reply> create_binding(const std::string& ns, Call& call);

 private:
  Answer<Response> bind(const model::ObjectKey& key, const json::object& binding, const WriteContext& context);
  Answer<Response> binding(const Target& target, Call& call);
  Answer<Response> eviction(const Target& target, Call& call);
  Answer<Response> evict(const model::ObjectKey& key, const DeleteOptions& options, const WriteContext& context);
  Answer<Response> scale(const ServedKindPtr& kind, const Target& target, Call& call);
  Answer<Response> token(const ServedKindPtr& kind, const Target& target, Call& call);

  Objects& objects_;
  ObjectStore& store_;
  const Registry& registry_;
};

}   // namespace ebb::sandbox
