// Pods per second through the core alone: events in, decisions out, answers back.

#include "core/placement/placement.h"

#include "core/placement/placement_testing.h"

#include <benchmark/benchmark.h>

#include <string>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;

void add_nodes(Placement& placement, Instant now, Actions& out, std::int64_t nodes) {
  for (std::int64_t i = 0; i < nodes; ++i) {
    model::Node node = a_node("node-" + std::to_string(i), 64, 256);
    node.labels = {{"kubernetes.io/hostname", node.name.v}, {"topology.kubernetes.io/zone", "zone-" + std::to_string(i % 3)}};
    placement.step(now, model::NodeSeen{node}, out);
  }
}

void answer_all(Placement& placement, Instant now, Actions& actions, Actions& ignored) {
  for (const NumberedAction& action : actions) {
    if (std::holds_alternative<model::Bind>(action.action)) placement.step(now, model::ActionDone{action.id, std::nullopt}, ignored);
  }
  actions.clear();
  ignored.clear();
}

// Basic pods of range(1) shapes on range(0) nodes.
void BM_BasicPods(benchmark::State& state) {
  const Instant now = Instant{} + hours(1);
  Actions actions;
  Actions ignored;
  std::int64_t made = 0;
  auto placement = std::make_unique<Placement>();
  const auto start_over = [&] {
    placement = std::make_unique<Placement>();
    add_nodes(*placement, now, actions, state.range(0));
    placement->step(now, model::Synced{}, actions);
    actions.clear();
  };
  start_over();
  const std::int64_t full = state.range(0) * 40;
  std::int64_t placed = 0;
  for (auto _ : state) {
    if (placed >= full) {
      state.PauseTiming();
      start_over();
      placed = 0;
      state.ResumeTiming();
    }
    for (int i = 0; i < 500; ++i) {
      model::Pod pod = a_pod("pod-" + std::to_string(made), MilliCpu{100 + 10 * (made % state.range(1))}, mebibytes(500));
      ++made;
      placement->step(now, model::PodSeen{std::move(pod)}, actions);
    }
    placement->schedule(now, actions);
    answer_all(*placement, now, actions, ignored);
    placed += 500;
  }
  state.counters["pods/s"] = benchmark::Counter(static_cast<double>(made), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_BasicPods)->Args({500, 1})->Args({5000, 1})->Args({5000, 20})->Args({50000, 1})->Unit(benchmark::kMillisecond);

// A backlog that fits nowhere must not slow down what does.
void BM_BehindABacklog(benchmark::State& state) {
  const Instant now = Instant{} + hours(1);
  Actions actions;
  Actions ignored;
  Placement placement;
  add_nodes(placement, now, actions, 5000);
  placement.step(now, model::Synced{}, actions);
  for (int i = 0; i < 10000; ++i) {
    placement.step(now, model::PodSeen{a_pod("huge-" + std::to_string(i), MilliCpu{100'000 + i % 20})}, actions);
  }
  placement.schedule(now, actions);
  actions.clear();
  std::int64_t made = 0;
  for (auto _ : state) {
    for (int i = 0; i < 500; ++i) {
      placement.step(now, model::PodSeen{a_pod("pod-" + std::to_string(made++), MilliCpu{100}, mebibytes(500))}, actions);
    }
    placement.schedule(now, actions);
    answer_all(placement, now, actions, ignored);
    for (std::int64_t i = made - 500; i < made; ++i) {
      const std::string name = "pod-" + std::to_string(i);
      placement.step(now, model::PodGone{{"default", name}, model::Uid("uid-" + name)}, actions);
    }
  }
  state.counters["pods/s"] = benchmark::Counter(static_cast<double>(made), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_BehindABacklog)->Unit(benchmark::kMillisecond);

// The first pod of a shape nobody has seen asks every node once.
void BM_EveryPodItsOwnShape(benchmark::State& state) {
  const Instant now = Instant{} + hours(1);
  Actions actions;
  Actions ignored;
  Placement placement;
  add_nodes(placement, now, actions, 5000);
  placement.step(now, model::Synced{}, actions);
  std::int64_t made = 0;
  for (auto _ : state) {
    const std::string name = "pod-" + std::to_string(made);
    model::Pod pod = a_pod(name, MilliCpu{10}, Bytes{1'000'000 + made++});
    placement.step(now, model::PodSeen{std::move(pod)}, actions);
    placement.schedule(now, actions);
    answer_all(placement, now, actions, ignored);
    placement.step(now, model::PodGone{{"default", name}, model::Uid("uid-" + name)}, actions);
  }
  state.counters["pods/s"] = benchmark::Counter(static_cast<double>(made), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_EveryPodItsOwnShape)->Unit(benchmark::kMicrosecond);

}   // namespace
}   // namespace ebb::core::placement
