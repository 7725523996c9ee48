#pragma once

// Questions about who may do what: there is one token, and it may do everything.

#include "sandbox/api/call.h"
#include "sandbox/api/target.h"

namespace ebb::sandbox {

// SelfSubjectAccessReview and its relatives, TokenReview, SelfSubjectReview.
Answer<Reply> review(const ServedKind& kind, const Target& target, Call& call);

// The old list of component health, which has nothing in it.
Answer<Reply> component_statuses(const Target& target, const Call& call);

}   // namespace ebb::sandbox
