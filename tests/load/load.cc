// What an API server makes of a large cluster: objects created a second, lists read, events fanned
// out to many watchers. Prints one figure a line; run.sh runs it against the sandbox and, where it
// was built, a real kube-apiserver.
//
//   ebb_load KUBECONFIG NODES PODS WATCHERS

#include "base/check.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"

#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using ebb::kube::Client;
using Seconds = std::chrono::duration<double>;

constexpr int kThreads = 8;
constexpr int kFannedOut = 500;

[[noreturn]] void give_up(const ebb::Error& error) {
  fmt::print(stderr, "ebb_load: {}\n", error.message);
  std::exit(1);
}

double measured(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

std::unique_ptr<Client> connect(const std::string& kubeconfig) {
  auto access = ebb::kube::load_access(kubeconfig);
  if (!access) give_up(access.error());
  auto client = Client::make(std::move(*access));
  if (!client) give_up(client.error());
  return std::move(*client);
}

std::string node_body(int i) {
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Node","metadata":{{"name":"load-{0}","labels":{{"kubernetes.io/hostname":"load-{0}","zone":"z{1}"}}}},)"
      R"("status":{{"capacity":{{"cpu":"32","memory":"128Gi","pods":"110"}},"allocatable":{{"cpu":"32","memory":"128Gi","pods":"110"}}}}}})",
      i, i % 10);
}

std::string pod_body(int i, int nodes) {
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"load-{0}","labels":{{"app":"app-{1}","tier":"backend"}}}},)"
      R"("spec":{{"nodeName":"load-{2}","containers":[{{"name":"main","image":"example.com/app:1","resources":{{"requests":{{"cpu":"100m","memory":"128Mi"}}}}}}]}}}})",
      i, i % 100, i % nodes);
}

void create_all(Client& client, const std::string& target, int from, int count, const std::function<std::string(int)>& body) {
  std::atomic<int> next = from;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = next++; i < from + count; i = next++) {
        const auto made = client.request({.method = "POST", .target = target, .body = body(i)});
        if (!made) give_up(made.error());
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

std::size_t list_in_pages(Client& client) {
  std::size_t bytes = 0;
  std::string token;
  do {
    const auto page = client.request(
        {.target = "/api/v1/namespaces/load/pods?limit=500" + (token.empty() ? "" : "&continue=" + ebb::kube::url_encode(token))});
    if (!page) give_up(page.error());
    bytes += page->body.size();
    // The token stands in the list's metadata, before the items or after them.
    const std::size_t at = page->body.find(R"("continue":")");
    token = at == std::string::npos ? "" : page->body.substr(at + 12, page->body.find('"', at + 12) - at - 12);
  } while (!token.empty());
  return bytes;
}

// Time until every watcher has seen `kFannedOut` new pods.
double fan_out(Client& client, int watchers, int first, int nodes) {
  std::atomic<int> ready = 0;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int w = 0; w < watchers; ++w) {
    threads.emplace_back([&] {
      auto stream = client.watch("/api/v1/namespaces/load/pods?watch=true&resourceVersion=0&labelSelector=app%3Dfan-out");
      if (!stream) give_up(stream.error());
      ++ready;
      for (int seen = 0; seen < kFannedOut;) {
        const auto line = (*stream)->next(ebb::seconds(60));
        if (!line) give_up(line.error());
        if (!line->has_value()) give_up({ebb::Errc::unavailable, "a watch ended early"});
        seen += (*line)->contains(R"("ADDED")") ? 1 : 0;
      }
      ++done;
    });
  }
  while (ready < watchers) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const double time = measured([&] {
    create_all(client, "/api/v1/namespaces/load/pods", first, kFannedOut, [&](int i) {
      std::string body = pod_body(i, nodes);
      const std::size_t at = body.find("app-");
      return body.replace(at, body.find('"', at) - at, "fan-out");
    });
    while (done < watchers) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  for (auto& thread : threads) thread.join();
  return time;
}

int number(const char* text) {
  int value = 0;
  const std::string_view view = text;
  if (std::from_chars(view.data(), view.data() + view.size(), value).ptr != view.data() + view.size() || value < 1) {
    fmt::print(stderr, "ebb_load: '{}' is no positive number\n", text);
    std::exit(2);
  }
  return value;
}

}   // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: ebb_load KUBECONFIG NODES PODS WATCHERS\n");
    return 2;
  }
  const int nodes = number(argv[2]);
  const int pods = number(argv[3]);
  const int watchers = number(argv[4]);
  const auto client = connect(argv[1]);
  const auto made = client->request(
      {.method = "POST", .target = "/api/v1/namespaces", .body = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"load"}})"});
  if (!made) give_up(made.error());

  const double node_time = measured([&] { create_all(*client, "/api/v1/nodes", 0, nodes, node_body); });
  fmt::print("nodes created a second: {:.0f}\n", nodes / node_time);
  const double pod_time =
      measured([&] { create_all(*client, "/api/v1/namespaces/load/pods", 0, pods, [&](int i) { return pod_body(i, nodes); }); });
  fmt::print("pods created a second: {:.0f}\n", pods / pod_time);

  std::size_t bytes = 0;
  const double page_time = measured([&] { bytes = list_in_pages(*client); });
  fmt::print("list of {} pods in pages: {:.2f} s, {:.0f} MB/s\n", pods, page_time, static_cast<double>(bytes) / 1e6 / page_time);
  const double list_time = measured([&] {
    const auto list = client->request({.target = "/api/v1/namespaces/load/pods?resourceVersion=0", .timeout = ebb::minutes(5)});
    if (!list) give_up(list.error());
    bytes = list->body.size();
  });
  fmt::print("list of {} pods at once: {:.2f} s, {:.0f} MB/s\n", pods, list_time, static_cast<double>(bytes) / 1e6 / list_time);

  const double fan_time = fan_out(*client, watchers, pods, nodes);
  fmt::print("watch events delivered a second, to {} watchers: {:.0f}\n", watchers, static_cast<double>(watchers) * kFannedOut / fan_time);
  return 0;
}
