// What one score costs, and what learning an outlook costs: sixty distinct requests, nodes of eight devices.

#include "core/accelerators/ebb_score.h"

#include "base/rng.h"

#include <benchmark/benchmark.h>

#include <vector>

namespace ebb::core::accelerators {
namespace {

AcceleratorRequest random_request(Rng& rng) {
  AcceleratorRequest request{.cpu = MilliCpu{rng.between(1, 16) * 1000}, .count = 1, .share = kWholeDevice, .models = {}};
  if (rng.chance(Permille{400})) request.share = GpuMilli{rng.between(5, 95) * 10};
  return request;
}

TypicalPods sixty_requests() {
  Rng rng(1);
  PodHistory history;
  for (int i = 0; i < 60; ++i) history.saw(random_request(rng), rng.between(1, 100));
  return history.typical(Permille{1000});
}

std::vector<AcceleratorNode> nodes() {
  Rng rng(2);
  std::vector<AcceleratorNode> result(256);
  for (AcceleratorNode& node : result) {
    node = {.model = "G2", .cpu_free = MilliCpu{rng.between(20, 96) * 1000}, .devices = std::vector<Device>(8)};
    for (Device& device : node.devices) device.free = GpuMilli{rng.chance(Permille{500}) ? 1000 : rng.between(50, 95) * 10};
  }
  return result;
}

template <class Score>
void score_nodes(benchmark::State& state, const AcceleratorRequest& request, Score score) {
  const std::vector<AcceleratorNode> all = nodes();
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(score(all[next], request));
    next = (next + 1) % all.size();
  }
}

const AcceleratorRequest kWhole{.cpu = MilliCpu{8000}, .count = 1, .share = kWholeDevice, .models = {}};
const AcceleratorRequest kShared{.cpu = MilliCpu{8000}, .count = 1, .share = GpuMilli{470}, .models = {}};

void fgd_score_of(benchmark::State& state, const AcceleratorRequest& request) {
  const ModelDemand demand(sixty_requests(), "G2");
  score_nodes(state, request, [&](const AcceleratorNode& node, const AcceleratorRequest& r) { return fgd_score(demand, node, r); });
}

void ebb_score_of(benchmark::State& state, const AcceleratorRequest& request) {
  const Outlook outlook(sixty_requests(), "G2", {});
  score_nodes(state, request, [&](const AcceleratorNode& node, const AcceleratorRequest& r) { return ebb_score(outlook, node, r); });
}

void learn_outlook(benchmark::State& state) {
  const TypicalPods history = sixty_requests();
  for (auto _ : state) benchmark::DoNotOptimize(Outlook(history, "G2", {}));
}

BENCHMARK_CAPTURE(fgd_score_of, whole_device, kWhole);
BENCHMARK_CAPTURE(fgd_score_of, shared_device, kShared);
BENCHMARK_CAPTURE(ebb_score_of, whole_device, kWhole);
BENCHMARK_CAPTURE(ebb_score_of, shared_device, kShared);
BENCHMARK(learn_outlook)->Unit(benchmark::kMillisecond);

}   // namespace
}   // namespace ebb::core::accelerators
