// What one change costs the controllers of a big cluster, and what a Deployment of a thousand pods
// costs from nothing to available.

#include "base/check.h"
#include "sandbox/api/make_api.h"
#include "sandbox/controllers/controllers.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"
#include "sandbox/store/persistence.h"
#include "sandbox/store/stored.h"

#include <benchmark/benchmark.h>

#include <algorithm>

namespace ebb::sandbox::control {
namespace {

struct Cluster {
  Cluster() {
    api = make_api({.now = now, .seed = 7});
    controllers = make_controllers(*api, {.root_ca_pem = "a certificate"});
    api->observe([this](const Change& change) {
      changed = true;
      for (auto& controller : controllers) controller->observe(change);
    });
    settle();
  }
  void settle() {
    for (changed = true; changed;) {
      changed = false;
      Instant next = kNever;
      for (auto& controller : controllers) next = std::min(next, controller->run(now));
      if (changed || next > now + seconds(2)) continue;
      now = std::max(now, next);
      changed = true;
    }
  }
  void add_deployment(const std::string& name, int replicas) {
    const std::string text = fmt::format(R"({{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{0}","namespace":"default"}},
      "spec":{{"replicas":{1},"selector":{{"matchLabels":{{"app":"{0}"}}}},
               "template":{{"metadata":{{"labels":{{"app":"{0}"}}}},"spec":{{"containers":[{{"name":"main","image":"x"}}]}}}}}}}})",
                                         name, replicas);
    auto created = api->create(resources::kDeployments, json::parse(text).as_object(), {}, now);
    EBB_CHECK(created.has_value());
    settle();
  }

  Instant now{1'764'000'000'000'000'000};
  std::unique_ptr<Api> api;
  std::vector<std::unique_ptr<Controller>> controllers;
  bool changed = false;
};

void ADeploymentOfAThousandPods(benchmark::State& state) {
  for (auto _ : state) {
    Cluster cluster;
    cluster.add_deployment("web", 1000);
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(ADeploymentOfAThousandPods)->Unit(benchmark::kMillisecond);

void OnePodBecomesReadyAmong(benchmark::State& state) {
  Cluster cluster;
  for (std::int64_t i = 0; i < state.range(0) / 500; ++i) cluster.add_deployment(fmt::format("web{}", i), 500);
  const auto pods = cluster.api->list(resources::kPods);
  std::size_t next = 0;
  bool ready = false;
  for (auto _ : state) {
    next = (next + 7919) % pods.size();
    if (next < 7919) ready = !ready;
    json::object pod = *cluster.api->get(resources::kPods, pods[next]->key);
    child(pod, "status")["phase"] = "Running";
    child(pod, "status")["conditions"] = json::array{json::object{{"type", "Ready"}, {"status", ready ? "True" : "False"}}};
    benchmark::DoNotOptimize(cluster.api->update(resources::kPods, std::move(pod), "status", {}, cluster.now));
    cluster.settle();
  }
}
BENCHMARK(OnePodBecomesReadyAmong)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}   // namespace
}   // namespace ebb::sandbox::control
