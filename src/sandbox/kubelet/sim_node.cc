#include "sandbox/kubelet/sim_node.h"

#include "sandbox/kubelet/node_objects.h"

namespace ebb::sandbox {

SimNode::SimNode(const KubeletOptions& options, std::int32_t number, Instant now)
    : index(number),
      name(options.name_prefix + std::to_string(number + 1)),
      ip(node_ip(number + 1)),
      ready_since(now),
      machine({.cpu = options.cpu, .memory = options.memory, .numa_nodes = options.numa_nodes, .system = options.system}, now,
              options.window),
      pace(options.seed * 1'000'003 + static_cast<std::uint64_t>(number)) {}

std::string SimNode::take_address() {
  constexpr std::int32_t kPerNode = 254;
  std::string address;
  for (std::int32_t tries = 0; tries < kPerNode; ++tries) {
    last_address = last_address % kPerNode + 1;
    address = pod_ip(index + 1, last_address);
    if (addresses.insert(address).second) break;
  }
  return address;
}

model::NodeReport SimNode::short_report(Instant now) const {
  return {.node = node.name,
          .time = now,
          .use = machine.use(),
          .numa = {},
          .cpu_pressure = decision.cpu_pressure,
          .memory_pressure = decision.memory_pressure,
          .be_cpu_limit = decision.be_cpu_limit.value_or(MilliCpu{0})};
}

}   // namespace ebb::sandbox
