#pragma once

// What others publish about the NUMA nodes of a machine: NodeResourceTopology (topology.node.k8s.io/v1alpha2, written by
// node-feature-discovery or the resource topology exporter) and Numatopology (nodeinfo.volcano.sh/v1alpha1, written by
// Volcano's resource exporter). Plain values; core/numa makes a machine of them.

#include "base/units.h"
#include "model/cpu_set.h"
#include "model/names.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ebb::model {

// In units of Resources: cpu in thousandths, everything else whole.
struct ZoneResource {
  std::string name;
  std::int64_t capacity = 0;
  std::int64_t allocatable = 0;
  std::int64_t available = 0;   // allocatable without what running pods have for themselves

  friend bool operator==(const ZoneResource&, const ZoneResource&) = default;
};

struct TopologyZone {
  std::string name;                                          // "node-0"
  std::string type;                                          // "Node" for a NUMA node
  std::vector<std::pair<std::string, std::int64_t>> costs;   // to the zone of that name
  std::vector<ZoneResource> resources;

  friend bool operator==(const TopologyZone&, const TopologyZone&) = default;
};

struct NodeResourceTopology {
  NodeName node;
  std::string policy;                              // attribute topologyManagerPolicy; empty: not published
  std::string scope;                               // attribute topologyManagerScope
  std::vector<std::string> topology_policies;      // the older way to say both: SingleNUMANodeContainerLevel
  std::map<std::string, std::string> attributes;   // the others
  std::vector<TopologyZone> zones;

  friend bool operator==(const NodeResourceTopology&, const NodeResourceTopology&) = default;
};

struct NumatopologyCpu {
  int cpu = 0;
  int numa = 0;
  int socket = 0;
  int core = 0;   // counted anew in every socket

  friend bool operator==(const NumatopologyCpu&, const NumatopologyCpu&) = default;
};

struct NumatopologyResource {
  std::string name;
  std::string allocatable;   // a list of CPUs, or of a device's indices
  std::int64_t capacity = 0;

  friend bool operator==(const NumatopologyResource&, const NumatopologyResource&) = default;
};

struct Numatopology {
  NodeName node;
  std::string cpu_policy;        // policies.CPUManagerPolicy
  std::string topology_policy;   // policies.TopologyManagerPolicy
  MilliCpu reserved_cpu;         // resReserved.cpu
  std::vector<NumatopologyResource> resources;
  std::vector<NumatopologyCpu> cpus;

  friend bool operator==(const Numatopology&, const Numatopology&) = default;
};

}   // namespace ebb::model
