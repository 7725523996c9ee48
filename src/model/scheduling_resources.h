#pragma once

// CustomResourceDefinitions of the kinds of other projects that the scheduler honours where they are
// installed: PodGroup and Queue of Volcano, PodGroup of scheduler-plugins, NodeResourceTopology. The sandbox
// has them from the start. A real cluster has them from those projects.

#include <string>
#include <vector>

namespace ebb::model {

// Each a whole apiextensions.k8s.io/v1 object, as JSON text.
std::string volcano_pod_group_definition();
std::string volcano_queue_definition();
std::string plugins_pod_group_definition();
std::string node_resource_topology_definition();

inline std::vector<std::string> scheduling_resource_definitions() {
  return {volcano_pod_group_definition(), volcano_queue_definition(), plugins_pod_group_definition(), node_resource_topology_definition()};
}

}   // namespace ebb::model
