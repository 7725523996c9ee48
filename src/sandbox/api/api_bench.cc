#include "sandbox/api/make_api.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ebb::sandbox {
namespace {

const Instant kNow{seconds(1'700'000'000).v};

std::unique_ptr<Api> server() {
  ApiOptions options;
  options.now = kNow;
  options.seed = 1;
  return make_api(std::move(options));
}

Request request(std::string method, std::string path, std::string body = {}) {
  Request made;
  made.method = std::move(method);
  made.path = std::move(path);
  made.content_type = "application/json";
  made.user_agent = "bench/1";
  made.body = std::move(body);
  return made;
}

// About what a scheduler finds in a real cluster.
std::string pod(std::size_t number) {
  return fmt::format(
      R"({{"metadata":{{"name":"web-{:06}","labels":{{"app":"web","pod-template-hash":"5d4f8c7b9"}}}},"spec":{{"containers":[{{"name":"app",)"
      R"("image":"registry.example.com/team/app:1.2.3","env":[{{"name":"A","value":"1"}},{{"name":"B","value":"2"}}],"resources":{{"requests":)"
      R"({{"cpu":"250m","memory":"256Mi"}},"limits":{{"cpu":"1","memory":"512Mi"}}}},"ports":[{{"containerPort":8080}}]}}],)"
      R"("tolerations":[{{"key":"dedicated","operator":"Equal","value":"web","effect":"NoSchedule"}}]}}}})",
      number);
}

void fill(Api& api, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) api.handle(request("POST", "/api/v1/namespaces/default/pods", pod(i)), kNow);
}

void creates_pods(benchmark::State& state) {
  auto api = server();
  std::size_t number = 0;
  for (auto _ : state) api->handle(request("POST", "/api/v1/namespaces/default/pods", pod(number++)), kNow);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(creates_pods)->Unit(benchmark::kMicrosecond);

std::size_t bytes_of(const std::vector<Piece>& pieces) {
  std::size_t bytes = 0;
  for (const Piece& piece : pieces) bytes += piece->size();
  return bytes;
}

void lists_pods(benchmark::State& state, std::string accept) {
  auto api = server();
  fill(*api, 5000);
  Request list = request("GET", "/api/v1/pods");
  list.accept = std::move(accept);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto answer = api->handle(list, kNow);
    bytes += bytes_of(std::get<Response>(answer).body);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK_CAPTURE(lists_pods, whole, "application/json")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(lists_pods, metadata, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(lists_pods, table, "application/json;as=Table;g=meta.k8s.io;v=v1")->Unit(benchmark::kMillisecond);

void fans_out_to_100_watches(benchmark::State& state) {
  auto api = server();
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 100; ++i) {
    Request watch = request("GET", "/api/v1/pods");
    watch.query = "watch=1";
    watches.push_back(std::get<std::unique_ptr<Watch>>(api->handle(watch, kNow)));
  }
  std::size_t number = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (int i = 0; i < 10; ++i) api->handle(request("POST", "/api/v1/namespaces/default/pods", pod(number++)), kNow);
    state.ResumeTiming();
    for (const auto& watch : watches) bytes += bytes_of(watch->take(1 << 20));
  }
  state.SetItemsProcessed(state.iterations() * 1000);   // events delivered
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(fans_out_to_100_watches)->Unit(benchmark::kMicrosecond);

void patches_a_status(benchmark::State& state) {
  auto api = server();
  fill(*api, 1);
  Request patch = request("PATCH", "/api/v1/namespaces/default/pods/web-000000/status");
  patch.content_type = "application/strategic-merge-patch+json";
  std::size_t number = 0;
  for (auto _ : state) {
    patch.body = fmt::format(R"({{"status":{{"message":"{}"}}}})", number++);
    api->handle(patch, kNow);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(patches_a_status)->Unit(benchmark::kMicrosecond);

}   // namespace
}   // namespace ebb::sandbox
