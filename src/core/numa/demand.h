#pragma once

// What a pod asks of the kubelet's resource managers, read from the pod once and then shown to many nodes.

#include "base/units.h"
#include "model/pod.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ebb::core::numa {

enum class ContainerKind : std::uint8_t { init, sidecar, app };

using NamedCounts = std::vector<std::pair<std::string, std::int64_t>>;   // by name

struct ContainerDemand {
  std::string name;
  ContainerKind kind = ContainerKind::app;
  MilliCpu cpu;
  NamedCounts memory;    // bytes of memory and hugepages-*, only what is asked for
  NamedCounts devices;   // everything that may be a device plugin's
};

inline constexpr std::int64_t kMostCpus = 1'000'000;   // more than any machine has, and room to add some up

struct PodDemand {
  std::string uid;
  bool guaranteed = false;
  bool pod_level = false;                    // states resources of the pod as a whole: its containers get nothing of their own
  std::vector<ContainerDemand> containers;   // init containers first, in the order they are admitted

  // How many CPUs the container gets for itself; 0: it runs in the shared pool.
  int exclusive_cpus(const ContainerDemand& container) const {
    const bool whole = guaranteed && !pod_level && container.cpu.v > 0 && container.cpu.v % 1000 == 0;
    return whole ? static_cast<int>(std::min(container.cpu.v / 1000, kMostCpus)) : 0;
  }
  bool wants_memory(const ContainerDemand& container) const { return guaranteed && !pod_level && !container.memory.empty(); }

  // What all need together: those that stay, or the largest init container with the sidecars before it.
  int exclusive_cpus() const;
  NamedCounts memory() const;
  NamedCounts devices() const;
};

PodDemand demand_of(const model::Pod& pod);

}   // namespace ebb::core::numa
