#pragma once

// Everything that a decision looks at, read once from a cluster.

#include "base/result.h"
#include "kube/client.h"
#include "model/cluster_event.h"

#include <functional>

namespace ebb::cli {

// Gives every event up to and with Synced. Errors: those of the
// server, at once where it refuses us or is not there; unavailable, with what went wrong last, when it takes too long.
Status read_cluster(kube::Client& client, const std::function<void(model::ClusterEvent)>& take);

}   // namespace ebb::cli
