#pragma once

// A KubeCluster against an API server with a few objects, for the tests of what it reads and writes.

#include "kube/fake_api_server.h"
#include "kube/kube_cluster.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ebb::kube {

inline constexpr Instant kNow{1'795'000'000'000'000'000};

// An API server with a few objects, which writes down what it is asked to write.
class FakeCluster final {
 public:
  FakeCluster() : server_([this](Exchange& exchange) { answer(exchange); }) {
    Access access;
    access.server = server_.url();
    access.ca_pem = server_.authority().pem();
    client_ = *Client::make(std::move(access), {.seed = 1});
  }

  std::unique_ptr<KubeCluster> start(KubeClusterOptions options = {}) {
    options.pace.speed = Permille{1'000'000};
    options.now = [] { return kNow; };
    options.instance = "host";
    options.seed = 1;
    return std::make_unique<KubeCluster>(*client_, std::move(options));
  }

  // The items of a list, or with {"one" in front an object.
  void holds(std::string path, std::string items) {
    const std::lock_guard lock(mutex_);
    lists_[std::move(path)] = std::move(items);
  }
  void refuses(std::string start, int status) { refusals_[std::move(start)] = status; }
  std::vector<std::string> writes() {
    const std::lock_guard lock(mutex_);
    return writes_;
  }

 private:
  void answer(Exchange& exchange) {
    if (exchange.target.contains("watch=true")) {
      exchange.begin_stream();
      return exchange.wait_until_closed();
    }
    const std::string path = exchange.target.substr(0, exchange.target.find('?'));
    const bool optional =
        path.contains("openfuyao.io") || path.contains("metrics.k8s.io") || path.contains("podgroups") || path.contains("volcano.sh");
    if (exchange.method == "GET") {
      const std::lock_guard lock(mutex_);
      const auto found = lists_.find(path.ends_with("configmaps") ? exchange.target.substr(exchange.target.find("fieldSelector")) : path);
      if (found == lists_.end() && optional) return exchange.respond(404, R"({"kind":"Status","reason":"NotFound","message":"none"})");
      if (found != lists_.end() && found->second.starts_with("{\"one\"")) return exchange.respond(200, found->second);
      const std::string items = found == lists_.end() ? "" : found->second;
      return exchange.respond(200, R"({"metadata":{"resourceVersion":"1"},"items":[)" + items + "]}");
    }
    int status = 200;
    {
      const std::lock_guard lock(mutex_);
      writes_.push_back(exchange.method + " " + path + " " + exchange.body);
      for (const auto& [start, code] : refusals_) {
        if (writes_.back().starts_with(start)) status = code;
      }
    }
    exchange.respond(status, status == 200 ? "{}" : R"({"kind":"Status","message":"no"})");
  }

  std::mutex mutex_;
  std::map<std::string, std::string> lists_;
  std::map<std::string, int> refusals_;
  std::vector<std::string> writes_;
  FakeApiServer server_;
  std::unique_ptr<Client> client_;
};

// Everything up to Synced and what comes with it.
inline std::vector<model::ClusterEvent> until_synced(KubeCluster& cluster) {
  std::vector<model::ClusterEvent> all;
  for (int turns = 0; turns < 20'000; ++turns) {
    for (model::ClusterEvent& event : cluster.take_events(10, seconds(1))) {
      all.push_back(std::move(event));
      if (std::holds_alternative<model::Synced>(all.back())) return all;
    }
  }
  ADD_FAILURE() << "never synced";
  return all;
}

template <class Event>
std::vector<Event> only(const std::vector<model::ClusterEvent>& events) {
  std::vector<Event> found;
  for (const model::ClusterEvent& event : events) {
    if (const auto* match = std::get_if<Event>(&event)) found.push_back(*match);
  }
  return found;
}

inline std::map<std::uint64_t, std::optional<Error>> results(KubeCluster& cluster, std::size_t count) {
  std::map<std::uint64_t, std::optional<Error>> all;
  for (int turns = 0; turns < 20'000 && all.size() < count; ++turns) {
    for (model::ActionDone& done : cluster.take_results()) all[done.id] = std::move(done.error);
    static_cast<void>(cluster.take_events(100, milliseconds(100)));
  }
  EXPECT_EQ(all.size(), count);
  return all;
}

}   // namespace ebb::kube
