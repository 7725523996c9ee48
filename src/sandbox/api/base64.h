#pragma once

// Base64 for URLs (RFC 4648, section 5), without padding: continue tokens and opaque tokens.

#include <optional>
#include <string>
#include <string_view>

namespace ebb::sandbox {

std::string to_base64_url(std::string_view bytes);
// Padding is accepted; nothing for anything that is not base64.
std::optional<std::string> from_base64_url(std::string_view text);

}   // namespace ebb::sandbox
