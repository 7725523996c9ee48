#pragma once

// How the embedded API is made: what the sandbox hands in (persistence, pod admission, measured
// usage, history limits) and the start of its life (built-in namespaces, priority classes).

#include "base/result.h"
#include "sandbox/api/api.h"
#include "sandbox/store/persistence.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

// What an admission hook is asked about. `object` is complete (defaults are in) but not yet validated.
struct AdmissionReview {
  std::string_view group, version, kind, resource;
  std::string_view ns;
  std::string_view operation;   // CREATE
  std::string_view user;
};

// Changes the object, or refuses it: an error becomes a 403 whose message is the error's.
using AdmissionHook = std::function<Status(const AdmissionReview&, json::object& object)>;

// Current use, for metrics.k8s.io. Amounts are quantities ("250m", "1Gi").
struct ContainerUsage {
  std::string name, cpu, memory;
};
struct PodUsage {
  std::string ns, name;
  model::Labels labels;
  std::vector<ContainerUsage> containers;
};
struct NodeUsage {
  std::string name;
  model::Labels labels;
  std::string cpu, memory;
};
struct UsageSnapshot {
  Instant time;
  Duration window = seconds(15);
};
struct MetricsSource {
  std::function<UsageSnapshot()> snapshot;
  std::function<std::vector<NodeUsage>()> nodes;
  std::function<std::vector<PodUsage>()> pods;
};

struct ApiOptions {
  Instant now;                                 // when the server starts
  std::unique_ptr<Persistence> persistence;    // null: memory only
  AdmissionHook pod_admission;                 // asked for pods on create; empty: none
  MetricsSource metrics;                       // empty functions: metrics.k8s.io is not served
  std::uint64_t seed = 0;                      // of uids and generated names; 0: random
  Duration history = minutes(5);               // how long old resource versions can be read
  std::int64_t speed = 1;                      // of the clock that gives `now`: a watch's timeoutSeconds are real ones
  std::size_t history_events = 100'000;        // per resource
  std::size_t history_bytes = 128u << 20;      // of superseded text, per resource
  std::string service_address = "10.96.0.1";   // of the `kubernetes` Service
};

// Errors: those of Persistence::load, and invalid where a kept object is not one.
Result<std::unique_ptr<Api>> try_make_api(ApiOptions options);

// For memory-only servers, which cannot fail. Requires: a persistence, if any, that loads.
std::unique_ptr<Api> make_api(ApiOptions options);

}   // namespace ebb::sandbox
