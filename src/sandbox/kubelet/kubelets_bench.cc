// What thousands of simulated nodes cost: the light step of a quiet tick, and pods from bound to running.

#include "base/check.h"
#include "model/custom_resources.h"
#include "sandbox/kubelet/kubelets.h"
#include "sandbox/store/persistence.h"
#include "sandbox/store/stored.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

namespace ebb::sandbox {
namespace {

constexpr Instant kStart{1'700'000'000'000'000'000};
const ResourceId kPods{"", "v1", "pods"};

struct Plane {
  explicit Plane(std::int32_t nodes) : api(make_api({.now = kStart, .seed = 7})), kubelets({.nodes = nodes}, kStart) {
    api->observe([this](const Change& change) { kubelets.observe(change); });
    const ResourceId definitions{"apiextensions.k8s.io", "v1", "customresourcedefinitions"};
    for (const std::string& text : model::custom_resource_definitions()) {
      EBB_CHECK(api->create(definitions, json::parse(text).as_object(), {}, now).has_value());
    }
    kubelets.connect(*api);
    pass(seconds(2));
  }
  void pass(Duration time) {
    const Instant until = now + time;
    for (;;) {
      const Instant next = kubelets.run(now);
      if (next > until) break;
      now = std::max(next, now + milliseconds(1));
    }
    now = until;
  }
  void bind(std::int32_t nodes, std::int32_t per_node, std::int32_t batch) {
    for (std::int32_t n = 1; n <= nodes; ++n) {
      for (std::int32_t p = 0; p < per_node; ++p) {
        const std::string text = fmt::format(
            R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p-{}-{}-{}","namespace":"default","labels":{{"app":"a"}}}},
                "spec":{{"nodeName":"node-{}","containers":[{{"name":"main","image":"i","resources":{{"requests":{{"cpu":"500m","memory":"1Gi"}}}}}}]}}}})",
            batch, n, p, n);
        EBB_CHECK(api->create(kPods, json::parse(text).as_object(), {}, now).has_value());
      }
    }
  }

  Instant now = kStart;
  std::unique_ptr<Api> api;
  Kubelets kubelets;
};

// One second of 5,000 nodes with 50,000 running pods: the machines' step and 500 leases.
void quiet_second(benchmark::State& state) {
  const auto nodes = static_cast<std::int32_t>(state.range(0));
  Plane plane(nodes);
  plane.bind(nodes, 10, 0);
  plane.pass(seconds(3));
  for (auto _ : state) plane.pass(seconds(1));
  state.counters["pods"] = static_cast<double>(nodes) * 10;
}
BENCHMARK(quiet_second)->Arg(100)->Arg(5000)->Unit(benchmark::kMillisecond)->Iterations(20);

// Pods from bound to running, the API's two status writes a pod included.
void pods_started(benchmark::State& state) {
  Plane plane(100);
  std::int32_t batch = 0;
  for (auto _ : state) {
    state.PauseTiming();
    plane.bind(100, 1, batch++);
    state.ResumeTiming();
    plane.pass(seconds(1));
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(pods_started)->Unit(benchmark::kMillisecond)->Iterations(20);

}   // namespace
}   // namespace ebb::sandbox
