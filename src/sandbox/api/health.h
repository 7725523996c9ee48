#pragma once

// The paths that need no resource: version, health, the list of paths.

#include "sandbox/api/call.h"

#include <string>
#include <vector>

namespace ebb::sandbox {

inline constexpr std::string_view kGitVersion = "v1.37.2+ebb";

json::object server_version();
Response root_paths();
// /healthz, /livez, /readyz and their /ping.
bool is_health_path(const std::vector<std::string>& segments);
Answer<Response> health_response(const std::vector<std::string>& segments, const Query& query);

}   // namespace ebb::sandbox
