#pragma once

// How one node keeps the three lines of a policy for its offline work. All are use / allocatable:
//
//    0 -------- water 0.60 -------- admission 0.80 -------- pressure 0.90 -------- 1
//      BE may     BE is pushed back:    no BE pod is           BE is pushed to its floor
//      grow       CPU quota, memory     placed that would      at once; what is still above
//                 reclaim; evicted      pass it                the line one interval later
//                 under distress                               is evicted
//
// Where colocation is switched off there are no lines, and the BE that lives on oversold resources is
// asked to leave: some pods per interval, once the grace period has passed since the switch.
//
// An eviction is the last means, never costs a Job (it always leaves one attempt), and goes through
// the Eviction API, so that disruption budgets hold.

#include "base/time.h"
#include "base/units.h"
#include "model/colocation_policy.h"
#include "model/names.h"
#include "model/node_report.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace ebb::core {

enum class LineResource { cpu, memory };

enum class EvictionReason {
  watermark,   // above the water line, and online work is in distress or the policy is aggressive
  pressure,    // above the pressure line for an interval
  psi,         // above the water line, and the kernel's stall information is what shows the distress
  label,       // colocation is off for the node (its label, or the policy), which has BE left
};

std::string_view to_string(LineResource resource);
std::string_view to_string(EvictionReason reason);

// What tells that online work suffers now.
struct Distress {
  bool latency = false;
  bool run_queue = false;
  bool psi = false;
  bool throttling = false;

  constexpr bool any() const { return latency || run_queue || psi || throttling; }
  friend bool operator==(const Distress&, const Distress&) = default;
};

struct OfflinePod {
  model::ObjectKey key;
  model::Uid uid;
  model::Use requests;
  model::Use use;
  std::int32_t priority = 0;   // spec.priority
  std::int32_t band = 0;       // of scheduling.openfuyao.io/priority; the larger stays longer
  model::Uid job;              // the Job that owns it; empty: none
  bool terminating = false;
  bool eviction_refused = false;   // a disruption budget said no a moment ago: another one goes first
};

// What the Job controller has counted against backoffLimit, or will.
struct JobBudget {
  std::int32_t backoff_limit = 6;
  std::int32_t failed = 0;
  std::int32_t terminating = 0;   // pods that will be counted as failed
  std::int32_t restarts = 0;      // of containers, of all its pods

  // Evictions that leave the Job an attempt.
  constexpr std::int32_t left() const { return backoff_limit - 1 - failed - terminating - restarts; }
};

struct NodeObservation {
  model::Use allocatable;
  model::UseByClass use;
  std::vector<OfflinePod> offline;        // while colocation is off: those that live on oversold resources
  std::map<model::Uid, JobBudget> jobs;   // every Job that owns an offline pod here; an unknown one has nothing left
  Distress distress;
};

struct Victim {
  model::ObjectKey key;
  model::Uid uid;
  LineResource resource = LineResource::cpu;
  EvictionReason reason = EvictionReason::watermark;
};

struct ThreeLinesDecision {
  std::optional<MilliCpu> be_cpu_limit;   // for BE together; none: the node has no lines
  std::optional<Bytes> be_memory_limit;   // BE is reclaimed down to this; none: nothing is reclaimed
  bool may_grow = true;                   // BE is under the water line in both resources
  bool admit = false;                     // the node can take BE work now
  model::Use admission_room;              // up to the admission line, beside online use and what BE asked for
  bool cpu_pressure = false;
  bool memory_pressure = false;
  std::vector<Victim> evictions;
};

struct ThreeLinesSettings {
  Duration interval = seconds(1);   // how long suppression may take until it shows
  Duration cpu_cooldown = seconds(20);
  Duration memory_cooldown = seconds(4);
  Duration smoothing = seconds(4);   // time constant for the water line; the pressure line reads raw use
  Permille hysteresis{20};           // of allocatable: how far under a line it counts as left
  Permille floor{20};                // of allocatable: what suppression leaves to BE
  Permille growth_per_second{100};   // of allocatable: how fast the limit opens again; it closes at once
  std::size_t leaving_at_once = 3;   // pods asked to leave in one interval after colocation is switched off
};

// No BE pod may be placed that would pass it. With an aggressive policy it is the water line.
Permille cpu_admission_line(const model::NodePolicy& policy);
Permille memory_admission_line(const model::NodePolicy& policy);

class ThreeLines {
 public:
  explicit ThreeLines(ThreeLinesSettings settings = {}) : settings_(settings) {}

  // Level-triggered: a victim that is still here and not terminating at a later observation was not
  // evicted, costs no cooldown, and is named again or passed over.
  ThreeLinesDecision step(Instant now, const model::NodePolicy& policy, const NodeObservation& seen);

 private:
  struct Line {
    std::int64_t smoothed = 0;
    bool above_water = false;
    std::optional<Instant> pressure_since;
  };
  struct Asked {
    LineResource resource = LineResource::cpu;
    Instant at;
  };
  class Round;

  Line& line(LineResource resource) { return resource == LineResource::cpu ? cpu_ : memory_; }
  Duration cooldown(LineResource resource) const;
  void settle(Instant now, const NodeObservation& seen);
  void read_line(Instant now, LineResource resource, const Round& round);
  void limit_cpu(Instant now, const Round& round, ThreeLinesDecision& decision);
  void limit_memory(const Round& round, ThreeLinesDecision& decision) const;
  void evict_under_pressure(Instant now, LineResource resource, Round& round, ThreeLinesDecision& decision);
  ThreeLinesDecision empty(Instant now, const model::NodePolicy& policy, const NodeObservation& seen);
  void evict_above_water(Instant now, Round& round, ThreeLinesDecision& decision);

  ThreeLinesSettings settings_;
  Line cpu_, memory_;
  std::optional<Instant> last_;
  std::optional<Instant> off_since_;   // colocation is off
  Instant next_leaving_{INT64_MIN};    // when the next pods are asked to leave
  std::optional<MilliCpu> be_cpu_limit_;
  std::map<model::Uid, Asked> asked_;   // evictions named, not yet seen to have an effect
  Instant cooldown_until_{INT64_MIN};
};

}   // namespace ebb::core
