#include "sandbox/kubelet/original_limits.h"

#include "core/admission/original_resources.h"

#include <algorithm>
#include <string>

namespace ebb::sandbox {
namespace {

// A pod is limited where every container that runs beside the others is.
class Sum {
 public:
  void add(const model::Container& container, const core::OriginalContainer* original) {
    // What stands natively in the pod is later than the annotation, where both are there.
    const MilliCpu cpu = container.limits.cpu.v != 0 ? container.limits.cpu : original_of(original, &core::OriginalAmounts::cpu);
    const Bytes memory = container.limits.memory.v != 0 ? container.limits.memory : original_of(original, &core::OriginalAmounts::memory);
    cpu_limited_ = cpu_limited_ && cpu.v > 0;
    memory_limited_ = memory_limited_ && memory.v > 0;
    limits_.cpu += cpu;
    limits_.memory += memory;
  }

  model::Resources limits(const model::Resources& overhead) const {
    model::Resources all;
    if (cpu_limited_) all.cpu = limits_.cpu + overhead.cpu;
    if (memory_limited_) all.memory = limits_.memory + overhead.memory;
    return all;
  }

 private:
  template <class Unit>
  static Unit original_of(const core::OriginalContainer* original, std::optional<Unit> core::OriginalAmounts::* amount) {
    return original == nullptr ? Unit{0} : (original->limits.*amount).value_or(Unit{0});
  }

  model::Resources limits_;
  bool cpu_limited_ = true;
  bool memory_limited_ = true;
};

template <class Originals>
const core::OriginalContainer* find_in(const Originals& originals, const std::string& name) {
  const auto found = originals.find(name);
  return found == originals.end() ? nullptr : &found->second;
}

}   // namespace

std::optional<model::Resources> original_limits(const model::Pod& pod, const model::Annotations& annotations) {
  const auto kept = annotations.find(core::kOriginalResourcesAnnotation);
  if (kept == annotations.end()) return std::nullopt;
  const auto originals = core::parse_original_resources(kept->second);
  if (!originals) return std::nullopt;
  Sum sum;
  for (const model::Container& container : pod.containers) sum.add(container, find_in(originals->containers, container.name));
  for (const model::Container& container : pod.init_containers) {
    if (container.sidecar) sum.add(container, find_in(originals->init_containers, container.name));
  }
  return sum.limits(pod.overhead);
}

std::optional<Permille> memory_share_max(const model::Resources& requests, const model::Resources& limits) {
  const Bytes asked{requests.memory.v > 0 ? requests.memory.v : requests.scalar(model::kBatchMemory)};
  if (asked.v <= 0 || limits.memory.v <= 0) return std::nullopt;
  return ratio(limits.memory, asked);
}

}   // namespace ebb::sandbox
