#pragma once

// How much of a node may be oversold to offline work, term by term and per resource:
//
//   result = allocatable x threshold - reserve - max(0, system use - (capacity - allocatable))
//            - requests of HLS pods - peak use of the other online pods
//
// never negative, and with an overcommit ratio never more than allocatable x ratio - requests of
// online pods. HLS counts at its request: its cores are exclusive, its memory is never reclaimed.
// Any other pod that is not offline, one that said nothing included, counts at its use; one without
// fresh metrics at its request. A node without fresh metrics has nothing to oversell.

#include "core/colocation/qos.h"
#include "model/colocation_policy.h"
#include "model/node.h"
#include "model/node_report.h"
#include "model/pod.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ebb::core {

struct UseSample {
  model::Use use;
  Instant time;
};

// One pod on the node, bound or assumed, as the formula counts it.
struct PodLoad {
  model::QosClass qos = model::QosClass::ls;
  bool offline = false;
  bool running = false;
  Instant running_since;             // when it was first seen running here
  model::Use requests;               // native
  model::Use oversold;               // what it takes of the oversold amount; zero unless offline
  std::optional<UseSample> sample;   // its own use, from metrics.k8s.io
};

// What an offline pod takes of the oversold amount: its requests of batch-cpu and batch-memory, or
// its native ones where it kept them. Zero for any other pod.
model::Use oversold_requests(const model::Pod& pod, const Resolved& resolved);

PodLoad pod_load(const model::Pod& pod, const Resolved& resolved);

struct OversoldInput {
  const model::Node& node;
  const model::NodePolicy& policy;
  std::span<const PodLoad> pods;               // none of them terminal
  const model::NodeReport* report = nullptr;   // its use by class: silent pods are in ls, not in be
  std::optional<UseSample> node_use;           // from metrics.k8s.io, where there is no fresh report
};

template <class Unit>
struct OversoldTerms {
  Unit allocatable;
  Permille threshold;
  Unit line;   // allocatable x threshold
  Unit reserve;
  Unit system_use;
  Unit system_reserve;   // capacity - allocatable
  Unit system_excess;    // what system use takes beyond that
  Unit hls_requests;
  Unit predicted_peak;                  // of online pods that are not HLS
  std::optional<Unit> overcommit_cap;   // allocatable x ratio - requests of online pods
  Unit allocated;                       // what offline pods on the node take already
  Unit result;

  friend bool operator==(const OversoldTerms&, const OversoldTerms&) = default;
};

enum class MetricsSource { none, report, metrics_api };

std::string_view to_string(MetricsSource source);   // "no fresh metrics", "node report", "metrics.k8s.io"

struct Oversold {
  bool colocation = false;   // off: both results are zero
  MetricsSource source = MetricsSource::none;
  std::int32_t pods_at_request = 0;   // online pods without fresh metrics
  OversoldTerms<MilliCpu> cpu;
  OversoldTerms<Bytes> memory;

  friend bool operator==(const Oversold&, const Oversold&) = default;
};

Oversold compute_oversold(const OversoldInput& input, Instant now);

}   // namespace ebb::core
