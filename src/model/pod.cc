#include "model/pod.h"

#include <algorithm>

namespace ebb::model {
namespace {

constexpr std::string_view kHugePagesPrefix = "hugepages-";

// CPU, memory and huge pages are all that a pod may state for itself as a whole.
bool states_pod_level(const std::optional<Resources>& resources) {
  if (!resources) return false;
  if (resources->cpu.v != 0 || resources->memory.v != 0) return true;
  return std::ranges::any_of(resources->scalars, [](const auto& scalar) { return scalar.first.starts_with(kHugePagesPrefix); });
}

// What the pod states for itself replaces the sum of its containers, resource by resource. Zero
// means "not stated": the API server refuses a pod-level amount below the containers' sum.
void apply_pod_level(Resources& sum, const Resources& stated) {
  if (stated.cpu.v != 0) sum.cpu = stated.cpu;
  if (stated.memory.v != 0) sum.memory = stated.memory;
  for (const auto& [name, amount] : stated.scalars) {
    if (name.starts_with(kHugePagesPrefix)) sum.scalars[name] = amount;
  }
}

// The larger of what runs together (containers and sidecars) and of the most that is needed while
// starting: each init container beside the sidecars started before it.
Resources aggregate(const Pod& pod, Resources Container::* amounts) {
  const auto amount = [&](const Container& container) { return with_published_names(container.*amounts); };
  Resources running;
  for (const Container& container : pod.containers) running += amount(container);

  Resources sidecars;
  Resources starting;
  for (const Container& container : pod.init_containers) {
    if (container.sidecar) {
      running += amount(container);
      sidecars += amount(container);
      starting = max(starting, sidecars);
    } else {
      Resources together = sidecars;
      together += amount(container);
      starting = max(starting, together);
    }
  }
  return max(running, starting);
}

// The class of one amount: equal and zero, equal and not zero, or different.
KubernetesQos shape_of(std::int64_t request, std::int64_t limit) {
  if (request != limit) return KubernetesQos::burstable;
  return request == 0 ? KubernetesQos::best_effort : KubernetesQos::guaranteed;
}

KubernetesQos combine(KubernetesQos a, KubernetesQos b) { return a == b ? a : KubernetesQos::burstable; }

KubernetesQos shape_of(const Resources& requests, const Resources& limits) {
  return combine(shape_of(requests.cpu.v, limits.cpu.v), shape_of(requests.memory.v, limits.memory.v));
}

}   // namespace

const OwnerRef* Pod::controller() const {
  const auto found = std::ranges::find_if(owners, &OwnerRef::controller);
  return found == owners.end() ? nullptr : &*found;
}

Resources effective_requests(const Pod& pod) {
  Resources requests = aggregate(pod, &Container::requests);
  if (pod.pod_requests) apply_pod_level(requests, *pod.pod_requests);
  requests += pod.overhead;
  requests.pods = 1;
  return requests;
}

Resources effective_limits(const Pod& pod) {
  Resources limits = aggregate(pod, &Container::limits);
  if (pod.pod_limits) apply_pod_level(limits, *pod.pod_limits);
  // Overhead widens a limit that exists; it does not make one.
  if (limits.cpu.v != 0) limits.cpu += pod.overhead.cpu;
  if (limits.memory.v != 0) limits.memory += pod.overhead.memory;
  if (limits.ephemeral_storage.v != 0) limits.ephemeral_storage += pod.overhead.ephemeral_storage;
  for (auto& [name, amount] : limits.scalars) {
    if (amount != 0) amount += pod.overhead.scalar(name);
  }
  return limits;
}

KubernetesQos kubernetes_qos(const Pod& pod) {
  if (states_pod_level(pod.pod_requests) || states_pod_level(pod.pod_limits)) {
    return shape_of(pod.pod_requests.value_or(Resources{}), pod.pod_limits.value_or(Resources{}));
  }
  std::optional<KubernetesQos> qos;
  for (const auto* containers : {&pod.init_containers, &pod.containers}) {
    for (const Container& container : *containers) {
      const KubernetesQos shape = shape_of(container.requests, container.limits);
      qos = qos ? combine(*qos, shape) : shape;
    }
  }
  return qos.value_or(KubernetesQos::best_effort);
}

}   // namespace ebb::model
