#pragma once

// Reads the few messages that clients send as protobuf although this server speaks JSON only, into
// the JSON that says the same. Kubernetes wraps a message in an envelope:
//
//   "k8s\0"  runtime.Unknown { 1: TypeMeta { 1: apiVersion  2: kind }  2: bytes of the message }

#include "sandbox/api/failure.h"

#include <string_view>

namespace ebb::sandbox {

inline constexpr std::string_view kProtobufType = "application/vnd.kubernetes.protobuf";

// Errors: 415 for kinds that are not in protobuf_fields.h, 400 for bytes that are none of it.
Answer<json::object> decode_protobuf(std::string_view bytes);

}   // namespace ebb::sandbox
