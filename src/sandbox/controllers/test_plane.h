#pragma once

// A whole control plane for tests: the real API and the real controllers, with the time in the
// test's hand. What a scheduler and kubelets would do to pods, the test does by its own words.

#include "sandbox/api/make_api.h"
#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/controllers.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"
#include "sandbox/store/persistence.h"
#include "sandbox/store/stored.h"

#include "model/timestamp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::sandbox::control {

inline json::object from_json(std::string_view text) { return json::parse(json::string_view(text.data(), text.size())).as_object(); }

class TestPlane {
 public:
  explicit TestPlane(AdmissionHook admission = {}, ControllerOptions options = {.root_ca_pem = "a certificate"}) {
    api = make_api({.now = now, .pod_admission = std::move(admission), .seed = 7});
    controllers = make_controllers(*api, std::move(options));
    api->observe([this](const Change& change) {
      changed_ = true;
      for (auto& controller : controllers) controller->observe(change);
    });
    settle();
  }

  // Runs everything until nothing is due at this time.
  void settle() {
    for (int round = 0; round < 2000; ++round) {
      changed_ = false;
      next_ = kNever;
      for (auto& controller : controllers) next_ = std::min(next_, controller->run(now));
      if (on_round) on_round();
      if (!changed_ && next_ > now) return;
    }
    ADD_FAILURE() << "the controllers never come to rest";
  }

  // Stops wherever something is due on the way.
  void advance(Duration by) {
    const Instant end = now + by;
    while (next_ <= end) {
      now = std::max(next_, now);
      settle();
    }
    now = end;
    settle();
  }

  json::object create(const ResourceId& resource, json::object object) {
    auto created = api->create(resource, std::move(object), caller, now);
    if (!created) {
      ADD_FAILURE() << created.error().message;
      return {};
    }
    return *std::move(created);
  }
  json::object create(const ResourceId& resource, std::string_view text) { return create(resource, from_json(text)); }

  json::object get(const ResourceId& resource, const std::string& name, const std::string& ns = "default") {
    auto object = api->get(resource, {ns, name});
    return object ? *std::move(object) : json::object();
  }
  bool exists(const ResourceId& resource, const std::string& name, const std::string& ns = "default") {
    return api->get(resource, {ns, name}).has_value();
  }
  void edit(const ResourceId& resource, const model::ObjectKey& key, const std::function<void(json::object&)>& change,
            std::string_view subresource = "") {
    auto object = api->get(resource, key);
    ASSERT_TRUE(object) << object.error().message;
    change(*object);
    const auto written = api->update(resource, *std::move(object), subresource, caller, now);
    ASSERT_TRUE(written) << written.error().message;
  }
  void remove(const ResourceId& resource, const std::string& name, DeleteOptions options = {}, const std::string& ns = "default") {
    const auto removed = api->remove(resource, {ns, name}, options, caller, now);
    ASSERT_TRUE(removed) << removed.error().message;
  }

  std::vector<json::object> list(const ResourceId& resource, const std::string& ns = "default") {
    std::vector<json::object> objects;
    for (const auto& stored : api->list(resource)) {
      if (stored->key.ns == ns) objects.push_back(stored->parse());
    }
    return objects;
  }
  std::vector<json::object> live_pods(const std::string& ns = "default") {
    auto pods = list(resources::kPods, ns);
    std::erase_if(pods, [](const json::object& pod) {
      const std::string phase = text_at(pod, "status.phase");
      return is_deleting(pod) || phase == "Succeeded" || phase == "Failed";
    });
    return pods;
  }
  // Events with that reason about that object, repeats counted.
  std::int64_t events(std::string_view reason, const std::string& about, const std::string& ns = "default") {
    std::int64_t count = 0;
    for (const auto& event : list(resources::kEvents, ns)) {
      if (text_at(event, "reason") == reason && text_at(event, "involvedObject.name") == about)
        count += number_at(event, "count").value_or(1);
    }
    return count;
  }

  void bind(const model::ObjectKey& pod, const std::string& node) {
    Request request{.method = "POST",
                    .path = "/api/v1/namespaces/" + pod.ns + "/pods/" + pod.name + "/binding",
                    .content_type = "application/json",
                    .user = "system:kube-scheduler"};
    request.body = R"({"apiVersion":"v1","kind":"Binding","metadata":{"name":")" + pod.name + R"("},"target":{"kind":"Node","name":")" +
                   node + R"("}})";
    const auto answer = api->handle(request, now);
    const auto* response = std::get_if<Response>(&answer);
    ASSERT_NE(response, nullptr);
    ASSERT_EQ(response->status, 201);
  }
  void set_phase(const model::ObjectKey& pod, std::string_view phase, bool ready = false, int restarts = 0) {
    edit(
        resources::kPods, pod,
        [&](json::object& object) {
          json::object& status = child(object, "status");
          status["phase"] = phase;
          set_condition(status, {"Ready", ready ? "True" : "False", "", ""}, now);
          json::object container{{"name", "main"}, {"restartCount", restarts}, {"ready", ready}, {"image", "x"}, {"imageID", "x"}};
          if (phase == "Succeeded" || phase == "Failed") {
            const int exit_code = phase == "Failed" ? 1 : 0;
            container["state"] = {{"terminated", {{"exitCode", exit_code}, {"finishedAt", model::to_timestamp_text(now)}}}};
          }
          status["containerStatuses"] = json::array{std::move(container)};
        },
        "status");
  }
  // Every live pod runs and is ready.
  void start_pods(const std::string& ns = "default") {
    for (const auto& pod : live_pods(ns)) {
      if (text_at(pod, "status.phase") != "Running") set_phase(key_of(pod), "Running", true);
    }
    settle();
  }

  Instant now{1'764'000'000'000'000'000};
  Caller caller{.user = "tester", .field_manager = "test"};
  std::unique_ptr<Api> api;
  std::vector<std::unique_ptr<Controller>> controllers;
  std::function<void()> on_round;   // looks at every intermediate state

 private:
  bool changed_ = false;
  Instant next_ = kNever;
};

}   // namespace ebb::sandbox::control
