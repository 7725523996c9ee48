#include "core/accelerators/fragmentation.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ebb::core::accelerators {

std::int64_t ModelDemand::Class::weight_within(std::int64_t cpu) const {
  const auto above = std::upper_bound(steps.begin(), steps.end(), cpu, [](std::int64_t c, const CpuStep& step) { return c < step.cpu; });
  return above == steps.begin() ? 0 : std::prev(above)->weight_up_to;
}

ModelDemand::ModelDemand(const TypicalPods& typical, std::string_view model) : weight_total_(typical.weight_total) {
  std::map<std::pair<std::int32_t, std::int32_t>, std::map<std::int64_t, std::int64_t>> by_class;   // (share, count) -> CPU -> weight
  for (const TypicalPod& pod : typical.pods) {
    if (pod.request.count == 0 || !pod.request.allows(model)) {
      elsewhere_ += pod.weight;
      continue;
    }
    by_class[{static_cast<std::int32_t>(pod.request.share.v), pod.request.count}][pod.request.cpu.v] += pod.weight;
  }
  for (const auto& [size, by_cpu] : by_class) {
    Class entry{.count = size.second, .share = size.first, .weight = 0, .steps = {}};
    for (const auto& [cpu, weight] : by_cpu) {
      entry.weight += weight;
      entry.steps.push_back({cpu, entry.weight});
    }
    classes_.push_back(std::move(entry));
  }
}

std::int64_t ModelDemand::fragmentation(MilliCpu cpu_free, const FreeDevices& free) const {
  const std::int64_t total = free.total();
  if (total == 0) return 0;
  std::int64_t lost = elsewhere_ * total;
  for (const Class& wanted : classes_) {
    std::int32_t enough = 0;
    std::int64_t scraps = 0;   // on devices with less than the share
    for (const std::int32_t left : free.values()) {
      if (left >= wanted.share) {
        ++enough;
      } else {
        scraps += left;
      }
    }
    if (enough < wanted.count) {
      lost += wanted.weight * total;
      continue;
    }
    const std::int64_t satisfied = wanted.weight_within(cpu_free.v);
    lost += satisfied * scraps + (wanted.weight - satisfied) * total;
  }
  return lost;
}

}   // namespace ebb::core::accelerators
