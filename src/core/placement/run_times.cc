#include "core/placement/run_times.h"

#include "core/colocation/qos.h"
#include "model/duration.h"
#include "model/timestamp.h"

#include <string>

namespace ebb::core::placement {
namespace {

std::optional<Instant> parse_deadline(const std::string& text, Instant created) {
  if (const auto time = model::parse_timestamp(text)) return *time;
  if (const auto duration = model::parse_duration(text, model::DurationUnits::with_days)) return created + *duration;
  return std::nullopt;
}

}   // namespace

std::optional<StatedDeadline> stated_deadline(const model::Pod& pod, const std::vector<const model::Owner*>& owners) {
  const auto stated = [&](const model::Annotations& annotations) -> std::optional<StatedDeadline> {
    const auto found = annotations.find(kDeadlineAnnotation);
    if (found == annotations.end()) return std::nullopt;
    return StatedDeadline{found->second, parse_deadline(found->second, pod.created)};
  };
  std::optional<StatedDeadline> deadline = stated(pod.annotations);
  for (const model::Owner* owner : owners) {
    if (!deadline) deadline = stated(owner->annotations);
  }
  return deadline;
}

std::optional<Instant> deadline_of(const model::Pod& pod, const std::vector<const model::Owner*>& owners) {
  const std::optional<StatedDeadline> stated = stated_deadline(pod, owners);
  return stated ? stated->at : std::nullopt;
}

void RunTimes::ended(const model::Uid& workload, Duration ran) {
  if (workload.empty() || ran < Duration{}) return;
  const auto [found, added] = known_.try_emplace(workload, ran);
  if (!added) found->second = Duration{found->second.v + (ran.v - found->second.v) / 4};
}

std::optional<Duration> RunTimes::expected(const model::Uid& workload) const {
  const auto found = known_.find(workload);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

model::Uid RunTimes::workload_of(const model::Pod& pod, const std::vector<const model::Owner*>& owners) {
  if (!owners.empty()) return owners.back()->uid;
  const model::OwnerRef* controller = pod.controller();
  return controller == nullptr ? model::Uid() : controller->uid;
}

}   // namespace ebb::core::placement
