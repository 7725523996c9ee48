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

std::optional<Instant> deadline_of(const model::Pod& pod, const std::vector<const model::Owner*>& owners) {
  const auto stated = [&](const model::Annotations& annotations) -> const std::string* {
    const auto found = annotations.find(kDeadlineAnnotation);
    return found == annotations.end() ? nullptr : &found->second;
  };
  if (const std::string* text = stated(pod.annotations)) return parse_deadline(*text, pod.created);
  for (const model::Owner* owner : owners) {
    if (const std::string* text = stated(owner->annotations)) return parse_deadline(*text, pod.created);
  }
  return std::nullopt;
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
