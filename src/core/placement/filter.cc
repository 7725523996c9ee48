#include "core/placement/filter.h"

#include "base/check.h"

namespace ebb::core::placement {

std::string_view to_string(Filter filter) {
  switch (filter) {
    case Filter::node_unschedulable: return "NodeUnschedulable";
    case Filter::taints: return "TaintToleration";
    case Filter::node_affinity: return "NodeAffinity";
    case Filter::node_ports: return "NodePorts";
    case Filter::resources: return "NodeResourcesFit";
    case Filter::pool: return "ColocationPool";
    case Filter::offline_count: return "MaxOfflinePods";
    case Filter::admission_line: return "AdmissionLine";
    case Filter::volumes: return "Volumes";
    case Filter::topology_spread: return "PodTopologySpread";
    case Filter::inter_pod_affinity: return "InterPodAffinity";
    case Filter::numa: return "Numa";
    case Filter::recent_eviction: return "RecentEviction";
    case Filter::accelerators: return "Accelerators";
  }
  EBB_UNREACHABLE();
}

}   // namespace ebb::core::placement
