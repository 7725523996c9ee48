#pragma once

// The manifests under deploy/, as they are written there.

#include <string_view>

namespace ebb::cli {

extern const std::string_view kPolicyManifest;       // openfuyao-colocation-config
extern const std::string_view kNodePolicyManifest;   // node-colocation-config
extern const std::string_view kOnlineManifest;       // Deployment online-web-service
extern const std::string_view kOfflineManifest;      // Job data-analytics-job
extern const std::string_view kCheckoutManifest;     // Deployment checkout, the demo's own LS service

}   // namespace ebb::cli
