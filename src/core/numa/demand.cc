#include "core/numa/demand.h"

#include <algorithm>
#include <map>

namespace ebb::core::numa {
namespace {

constexpr std::string_view kHugePages = "hugepages-";

bool is_batch(std::string_view name) {
  return name == model::kBatchCpu || name == model::kBatchMemory || name == model::kBeCpu || name == model::kBeMemory;
}

ContainerDemand demand_of(const model::Container& container, ContainerKind kind) {
  ContainerDemand demand{container.name, kind, container.requests.cpu, {}, {}};
  for (const auto& [name, amount] : container.requests.scalars)
    if (name.starts_with(kHugePages) && amount > 0) demand.memory.emplace_back(name, amount);
  if (container.requests.memory.v > 0) demand.memory.emplace_back("memory", container.requests.memory.v);
  for (const auto& [name, amount] : container.limits.scalars)
    if (!name.starts_with(kHugePages) && !is_batch(name) && amount > 0) demand.devices.emplace_back(name, amount);
  return demand;
}

// Sums what stays and takes the largest of what comes and goes, for each name that `counts` yields.
template <class Counts>
NamedCounts together(const std::vector<ContainerDemand>& containers, Counts counts, bool init_alone_counts) {
  std::map<std::string, std::int64_t, std::less<>> sidecars;
  std::map<std::string, std::int64_t, std::less<>> peaks;
  std::map<std::string, std::int64_t, std::less<>> apps;
  for (const ContainerDemand& container : containers)
    for (const auto& [name, amount] : counts(container)) switch (container.kind) {
        case ContainerKind::sidecar: sidecars[name] += amount; break;
        case ContainerKind::init: peaks[name] = std::max(peaks[name], sidecars[name] + amount); break;
        case ContainerKind::app: apps[name] += amount; break;
      }
  if (init_alone_counts)
    for (const auto* more : {&peaks, &sidecars})
      for (const auto& [name, amount] : *more) apps.try_emplace(name, 0);
  NamedCounts all;
  for (const auto& [name, amount] : apps) all.emplace_back(name, std::max(amount + sidecars[name], peaks[name]));
  return all;
}

}   // namespace

int PodDemand::exclusive_cpus() const {
  int sidecars = 0;
  int peak = 0;
  int apps = 0;
  for (const ContainerDemand& container : containers) {
    const int cpus = exclusive_cpus(container);
    switch (container.kind) {
      case ContainerKind::sidecar: sidecars += cpus; break;
      case ContainerKind::init: peak = std::max(peak, sidecars + cpus); break;
      case ContainerKind::app: apps += cpus; break;
    }
  }
  return std::max(peak, apps + sidecars);
}

// A kind of memory that no app container asks for is not asked for by the pod: the kubelet leaves it out.
NamedCounts PodDemand::memory() const {
  if (!guaranteed || pod_level) return {};
  return together(containers, [](const ContainerDemand& container) -> const NamedCounts& { return container.memory; }, false);
}

NamedCounts PodDemand::devices() const {
  return together(containers, [](const ContainerDemand& container) -> const NamedCounts& { return container.devices; }, true);
}

PodDemand demand_of(const model::Pod& pod) {
  PodDemand demand;
  demand.uid = pod.uid.v;
  demand.guaranteed = model::kubernetes_qos(pod) == model::KubernetesQos::guaranteed;
  demand.pod_level = pod.pod_requests.has_value() || pod.pod_limits.has_value();
  for (const model::Container& container : pod.init_containers)
    demand.containers.push_back(demand_of(container, container.sidecar ? ContainerKind::sidecar : ContainerKind::init));
  for (const model::Container& container : pod.containers) demand.containers.push_back(demand_of(container, ContainerKind::app));
  return demand;
}

}   // namespace ebb::core::numa
