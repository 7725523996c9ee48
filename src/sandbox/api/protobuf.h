#pragma once

// The one protobuf message that this JSON server reads. Kubernetes wraps a message in an envelope:
//
//   "k8s\0"  runtime.Unknown { 1: TypeMeta { 1: apiVersion  2: kind }  2: bytes of the message }
//   SelfSubjectAccessReview { 1: ObjectMeta  2: spec { 1: resourceAttributes { 1: namespace 2: verb
//       3: group 4: version 5: resource 6: subresource 7: name }  2: nonResourceAttributes { 1: path 2: verb } } }

#include "sandbox/api/failure.h"

#include <string_view>

namespace ebb::sandbox {

// As the JSON object that says the same. Errors: 400 for bytes that are none of it.
Answer<json::object> decode_access_review(std::string_view bytes);

}   // namespace ebb::sandbox
