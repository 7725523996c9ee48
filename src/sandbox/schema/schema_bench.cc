#include "sandbox/schema/schema.h"
#include "sandbox/schema/type_table.h"

#include <benchmark/benchmark.h>

#include <algorithm>

namespace ebb::sandbox {

extern const std::string_view kBuiltinTypes;

namespace {

const Kind& kind_of(std::string_view resource) { return *std::ranges::find(builtin_kinds(), resource, &Kind::resource); }

json::object a_pod() {
  return json::parse(
             R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n","labels":{"app":"web"}},"spec":{"nodeName":"node-1",
      "tolerations":[{"key":"a","operator":"Exists"}],"containers":[{"name":"c","image":"nginx:1","ports":[{"containerPort":80}],
      "resources":{"requests":{"cpu":"500m","memory":"1Gi"},"limits":{"cpu":"1","memory":"1Gi"}}}]},"status":{"phase":"Running","podIP":"10.0.0.1"}})")
      .as_object();
}

void BM_ParseBuiltinTypes(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(parse_type_table(kBuiltinTypes));
}
BENCHMARK(BM_ParseBuiltinTypes)->Unit(benchmark::kMillisecond);

void BM_PodIntoStoredForm(benchmark::State& state) {
  const Kind& kind = kind_of("pods");
  const json::object sent = a_pod();
  for (auto _ : state) {
    json::object pod = sent;
    std::vector<std::string> unknown;
    benchmark::DoNotOptimize(prune_and_check(*kind.schema, pod, unknown));
    apply_defaults(kind, pod);
    benchmark::DoNotOptimize(validate(kind, pod, nullptr));
  }
}
BENCHMARK(BM_PodIntoStoredForm);

void BM_TrackPodCreation(benchmark::State& state) {
  const Kind& kind = kind_of("pods");
  const json::object sent = a_pod();
  for (auto _ : state) {
    json::object pod = sent;
    track_update(*kind.schema, nullptr, pod, {.manager = "m", .api_version = "v1", .subresource = {}, .now = Instant{}});
    benchmark::DoNotOptimize(pod);
  }
}
BENCHMARK(BM_TrackPodCreation);

void BM_TrackPodStatus(benchmark::State& state) {
  const Kind& kind = kind_of("pods");
  json::object before = a_pod();
  track_update(*kind.schema, nullptr, before, {.manager = "m", .api_version = "v1", .subresource = {}, .now = Instant{}});
  for (auto _ : state) {
    json::object after = before;
    after["status"].as_object()["phase"] = "Succeeded";
    track_update(*kind.schema, &before, after, {.manager = "kubelet", .api_version = "v1", .subresource = "status", .now = Instant{}});
    benchmark::DoNotOptimize(after);
  }
}
BENCHMARK(BM_TrackPodStatus);

void BM_PodRow(benchmark::State& state) {
  const Kind& kind = kind_of("pods");
  const json::object pod = a_pod();
  for (auto _ : state) benchmark::DoNotOptimize(table_cells(kind, {}, pod, Instant{}));
}
BENCHMARK(BM_PodRow);

void BM_OpenApiCore(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(open_api_v3(builtin_kinds(), "v1"));
}
BENCHMARK(BM_OpenApiCore)->Unit(benchmark::kMillisecond);

}   // namespace
}   // namespace ebb::sandbox
