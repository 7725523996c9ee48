#pragma once

// Brings manifests into a cluster by server-side apply: idempotent, and what others own stays theirs.

#include "base/result.h"
#include "cli/cluster/manifest.h"
#include "cli/cluster/resource_paths.h"
#include "kube/client.h"

#include <string>
#include <vector>

namespace ebb::cli {

struct Applied {
  std::string object;    // "deployment.apps/web"
  std::string outcome;   // created, configured, unchanged
};

class Applier final {
 public:
  struct Options {
    bool force = false;               // take over what another manager owns
    bool create_namespaces = false;   // those that manifests name and nobody made
    std::string ns;                   // for objects that name none
  };

  Applier(kube::Client& client, Options options) : client_(client), options_(std::move(options)), paths_(client) {}

  // Errors: those of the server, with FILE:LINE and the object.
  Result<Applied> apply(const Manifest& manifest);
  // Makes the namespace where it is missing.
  Status ensure_namespace(std::string_view ns);

 private:
  kube::Client& client_;
  Options options_;
  ResourcePaths paths_;
};

}   // namespace ebb::cli
