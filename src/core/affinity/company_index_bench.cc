// What the company of pods costs on a large cluster: one pod comes, one asks which nodes fit and how
// they score. 5,000 nodes in three zones carry range(0) pods each, of 200 applications.

#include "core/affinity/company_index.h"

#include <benchmark/benchmark.h>

#include <numeric>
#include <string>
#include <vector>

namespace ebb::core::affinity {
namespace {

constexpr Slot kNodes = 5'000;
constexpr int kApplications = 200;

model::PodAffinityTerm term_of(const std::string& app, const std::string& key) {
  model::PodAffinityTerm term;
  term.selector = model::LabelSelector{{{"app", model::SelectorOperator::in, {app}}}};
  term.topology_key = key;
  return term;
}

model::TopologySpreadConstraint spread_of(const std::string& app, const std::string& key, bool required) {
  model::TopologySpreadConstraint constraint;
  constraint.max_skew = 5;
  constraint.topology_key = key;
  constraint.required = required;
  constraint.selector = model::LabelSelector{{{"app", model::SelectorOperator::in, {app}}}};
  return constraint;
}

constexpr const char* kHost = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

enum Asks : int { nothing, anti_affinity_host, affinity_zone, spread_zone_and_host, prefer_zone_and_host, everything };

model::Pod pod_of(int application, int asks) {
  model::Pod pod;
  const std::string app = "app-" + std::to_string(application);
  pod.key.ns = "default";
  pod.labels = {{"app", app}};
  const bool all = asks == everything;
  if (all || asks == anti_affinity_host) pod.required_anti_affinity = {term_of(app, kHost)};
  if (all || asks == affinity_zone) pod.required_affinity = {term_of(app, kZone)};
  if (all || asks == spread_zone_and_host) pod.spread_constraints = {spread_of(app, kZone, true), spread_of(app, kHost, true)};
  if (asks == prefer_zone_and_host) pod.spread_constraints = {spread_of(app, kZone, false), spread_of(app, kHost, false)};
  if (all || asks == prefer_zone_and_host) pod.preferred_affinity = {{10, term_of(app, kZone)}, {5, term_of(app, kHost)}};
  return pod;
}

class Cluster {
 public:
  Cluster(int asks, std::int64_t pods_per_node) {
    for (Slot slot = 0; slot < kNodes; ++slot) {
      model::Node node;
      node.labels = {{kHost, "node-" + std::to_string(slot)}, {kZone, "zone-" + std::to_string(slot % 3)}};
      index.node_seen(slot, node);
    }
    for (int app = 0; app < kApplications; ++app) {
      const model::Pod pod = pod_of(app, asks);
      classes.push_back(index.acquire_class(pod));
      requirements.push_back(index.acquire(requirement_of(pod)));
    }
    for (Slot slot = 0; slot < kNodes; ++slot) {
      for (std::int64_t i = 0; i < pods_per_node; ++i) {
        index.add_pod(slot, classes[(slot * 31 + static_cast<Slot>(i)) % kApplications], false);
      }
    }
    std::iota(feasible.begin(), feasible.end(), 0u);
  }

  CompanyIndex index;
  std::vector<ClassId> classes;
  std::vector<RequirementId> requirements;
  std::vector<Slot> feasible = std::vector<Slot>(kNodes);
  std::vector<std::uint8_t> fits = std::vector<std::uint8_t>(kNodes, 1);
  std::vector<std::int64_t> inter_pod = std::vector<std::int64_t>(kNodes);
  std::vector<std::int64_t> spread = std::vector<std::int64_t>(kNodes);
};

void BM_PodComesAndGoes(benchmark::State& state) {
  Cluster cluster(static_cast<int>(state.range(1)), state.range(0));
  std::size_t at = 0;
  for (auto _ : state) {
    const auto slot = static_cast<Slot>(at * 7 % kNodes);
    const ClassId id = cluster.classes[at % kApplications];
    cluster.index.add_pod(slot, id, false);
    cluster.index.remove_pod(slot, id, false);
    ++at;
  }
}

void BM_Refuse(benchmark::State& state) {
  Cluster cluster(static_cast<int>(state.range(1)), state.range(0));
  std::size_t at = 0;
  for (auto _ : state) {
    cluster.index.refuse(cluster.requirements[at++ % kApplications], cluster.fits);
    benchmark::DoNotOptimize(cluster.fits.data());
  }
}

void BM_Score(benchmark::State& state) {
  Cluster cluster(static_cast<int>(state.range(1)), state.range(0));
  std::size_t at = 0;
  for (auto _ : state) {
    cluster.index.score(cluster.requirements[at++ % kApplications], cluster.feasible, cluster.inter_pod, cluster.spread);
    benchmark::DoNotOptimize(cluster.inter_pod.data());
  }
}

void BM_AddRefuseScore(benchmark::State& state) {
  Cluster cluster(static_cast<int>(state.range(1)), state.range(0));
  std::size_t at = 0;
  for (auto _ : state) {
    const std::size_t app = at % kApplications;
    const auto slot = static_cast<Slot>(at * 7 % kNodes);
    cluster.index.add_pod(slot, cluster.classes[app], false);
    std::fill(cluster.fits.begin(), cluster.fits.end(), std::uint8_t{1});
    cluster.index.refuse(cluster.requirements[app], cluster.fits);
    cluster.index.score(cluster.requirements[app], cluster.feasible, cluster.inter_pod, cluster.spread);
    benchmark::DoNotOptimize(cluster.inter_pod.data());
    state.PauseTiming();
    cluster.index.remove_pod(slot, cluster.classes[app], false);
    state.ResumeTiming();
    ++at;
  }
  state.SetItemsProcessed(state.iterations());
}

// A shape of pods that is asked about for the first time, among range(0) pods on each node.
void BM_NewRequirement(benchmark::State& state) {
  Cluster cluster(spread_zone_and_host, state.range(0));
  int app = 0;
  for (auto _ : state) {
    const RequirementId id = cluster.index.acquire(requirement_of(pod_of(app++ % kApplications, everything)));
    benchmark::DoNotOptimize(id);
    cluster.index.release(id);
  }
}

void BM_NodeIsRelabelled(benchmark::State& state) {
  Cluster cluster(everything, state.range(0));
  model::Node node;
  std::uint64_t at = 0;
  for (auto _ : state) {
    node.labels = {{kHost, "node-0"}, {kZone, "zone-" + std::to_string(++at % 3)}};
    cluster.index.node_seen(0, node);
  }
}

#define EBB_EVERY_QUESTION   \
  ArgNames({"pods", "asks"}) \
      ->ArgsProduct({{30}, {anti_affinity_host, affinity_zone, spread_zone_and_host, prefer_zone_and_host, everything}})
BENCHMARK(BM_PodComesAndGoes)->EBB_EVERY_QUESTION;
BENCHMARK(BM_Refuse)->EBB_EVERY_QUESTION;
BENCHMARK(BM_Score)->EBB_EVERY_QUESTION;
BENCHMARK(BM_AddRefuseScore)->EBB_EVERY_QUESTION;
BENCHMARK(BM_NewRequirement)->ArgName("pods")->Arg(30);
BENCHMARK(BM_NodeIsRelabelled)->ArgName("pods")->Arg(30);

}   // namespace
}   // namespace ebb::core::affinity
