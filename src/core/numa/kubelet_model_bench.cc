#include "core/numa/kubelet_model.h"

#include <benchmark/benchmark.h>

#include "core/numa/numa_testing.h"

namespace ebb::core::numa {
namespace {

// One node of a filter: half full.
KubeletModel half_full(TopologyPolicy policy, int sockets, int nodes_per_socket, bool distribute) {
  KubeletConfig config = static_config(policy);
  config.cpu_options.distribute_across_numa = distribute;
  KubeletModel kubelet = make_kubelet(machine_of(sockets, nodes_per_socket, 16), config);
  for (int i = 0; i < sockets * nodes_per_socket * 4; ++i) kubelet.admit(pod("p" + std::to_string(i), {app(cpus(4))}));
  return kubelet;
}

void predict(benchmark::State& state, TopologyPolicy policy, int sockets, int nodes_per_socket, bool distribute) {
  const KubeletModel kubelet = half_full(policy, sockets, nodes_per_socket, distribute);
  const PodDemand demand = pod("new", {app(cpus(4))});
  for (auto _ : state) benchmark::DoNotOptimize(kubelet.predict(demand).admitted);
}

void refusal(benchmark::State& state, TopologyPolicy policy, int sockets, int nodes_per_socket) {
  const KubeletModel kubelet = half_full(policy, sockets, nodes_per_socket, false);
  const PodDemand demand = pod("new", {app(cpus(4))});
  for (auto _ : state) benchmark::DoNotOptimize(kubelet.refusal(demand).has_value());
}

BENCHMARK_CAPTURE(refusal, single_numa_node_2, TopologyPolicy::single_numa_node, 2, 1);
BENCHMARK_CAPTURE(refusal, restricted_8, TopologyPolicy::restricted, 2, 4);
BENCHMARK_CAPTURE(predict, single_numa_node_2, TopologyPolicy::single_numa_node, 2, 1, false);
BENCHMARK_CAPTURE(predict, single_numa_node_8, TopologyPolicy::single_numa_node, 2, 4, false);
BENCHMARK_CAPTURE(predict, restricted_8, TopologyPolicy::restricted, 2, 4, false);
BENCHMARK_CAPTURE(predict, best_effort_8, TopologyPolicy::best_effort, 2, 4, false);
BENCHMARK_CAPTURE(predict, distributed_8, TopologyPolicy::none, 2, 4, true);

}   // namespace
}   // namespace ebb::core::numa
