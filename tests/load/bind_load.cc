// What a scheduler makes of many pods on a real API server, seen from outside: creates bare nodes and
// pods that wait for a scheduler, and says when which share of them was bound.
//
//   ebb_bind_load KUBECONFIG nodes N             creates N nodes
//   ebb_bind_load KUBECONFIG pods NAMESPACE N    creates N pods that name no scheduler
//   ebb_bind_load KUBECONFIG bound NAMESPACE N   waits until N pods are bound; prints FIRST and LAST, milliseconds since 1970
//
// A bound pod is counted by the server: the watch selects pods with a node name.

#include "kube/client.h"
#include "kube/kubeconfig.h"

#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using ebb::kube::Client;

constexpr int kThreads = 8;

[[noreturn]] void give_up(const ebb::Error& error) {
  fmt::print(stderr, "ebb_bind_load: {}\n", error.message);
  std::exit(1);
}

[[noreturn]] void explain_usage() {
  fmt::print(stderr, "usage: ebb_bind_load KUBECONFIG nodes N | pods NAMESPACE N | bound NAMESPACE N\n");
  std::exit(2);
}

std::string node_body(int i) {
  return fmt::format(R"({{"apiVersion":"v1","kind":"Node","metadata":{{"name":"node-{0}","labels":{{"kubernetes.io/hostname":"node-{0}",)"
                     R"("topology.kubernetes.io/zone":"zone-{1}"}}}},"status":{{"capacity":{{"cpu":"32","memory":"128Gi","pods":"110"}},)"
                     R"("allocatable":{{"cpu":"32","memory":"128Gi","pods":"110"}},"conditions":[{{"type":"Ready","status":"True"}}]}}}})",
                     i, i % 10);
}

std::string pod_body(int i) {
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"pod-{0}","labels":{{"app":"app-{1}"}}}},)"
      R"("spec":{{"containers":[{{"name":"main","image":"example.com/app:1","resources":{{"requests":{{"cpu":"100m","memory":"128Mi"}}}}}}]}}}})",
      i, i % 100);
}

void create_all(Client& client, const std::string& target, int count, const std::function<std::string(int)>& body) {
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = next++; i < count; i = next++) {
        const auto made = client.request({.method = "POST", .target = target, .body = body(i)});
        if (!made) give_up(made.error());
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

long long milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// A watch that the server ends early is opened anew and begins with the pods that are bound by then.
void wait_for_bound(Client& client, const std::string& pods, int count) {
  long long first = 0;
  for (int bound = 0; bound < count;) {
    auto stream = client.watch(pods + "?watch=true&fieldSelector=spec.nodeName%21%3D");
    if (!stream) give_up(stream.error());
    for (bound = 0; bound < count;) {
      const auto line = (*stream)->next(ebb::minutes(2));
      if (!line) give_up(line.error());
      if (!line->has_value()) break;
      if (!(*line)->starts_with(R"({"type":"ADDED")")) continue;
      ++bound;
      if (first == 0) first = milliseconds_now();
    }
  }
  fmt::print("{} {}\n", first, milliseconds_now());
}

int number(std::string_view text) {
  int value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ptr != text.data() + text.size() || value < 1) explain_usage();
  return value;
}

}   // namespace

int main(int argc, char** argv) {
  if (argc < 4) explain_usage();
  auto access = ebb::kube::load_access(argv[1]);
  if (!access) give_up(access.error());
  const auto client = Client::make(std::move(*access));
  if (!client) give_up(client.error());
  const std::string_view verb = argv[2];
  if (verb == "nodes" && argc == 4) {
    create_all(**client, "/api/v1/nodes", number(argv[3]), node_body);
    return 0;
  }
  if (argc != 5) explain_usage();
  const std::string pods = fmt::format("/api/v1/namespaces/{}/pods", argv[3]);
  if (verb == "pods") {
    create_all(**client, pods, number(argv[4]), pod_body);
  } else if (verb == "bound") {
    wait_for_bound(**client, pods, number(argv[4]));
  } else {
    explain_usage();
  }
  return 0;
}
