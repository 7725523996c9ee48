#include "core/numa/kubelet_model.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::core::numa {
namespace {

Refusal no_affinity() { return {kTopologyAffinityError, "Resources cannot be allocated with Topology locality"}; }

Distances distances_of(const Machine& machine) {
  std::vector<const NumaNode*> nodes;
  for (const NumaNode& node : machine.nodes) nodes.push_back(&node);
  std::sort(nodes.begin(), nodes.end(), [](const NumaNode* a, const NumaNode* b) { return a->id < b->id; });
  Distances distances;
  for (const NumaNode* node : nodes) {
    if (node->distances.size() != nodes.size()) return {};
    distances.push_back(node->distances);
  }
  return distances;
}

}   // namespace

// One pod's way through admission, on a copy of what is free.
class KubeletModel::Attempt {
 public:
  enum class Purpose : std::uint8_t { admit, verdict_only, oblige };   // the last asks for no affinity, as under the policy none

  Attempt(const Fixed& fixed, FreeState& free, const PodDemand& pod, Purpose purpose)
      : fixed_(fixed),
        free_(free),
        pod_(pod),
        has_policy_(purpose != Purpose::oblige && fixed.config.topology_policy != TopologyPolicy::none),
        verdict_only_(purpose == Purpose::verdict_only) {}

  Admission run() {
    Admission admission;
    auto refused = refusal();
    admission.admitted = !refused;
    if (refused) {
      admission.reason = refused->reason;
      admission.message = std::move(refused->message);
    }
    admission.containers = std::move(grants_);
    return admission;
  }

  std::optional<Refusal> refusal() { return fixed_.config.scope == TopologyScope::pod && has_policy_ ? pod_scope() : container_scope(); }

 private:
  bool single_only() const { return fixed_.config.topology_policy == TopologyPolicy::single_numa_node; }

  std::optional<Refusal> container_scope() {
    grants_.reserve(pod_.containers.size());
    for (const ContainerDemand& container : pod_.containers) {
      Merged affinity;
      if (has_policy_) {
        affinity = merge(container.devices, pod_.exclusive_cpus(container), pod_.wants_memory(container) ? &container.memory : nullptr);
        if (!affinity.admitted) return no_affinity();
      }
      if (auto refusal = allocate(container, affinity)) return refusal;
    }
    return std::nullopt;
  }

  std::optional<Refusal> pod_scope() {
    const NamedCounts memory = pod_.memory();
    const Merged affinity = merge(pod_.devices(), pod_.exclusive_cpus(), memory.empty() ? nullptr : &memory);
    if (!affinity.admitted) return no_affinity();
    grants_.reserve(pod_.containers.size());
    for (const ContainerDemand& container : pod_.containers)
      if (auto refusal = allocate(container, affinity)) return refusal;
    return std::nullopt;
  }

  Merged merge(const NamedCounts& devices, int cpus, const NamedCounts* memory) const {
    std::vector<ResourceHints> resources;
    resources.reserve(4);
    if (!fixed_.devices.none()) fixed_.devices.hints(free_.devices, reusable_devices_, devices, resources);
    if (fixed_.cpus && cpus > 0) resources.push_back(fixed_.cpus->hints(free_.cpus, reusable_cpus_, cpus, single_only()));
    if (fixed_.memory && memory != nullptr)
      fixed_.memory->hints(free_.memory, reusable_memory_, fixed_.memory->request_of(*memory), single_only(), resources);
    return numa::merge(resources, {fixed_.config.topology_policy, fixed_.topology.all_nodes(),
                                   fixed_.config.prefer_closest ? &fixed_.distances : nullptr});
  }

  std::optional<Refusal> allocate(const ContainerDemand& container, const Merged& affinity) {
    grants_.push_back({container.name, container.kind == ContainerKind::init, {}, {}, {}});
    ContainerGrant& grant = grants_.back();
    if (!fixed_.devices.none())
      if (auto refusal = fixed_.devices.allocate(free_.devices, reusable_devices_, container.devices, affinity.nodes, grant.init, grant))
        return refusal;
    const int cpus = fixed_.cpus ? pod_.exclusive_cpus(container) : 0;
    if (cpus > 0 && verdict_only_ && &container == &pod_.containers.back()) {   // nobody asks afterwards which CPUs are left
      if (auto refusal = fixed_.cpus->refusal(free_.cpus, cpus, affinity.nodes, reusable_cpus_)) return refusal;
    } else if (cpus > 0) {
      if (auto refusal = fixed_.cpus->allocate(free_.cpus, cpus, affinity.nodes, reusable_cpus_, grant.cpus)) return refusal;
      if (grant.init)
        reusable_cpus_ |= grant.cpus;
      else
        reusable_cpus_ -= grant.cpus;
    }
    if (fixed_.memory && pod_.wants_memory(container)) {
      if (auto refusal = fixed_.memory->allocate(free_.memory, reusable_memory_, fixed_.memory->request_of(container.memory), affinity,
                                                 grant.init, std::span(grants_).first(grants_.size() - 1), grant))
        return refusal;
    }
    return std::nullopt;
  }

