#include "core/colocation/pool.h"

#include "base/check.h"

namespace ebb::core {

std::string_view to_string(PoolRefusal refusal) {
  switch (refusal) {
    case PoolRefusal::colocation_off: return "node takes no offline pods";
    case PoolRefusal::offline_node: return "node is not in the online pool";
    case PoolRefusal::online_node: return "node is not in the offline pool";
  }
  EBB_UNREACHABLE();
}

std::optional<PoolRefusal> pool_refusal(const Resolved& pod, bool policy_in_force, const model::Labels& node_labels,
                                        const model::NodePolicy& node) {
  if (!policy_in_force || !pod.restricted) return std::nullopt;
  if (pod.offline && !node.colocation) return PoolRefusal::colocation_off;
  const auto type = node_labels.find(kWorkloadTypeLabel);
  const bool labelled_offline = type != node_labels.end() && type->second == "offline";
  if (pod.pool == model::Pool::online && labelled_offline) return PoolRefusal::offline_node;
  if (pod.pool == model::Pool::offline && !labelled_offline && !node.colocation) return PoolRefusal::online_node;
  return std::nullopt;
}

}   // namespace ebb::core
