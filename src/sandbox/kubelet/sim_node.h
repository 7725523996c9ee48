#pragma once

// One simulated node as its kubelet holds it: the Node object as last seen, the machine, the three
// lines, and the pods that were admitted.

#include "core/colocation/three_lines.h"
#include "model/node.h"
#include "sandbox/api/controller.h"
#include "sandbox/kubelet/kubelet_options.h"
#include "sandbox/kubelet/report_pace.h"
#include "world/machine.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ebb::sandbox {

struct SimNode {
  SimNode(const KubeletOptions& options, std::int32_t number, Instant now);

  std::int32_t index = 0;
  std::string name;
  std::string ip;
  bool present = false;   // the Node object exists
  Instant ready_since;
  model::Node node;   // as last seen

  world::Machine machine;
  core::ThreeLines lines;
  core::ThreeLinesDecision decision;   // the last one
  model::NodePolicy policy;
  ReportPace pace;
  bool report_exists = false;

  std::vector<world::Handle> pods;   // admitted, in order of arrival, until their objects are gone
  model::Resources used;             // what those of them ask for that have not ended
  std::multiset<model::HostPort> host_ports;
  bool host_port_taken(const model::HostPort& port) const {
    return std::ranges::any_of(host_ports, [&](const model::HostPort& held) { return held.clashes(port); });
  }
  std::set<std::string> images;
  std::set<std::string> addresses;   // of pods here
  std::int32_t last_address = 0;
  std::map<model::Uid, Instant> refused_until;   // evictions that a disruption budget refused
  std::int64_t heartbeats = 0;

  // An address that no pod here has, the longest unused one first.
  std::string take_address();
  model::Use allocatable() const { return {node.allocatable.cpu, node.allocatable.memory}; }
  // Without the part by NUMA node, which costs more than it takes to see whether a report is due.
  model::NodeReport short_report(Instant now) const;
};

}   // namespace ebb::sandbox
