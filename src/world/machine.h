#pragma once

// One simulated machine: cores and memory on NUMA nodes, and the pods on it. Time goes on in steps
// that the caller chooses; in each, CPU is granted by tier: exclusive cores first, then the shared
// pool by weight, and reclaimed work gets what is left under its limit. So an online pod gets less
// than it wants only where the machine is really short. Integers only: the same calls give the same
// machine everywhere.

#include "base/time.h"
#include "base/units.h"
#include "base/wide.h"
#include "model/node_report.h"
#include "model/qos_class.h"
#include "world/workload.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ebb::world {

enum class CpuTier {
  exclusive,   // its requested cores and nobody else on them
  shared,      // by weight
  reclaimed,   // what the others leave, under the limit in force
};

struct MachineShape {
  MilliCpu cpu = cpus(16);
  Bytes memory = gibibytes(64);
  std::int32_t numa_nodes = 2;
  model::Use system{MilliCpu{100}, mebibytes(512)};   // what runs outside pods
};

using Handle = std::uint64_t;   // the caller's name for a pod on a machine

struct MachinePod {
  Handle handle = 0;
  model::QosClass qos = model::QosClass::ls;   // under which its use is counted
  CpuTier tier = CpuTier::shared;
  model::Use requests;
  MilliCpu cpu_limit;   // zero: none
  Workload workload;
  std::int32_t runs_before = 0;   // how often its container ran already
};

struct MachineKnobs {
  std::optional<MilliCpu> be_cpu_limit;
  std::optional<Bytes> be_memory_limit;   // reclaim takes what it can down to this
  Permille burst{1000};                   // of its own limit that a shared pod may use

  friend bool operator==(const MachineKnobs&, const MachineKnobs&) = default;
};

struct Ended {
  Handle handle = 0;
  Instant at;
  std::int32_t exit_code = 0;
  bool out_of_memory = false;
};

// Windows in which an online pod got under 95 % of the CPU it wanted.
struct Violations {
  std::int64_t windows = 0;
  std::int64_t violated = 0;

  friend Violations operator+(Violations a, Violations b) { return {a.windows + b.windows, a.violated + b.violated}; }
  friend bool operator==(const Violations&, const Violations&) = default;
};

// Use summed over time: milli-CPU and bytes, each times nanoseconds.
struct UseIntegral {
  Int128 cpu = 0;
  Int128 memory = 0;
};

class Machine {
 public:
  Machine(MachineShape shape, Instant start, Duration window = seconds(5));

  // Requires: a handle that is not there. Exclusive cores that are not free make it run shared;
  // the answer is the tier it got.
  CpuTier add(const MachinePod& pod, Instant now);
  void remove(Handle handle);
  void retier(Handle handle, CpuTier tier);
  void set_knobs(const MachineKnobs& knobs) { knobs_ = knobs; }

  // Goes on to `now`. Who ended is off the machine.
  std::vector<Ended> advance(Instant now);

  const MachineShape& shape() const { return shape_; }
  std::size_t pods() const { return pods_.size(); }
  Instant now() const { return now_; }
  const model::UseByClass& use() const { return use_; }
  std::vector<model::NumaNodeReport> numa() const;
  std::optional<model::Use> use_of(Handle handle) const;
  std::optional<MilliCpu> wish_of(Handle handle) const;
  MilliCpu exclusive_cpu() const { return exclusive_; }
  bool online_short() const { return online_short_; }   // an online pod got too little in the last step
  Violations violations() const { return violations_; }
  UseIntegral used() const { return used_; }
  CpuTime offline_cpu() const { return offline_cpu_; }

 private:
  struct Resident {
    MachinePod pod;
    Instant from;            // the run's start
    Instant counted;         // work is counted up to here
    std::int32_t home = 0;   // NUMA node
    MilliCpu wish{};         // in the last step
    model::Use use{};
    CpuTime done{};
    CpuTime window_wanted{}, window_granted{};
  };

  Resident* find(Handle handle);
  const Resident* find(Handle handle) const;
  std::int32_t choose_home(const MachinePod& pod) const;
  void settle_tier(Resident& resident);
  void wish(Instant at);
  void grant_cpu();
  void grant_tier(CpuTier tier, MilliCpu capacity);
  void take_memory();
  void count(Instant until, std::vector<Ended>& ended);
  void close_window();
  std::optional<Ended> end_of(const Resident& resident, Instant until) const;
  void kill_for_memory(std::vector<Ended>& ended);

  MachineShape shape_;
  Duration window_;
  Instant now_, window_start_;
  MachineKnobs knobs_;
  std::vector<Resident> pods_;   // in order of arrival
  std::vector<MilliCpu> exclusive_by_home_;
  MilliCpu exclusive_;
  model::UseByClass use_;
  bool online_short_ = false;
  Violations violations_;
  UseIntegral used_;
  CpuTime offline_cpu_;
};

}   // namespace ebb::world
