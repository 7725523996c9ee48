#pragma once

// The OpenAPI 2 document in the binary form in which kubectl up to 1.27 and client-go ask for it: a
// protobuf message openapi.v2.Document. Written from the JSON document, so that both say the same.

#include "sandbox/schema/schema.h"

#include <string>
#include <vector>

namespace ebb::sandbox {

std::string open_api_v2_binary(const std::vector<Kind>& kinds);   // of the document that open_api_v2() gives

// Any OpenAPI 2 document. Written is what documents of Kubernetes consist of; OAuth, examples,
// response headers, XML and external documentation are left out.
std::string encode_open_api_v2(const json::value& document);

}   // namespace ebb::sandbox
