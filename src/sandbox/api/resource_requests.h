#pragma once

// HTTP verbs on stored resources: POST is create, GET is get, list or watch, and so on.

#include "sandbox/api/call.h"
#include "sandbox/api/objects.h"
#include "sandbox/api/reads.h"
#include "sandbox/api/subresources.h"
#include "sandbox/api/target.h"

namespace ebb::sandbox {

class ResourceRequests final {
 public:
  ResourceRequests(Objects& objects, Reads& reads, Subresources& subresources)
      : objects_(objects), reads_(reads), subresources_(subresources) {}

  Answer<Reply> handle(const ServedKindPtr& kind, const Target& target, Call& call);

 private:
  Answer<Reply> on_collection(const ServedKindPtr& kind, const Target& target, Call& call);
  Answer<Reply> on_object(const ServedKindPtr& kind, const Target& target, Call& call);
  Answer<Response> create(const ServedKindPtr& kind, const Target& target, Call& call);
  Answer<Response> read(const ServedKindPtr& kind, const Target& target, Call& call);
  Answer<Response> update(const ServedKindPtr& kind, const Target& target, Call& call);
  Answer<Response> patch(const ServedKindPtr& kind, const Target& target, Call& call);
  Answer<Response> remove(const ServedKindPtr& kind, const Target& target, Call& call);
  Answer<Response> remove_collection(const ServedKindPtr& kind, const Target& target, Call& call);

  Objects& objects_;
  Reads& reads_;
  Subresources& subresources_;
};

// The kind of a PATCH by its content type, and its body. Errors: 400, 413, 415, 422.
struct PatchBody {
  PatchType type = PatchType::merge;
  json::value value;
};
Answer<PatchBody> patch_body(const ServedKind& kind, const Call& call, WriteContext& context);

}   // namespace ebb::sandbox
