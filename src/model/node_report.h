#pragma once

// What a node says of itself: NodeReport of scheduling.openfuyao.io/v1alpha1, a cluster-scoped
// object named like its node, written by the agent or by a simulated kubelet. Written on a change
// of 10 % or more, else every 60 s; older than 180 s it is stale.

#include "base/time.h"
#include "base/units.h"
#include "model/names.h"

#include <cstdint>
#include <vector>

namespace ebb::model {

struct Use {
  MilliCpu cpu;
  Bytes memory;   // working set

  friend constexpr Use operator+(Use a, Use b) { return {a.cpu + b.cpu, a.memory + b.memory}; }
  friend constexpr Use& operator+=(Use& a, Use b) { return a = a + b; }
  friend bool operator==(const Use&, const Use&) = default;
};

// Use by who uses it. `system` is everything outside pods.
struct UseByClass {
  Use hls, ls, be, system;

  constexpr Use all() const { return hls + ls + be + system; }
  friend bool operator==(const UseByClass&, const UseByClass&) = default;
};

struct NumaNodeReport {
  std::int32_t id = 0;
  MilliCpu cpu_capacity;
  Bytes memory_capacity;
  UseByClass use;

  friend bool operator==(const NumaNodeReport&, const NumaNodeReport&) = default;
};

struct NodeReport {
  NodeName node;
  Instant time;
  UseByClass use;
  std::vector<NumaNodeReport> numa;
  bool cpu_pressure = false;   // above the pressure line
  bool memory_pressure = false;
  MilliCpu be_cpu_limit;   // what BE may use together right now (the knob in force); 0: no limit

  friend bool operator==(const NodeReport&, const NodeReport&) = default;
};

inline constexpr Duration kNodeReportInterval = seconds(60);
inline constexpr Duration kNodeReportStale = seconds(180);
inline constexpr Duration kClockSkew = seconds(30);   // that clocks of a cluster may differ by

// A measurement of that time may be believed: neither old nor from a clock that is wrong.
constexpr bool is_fresh(Instant measured, Instant now) { return now - measured <= kNodeReportStale && measured - now <= kClockSkew; }

}   // namespace ebb::model
