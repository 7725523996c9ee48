#pragma once

#include "sandbox/api/api.h"

#include <string_view>

namespace ebb::sandbox {

// A refusal that the API never saw the request of, as the Status that Kubernetes clients expect.
Response refusal(int code, std::string_view reason, std::string_view message);

}   // namespace ebb::sandbox
