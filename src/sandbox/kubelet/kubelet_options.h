#pragma once

// What the simulated nodes of a sandbox are like.

#include "base/time.h"
#include "base/units.h"
#include "model/names.h"
#include "model/node_report.h"
#include "world/workload.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

inline constexpr std::string_view kKubeletVersion = "v1.37.2+ebb";

struct KubeletOptions {
  std::int32_t nodes = 3;
  std::string name_prefix = "node-";   // node-1, node-2 ...
  MilliCpu cpu = cpus(16);
  Bytes memory = gibibytes(64);
  std::int32_t numa_nodes = 2;
  std::int32_t pods_max = 110;
  model::Use system{MilliCpu{100}, mebibytes(512)};   // what runs outside pods
  // Beside kubernetes.io/hostname, os and arch.
  model::Labels labels{{"node-role.kubernetes.io/worker", "true"}, {"workload.type", "mixed"}};

  Duration tick = seconds(1);                  // how finely machines are simulated
  Duration window = seconds(5);                // of the violation measure
  Duration day = minutes(10);                  // period of the online load of the default profiles
  std::vector<world::WorkloadRule> profiles;   // asked before the default ones
  std::uint64_t seed = 1;
};

}   // namespace ebb::sandbox
