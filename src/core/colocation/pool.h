#pragma once

// Which nodes a pod's class and pool let it use. Online is any node not labelled workload.type
// offline; offline is a node on which colocation is on, or one labelled so. BE runs only where
// colocation is on. Without a policy in force nothing is restricted.

#include "core/colocation/qos.h"
#include "model/colocation_policy.h"
#include "model/names.h"

#include <optional>
#include <string_view>

namespace ebb::core {

enum class PoolRefusal {
  colocation_off,   // the pod is BE and the node takes none
  offline_node,     // the pod's pool is online
  online_node,      // the pod's pool is offline
};

std::string_view to_string(PoolRefusal refusal);   // "node takes no offline pods" ...

// None: the node is open to the pod. `policy_in_force`: one exists and is enabled.
std::optional<PoolRefusal> pool_refusal(const Resolved& pod, bool policy_in_force, const model::Labels& node_labels,
                                        const model::NodePolicy& node);

}   // namespace ebb::core
