#include "core/placement/numa_check.h"

#include "core/numa/neighbours.h"
#include "core/numa/numa_fit.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::core::placement {
namespace {

using model::NumaStrategy;

numa::TopologyPolicy policy_of(NumaStrategy strategy) {
  switch (strategy) {
    case NumaStrategy::best_effort: return numa::TopologyPolicy::best_effort;
    case NumaStrategy::restricted: return numa::TopologyPolicy::restricted;
    case NumaStrategy::single_numa_node: return numa::TopologyPolicy::single_numa_node;
  }
  EBB_UNREACHABLE();
}

// The policy asks for more than the best that can be had.
bool has_strategy(const ClusterState& state) {
  const model::NumaAffinity& affinity = state.numa_affinity;
  return affinity.enabled && affinity.strategy != NumaStrategy::best_effort;
}

bool keeps_strategy(const ClusterState& state, const numa::KubeletModel& kubelet, const NumaNeed& need, const numa::Admission& admission) {
  return numa::keeps(numa::fit_of(kubelet, need.demand, admission), policy_of(state.numa_affinity.strategy));
}

bool is_device(const std::pair<std::string, std::int64_t>& one) { return one.first.find('/') != std::string::npos; }

}   // namespace

std::optional<NumaNeed> numa_need(const model::Pod& pod, const Resolved& resolved) {
  NumaNeed need{numa::demand_of(pod), {}, resolved.qos == model::QosClass::hls};
  numa::PodDemand& demand = need.demand;
  demand.uid.clear();
  for (numa::ContainerDemand& container : demand.containers) {
    container.name.clear();
    std::erase_if(container.devices, [](const auto& one) { return !is_device(one); });
  }
  if (demand.exclusive_cpus() == 0 && demand.memory().empty() && demand.devices().empty() && !need.owns_cores) return std::nullopt;
  need.neighbourhood = numa::neighbourhood_of(pod);
  return need;
}

std::string numa_refusal(const ClusterState& state, const Shape& shape, Slot slot) {
  const numa::KubeletModel* kubelet = shape.numa ? state.numa.kubelet(slot) : nullptr;
  if (kubelet == nullptr) return {};
  if (const auto refusal = kubelet->refusal(shape.numa->demand)) return fmt::format("node(s) would answer {}", refusal->reason);
  if (!has_strategy(state) || !state.numa_affinity.strict_mode) return {};
  if (keeps_strategy(state, *kubelet, *shape.numa, kubelet->predict(shape.numa->demand))) return {};
  return state.numa_affinity.strategy == NumaStrategy::single_numa_node ? "node(s) would spread the pod over NUMA nodes"
                                                                        : "node(s) would spread the pod over more NUMA nodes than it needs";
}

bool refused_by_numa(const ClusterState& state, const Shape& shape, Slot slot) { return !numa_refusal(state, shape, slot).empty(); }

std::optional<std::int64_t> numa_points(const ClusterState& state, const Shape& shape, Slot slot) {
  if (!shape.numa || !state.numa_affinity.enabled) return std::nullopt;
  const numa::KubeletModel* kubelet = state.numa.kubelet(slot);
  if (kubelet == nullptr) return 0;
  const NumaNeed& need = *shape.numa;
  const numa::Admission admission = kubelet->predict(need.demand);
  if (!admission.admitted) return 0;
  numa::NumaFit fit = numa::fit_of(*kubelet, need.demand, admission, state.numa.neighbours(slot, need.neighbourhood));
  if (!state.numa_affinity.topology_awareness) fit.distance = 0;
  std::int64_t points = numa::score(fit);
  // What is asked for and cannot be had weighs more than all finer differences.
  if (has_strategy(state) && !numa::keeps(fit, policy_of(state.numa_affinity.strategy))) points /= 2;
  if (need.owns_cores && numa::core_ownership(*kubelet, need.demand, admission) != numa::CoreOwnership::owned) points /= 2;
  return points;
}

}   // namespace ebb::core::placement