  const Fixed& fixed_;
  FreeState& free_;
  const PodDemand& pod_;
  const bool has_policy_;
  const bool verdict_only_;
  std::vector<ContainerGrant> grants_;
  model::CpuSet reusable_cpus_;
  ReusableMemory reusable_memory_;
  ReusableDevices reusable_devices_;
};

Result<KubeletModel> KubeletModel::create(const Machine& machine, const KubeletConfig& config) {
  EBB_TRY(CpuTopology topology, CpuTopology::create(machine));
  EBB_TRY_VOID(check(config, machine, topology));
  auto fixed = std::make_shared<Fixed>(Fixed{config, std::move(topology), distances_of(machine), std::nullopt, std::nullopt, Devices()});
  if (config.cpu_policy == CpuPolicy::static_) {
    EBB_TRY(fixed->cpus, StaticCpus::create(fixed->topology, config));
  }
  if (config.memory_policy == MemoryPolicy::static_) fixed->memory = StaticMemory::create(machine, fixed->topology, config);
  fixed->devices = Devices::create(machine, fixed->topology);
  KubeletModel model(fixed);
  if (fixed->cpus) model.free_.cpus = fixed->cpus->initial();
  if (fixed->memory) model.free_.memory = fixed->memory->initial();
  model.free_.devices = fixed->devices.initial();
  return model;
}

Admission KubeletModel::predict(const PodDemand& pod) const {
  if (const auto* granted = find(pod.uid)) return {true, {}, {}, *granted};
  FreeState free = free_;
  return Attempt(*fixed_, free, pod, Attempt::Purpose::admit).run();
}

std::optional<Refusal> KubeletModel::refusal(const PodDemand& pod) const {
  if (find(pod.uid) != nullptr) return std::nullopt;
  FreeState free = free_;
  return Attempt(*fixed_, free, pod, Attempt::Purpose::verdict_only).refusal();
}

Admission KubeletModel::admit(const PodDemand& pod) {
  if (const auto* granted = find(pod.uid)) return {true, {}, {}, *granted};
  Admission admission = Attempt(*fixed_, free_, pod, Attempt::Purpose::admit).run();
  if (admission.admitted)
    pods_.emplace(pod.uid, admission.containers);
  else
    release(free_, admission.containers);
  return admission;
}

bool KubeletModel::adopt(const PodDemand& pod) {
  if (admit(pod).admitted) return true;
  Admission forced = Attempt(*fixed_, free_, pod, Attempt::Purpose::oblige).run();
  if (forced.admitted)
    pods_.emplace(pod.uid, std::move(forced.containers));
  else
    release(free_, forced.containers);
  return forced.admitted;
}

void KubeletModel::release(FreeState& free, const std::vector<ContainerGrant>& containers) const {
  for (const ContainerGrant& container : containers) {
    free.cpus.shared |= container.cpus;
    if (fixed_->memory) fixed_->memory->release(free.memory, container.memory);
    fixed_->devices.release(free.devices, container.devices);
  }
}

void KubeletModel::started(std::string_view uid) {
  const auto pod = pods_.find(uid);
  if (pod == pods_.end()) return;
  for (ContainerGrant& container : pod->second) {
    if (!container.init || !fixed_->memory) continue;
    fixed_->memory->release(free_.memory, container.memory);
    container.memory.clear();
  }
}

void KubeletModel::remove(std::string_view uid) {
  const auto pod = pods_.find(uid);
  if (pod == pods_.end()) return;
  release(free_, pod->second);
  pods_.erase(pod);
}

bool KubeletModel::restore(const std::string& uid, std::vector<ContainerGrant> containers) {
  if (pods_.contains(uid)) return false;
  model::CpuSet cpus;
  for (const ContainerGrant& container : containers) cpus |= container.cpus;
  if (!free_.cpus.shared.contains_all(cpus)) return false;
  free_.cpus.shared -= cpus;
  for (ContainerGrant& container : containers)
    if (fixed_->memory)
      fixed_->memory->take(free_.memory, container.memory);
    else
      container.memory.clear();
  for (const ContainerGrant& container : containers) fixed_->devices.take(free_.devices, container.devices);
  pods_.emplace(uid, std::move(containers));
  return true;
}

void KubeletModel::take_cpus(const model::CpuSet& cpus) { free_.cpus.shared -= cpus; }

void KubeletModel::take_memory(int node_index, int resource, Bytes amount) {
  EBB_CHECK(node_index >= 0 && node_index < topology().node_count());
  if (fixed_->memory) fixed_->memory->take_unknown(free_.memory, node_index, resource, amount.v);
}

void KubeletModel::take_devices(int node_index, int resource, int count) {
  fixed_->devices.take(free_.devices, {{resource, node_index, count, 0}});
}

const std::vector<ContainerGrant>* KubeletModel::find(std::string_view uid) const {
  const auto pod = pods_.find(uid);
  return pod == pods_.end() ? nullptr : &pod->second;
}

}   // namespace ebb::core::numa
