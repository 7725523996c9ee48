#pragma once

// What a simulated container does once it runs: how much CPU and memory it wants, whether and how it
// ends. A profile is chosen by rules (namespace, owner, labels), so that users' manifests run as they
// are; annotations on the pod refine it:
//
//    sandbox.openfuyao.io/load-low, load-high      percent of the requested CPU at trough and peak
//    sandbox.openfuyao.io/load-period              duration of one day of the load: "1m"
//    sandbox.openfuyao.io/cpu-max                  never wants more than this: "1", "500m"
//    sandbox.openfuyao.io/memory                   percent of the requested memory
//    sandbox.openfuyao.io/work-cpu-seconds         ends once it was granted this much: "3", "500m"
//    sandbox.openfuyao.io/run-seconds              ends after this time
//    sandbox.openfuyao.io/exit-code                with which it ends (0..255)
//    sandbox.openfuyao.io/fail-times               only its first N runs end with exit-code, later ones with 0
//    sandbox.openfuyao.io/start-seconds, stop-seconds   until it runs; until it has stopped

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "model/names.h"
#include "model/qos_class.h"
#include "world/load_curve.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::world {

inline constexpr std::string_view kAnnotationPrefix = "sandbox.openfuyao.io/";

// CPU granted over time: one CPU for one nanosecond.
struct CpuTime : Amount<CpuTime> {};

constexpr CpuTime cpu_seconds(std::int64_t n) { return CpuTime{n * 1'000'000'000}; }

struct Workload {
  LoadCurve cpu{};                     // of the requested CPU
  std::optional<MilliCpu> cpu_max{};   // none: as much as the curve says
  Permille memory{600};                // of the requested memory
  std::optional<CpuTime> work{};       // ends once it was granted this much
  std::optional<Duration> run_for{};   // ends after this time
  std::int32_t exit_code = 0;
  std::optional<std::int32_t> fail_times{};   // none: every run ends with exit_code
  Duration start = milliseconds(300);         // pulling the image and starting the container
  Duration stop = milliseconds(500);          // from the signal to the end

  bool ends() const { return work.has_value() || run_for.has_value(); }
  // Of the run after `runs_before` others.
  std::int32_t exit_code_of(std::int32_t runs_before) const { return fail_times && runs_before >= *fail_times ? 0 : exit_code; }
  friend bool operator==(const Workload&, const Workload&) = default;
};

// Whom a rule is about. Empty fields match everybody; the owner is any of the pod's chain.
struct WorkloadRule {
  std::string ns;
  std::string owner_kind;
  std::string owner_name;
  model::Labels labels;
  std::optional<model::QosClass> qos;
  Workload workload;
};

struct WorkloadSubject {
  std::string_view ns;
  const model::Labels& labels;
  std::vector<std::pair<std::string_view, std::string_view>> owners;   // kind and name
  model::QosClass qos = model::QosClass::ls;
};

bool matches(const WorkloadRule& rule, const WorkloadSubject& subject);

// The first rule that matches; a steady half of the requests where none does.
Workload choose_workload(const std::vector<WorkloadRule>& rules, const WorkloadSubject& subject);

// `day` is the period of the online load, whose trough is at `trough`: HLS uses a steady half of its
// CPU, LS follows the day between 15 and 45 %, a Job's pod is three CPU-seconds of work, other
// offline work never ends and uses what it asked for.
std::vector<WorkloadRule> default_rules(Duration day, Instant trough);

// Errors: invalid, naming the first annotation that is wrong, its value and what is allowed; the others
// are applied all the same.
Status refine(Workload& workload, const model::Annotations& annotations);

}   // namespace ebb::world
