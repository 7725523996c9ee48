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
  }
  EBB_UNREACHABLE();
}

}   // namespace ebb::core::placement
