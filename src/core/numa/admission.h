#pragma once

// The kubelet's answer to a pod, with what each container got.

#include "core/numa/machine.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::core::numa {

// Reasons as they stand in the status of a pod that was refused.
inline constexpr std::string_view kTopologyAffinityError = "TopologyAffinityError";
inline constexpr std::string_view kSmtAlignmentError = "SMTAlignmentError";
inline constexpr std::string_view kUnexpectedAdmissionError = "UnexpectedAdmissionError";

struct Refusal {
  std::string_view reason;
  std::string message;
};

// An error of a manager that has no reason of its own.
Refusal unexpected(std::string_view error);

// So much of one kind of memory, somewhere on these nodes.
struct MemoryBlock {
  NodeMask nodes = 0;
  int resource = 0;   // index in MemoryRules::resources
  std::int64_t size = 0;

  friend bool operator==(const MemoryBlock&, const MemoryBlock&) = default;
};

struct DeviceGrant {
  int resource = 0;   // index in DeviceRules::resources
  int node = 0;       // index; -1: devices without a node
  int count = 0;
  int reused = 0;   // of these, how many an init container of the pod had before

  friend bool operator==(const DeviceGrant&, const DeviceGrant&) = default;
};

struct ContainerGrant {
  std::string name;
  bool init = false;    // over once the pod's containers run; never true for a sidecar
  model::CpuSet cpus;   // exclusive ones; empty: the shared pool
  std::vector<MemoryBlock> memory;
  std::vector<DeviceGrant> devices;

  friend bool operator==(const ContainerGrant&, const ContainerGrant&) = default;
};

struct Admission {
  bool admitted = false;
  std::string_view reason;
  std::string message;
  std::vector<ContainerGrant> containers;   // in order of admission; of a refused pod what had been given before it was refused
};

}   // namespace ebb::core::numa
