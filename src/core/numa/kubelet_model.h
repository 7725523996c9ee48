#pragma once

// One node's kubelet as far as it decides whether a pod is admitted and where on the machine it runs: the topology
// manager over devices, CPUs and memory. What it is told happened, it remembers; what would happen, it can be asked.
// A copy is independent and cheap: machine and configuration are shared.

#include "core/numa/admission.h"
#include "core/numa/cpu_manager.h"
#include "core/numa/demand.h"
#include "core/numa/device_manager.h"
#include "core/numa/kubelet_config.h"
#include "core/numa/memory_manager.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::numa {

// What is free. It changes with every pod; everything else about a node does not.
struct FreeState {
  CpuState cpus;
  MemoryState memory;
  DeviceState devices;

  friend bool operator==(const FreeState&, const FreeState&) = default;
};

class KubeletModel {
 public:
  static Result<KubeletModel> create(const Machine& machine, const KubeletConfig& config);

  // What admit() would answer now. Changes nothing.
  Admission predict(const PodDemand& pod) const;
  // Only why it would be refused, if it would: cheaper, for a filter over many nodes.
  std::optional<Refusal> refusal(const PodDemand& pod) const;

  // Admits the pod, or refuses it and takes back what its first containers had been given, as the kubelet does. A pod
  // that is admitted already keeps what it has.
  Admission admit(const PodDemand& pod);

  // A pod that runs there was admitted. Where the model would refuse it, the model's picture of the node is off, and the pod gets
  // what it needs from anywhere. False where not even that can be had: then nothing is remembered of it.
  bool adopt(const PodDemand& pod);

  // All containers of the pod have been started: its init containers are over and their memory is free. (Their CPUs stay
  // with the pod, as they do in the kubelet.)
  void started(std::string_view uid);
  void remove(std::string_view uid);

  // Takes over what a report says a pod has, without asking for admission. False where some of it is taken or not there.
  bool restore(const std::string& uid, std::vector<ContainerGrant> containers);
  // CPUs and memory that somebody holds of whom nothing else is known.
  void take_cpus(const model::CpuSet& cpus);
  void take_memory(int node_index, int resource, Bytes amount);
  void take_devices(int node_index, int resource, int count);

  const KubeletConfig& config() const { return fixed_->config; }
  const CpuTopology& topology() const { return fixed_->topology; }
  const Distances& distances() const { return fixed_->distances; }
  const StaticCpus* static_cpus() const { return fixed_->cpus ? &*fixed_->cpus : nullptr; }
  const StaticMemory* static_memory() const { return fixed_->memory ? &*fixed_->memory : nullptr; }
  const Devices& devices() const { return fixed_->devices; }
  const FreeState& free() const { return free_; }
  const std::vector<ContainerGrant>* find(std::string_view uid) const;
  std::size_t pod_count() const { return pods_.size(); }

 private:
  struct Fixed {
    KubeletConfig config;
    CpuTopology topology;
    Distances distances;
    std::optional<StaticCpus> cpus;   // each only under its static policy
    std::optional<StaticMemory> memory;
    Devices devices;
  };
  class Attempt;

  explicit KubeletModel(std::shared_ptr<const Fixed> fixed) : fixed_(std::move(fixed)) {}
  void release(FreeState& free, const std::vector<ContainerGrant>& containers) const;

  std::shared_ptr<const Fixed> fixed_;
  FreeState free_;
  std::map<std::string, std::vector<ContainerGrant>, std::less<>> pods_;   // by uid
};

}   // namespace ebb::core::numa
