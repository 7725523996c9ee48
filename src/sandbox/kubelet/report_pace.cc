#include "sandbox/kubelet/report_pace.h"

#include <cstdlib>

namespace ebb::sandbox {
namespace {

// A tenth of what was written, and enough of the node to matter.
bool changed(std::int64_t before, std::int64_t after, std::int64_t allocatable) {
  const std::int64_t by = std::abs(after - before);
  return by * 10 >= before && by * 100 >= allocatable && by > 0;
}

bool changed(const model::Use& before, const model::Use& after, const model::Use& allocatable) {
  return changed(before.cpu.v, after.cpu.v, allocatable.cpu.v) || changed(before.memory.v, after.memory.v, allocatable.memory.v);
}

}   // namespace

bool ReportPace::due(Instant now, const model::NodeReport& report, const model::Use& allocatable) const {
  if (now < earliest_) return false;
  if (!last_ || now >= latest_) return true;
  const model::UseByClass &a = last_->use, &b = report.use;
  return report.cpu_pressure != last_->cpu_pressure || report.memory_pressure != last_->memory_pressure ||
         changed(a.hls, b.hls, allocatable) || changed(a.ls, b.ls, allocatable) || changed(a.be, b.be, allocatable) ||
         changed(a.system, b.system, allocatable);
}

void ReportPace::written(Instant now, const model::NodeReport& report) {
  last_ = report;
  earliest_ = now + seconds(1);
  latest_ = now + model::kNodeReportInterval - milliseconds(rng_.between(0, 6000));
}

}   // namespace ebb::sandbox
