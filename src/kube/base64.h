#pragma once

// Base64 as kubeconfigs and Secrets carry it (RFC 4648, with padding; line breaks are skipped).

#include "base/result.h"

#include <string>
#include <string_view>

namespace ebb::kube {

// Errors: invalid; the text is not repeated, it may be a key.
Result<std::string> decode_base64(std::string_view text);

}   // namespace ebb::kube
