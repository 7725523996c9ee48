#pragma once

// Devices of device plugins as counts per NUMA node: what the kubelet's device manager says about where a request could
// be had. Which of several equal nodes it takes devices from inside one answer the kubelet leaves to chance (or to the
// plugin); here it is the node with the fewest free ones, the lowest first.

#include "core/numa/admission.h"
#include "core/numa/demand.h"
#include "core/numa/hint.h"

#include <optional>
#include <string>
#include <vector>

namespace ebb::core::numa {

// By resource, then by node index; the last column counts devices without a node.
struct DeviceState {
  std::vector<int> free;

  friend bool operator==(const DeviceState&, const DeviceState&) = default;
};

using ReusableDevices = std::vector<DeviceGrant>;

class Devices {
 public:
  static Devices create(const Machine& machine, const CpuTopology& topology);

  DeviceState initial() const { return {total_}; }
  bool none() const { return resources_.empty(); }
  const std::vector<std::string>& resources() const { return resources_; }

  void hints(const DeviceState& state, const ReusableDevices& reusable, const NamedCounts& request, std::vector<ResourceHints>& to) const;
  std::optional<Refusal> allocate(DeviceState& state, ReusableDevices& reusable, const NamedCounts& request, std::optional<NodeMask> nodes,
                                  bool is_init, ContainerGrant& grant) const;
  void take(DeviceState& state, const std::vector<DeviceGrant>& grants) const;
  void release(DeviceState& state, const std::vector<DeviceGrant>& grants) const;

 private:
  std::optional<int> index_of(const std::string& resource) const;
  std::size_t at(int resource, int node) const {
    return static_cast<std::size_t>(resource) * columns_ + (node < 0 ? columns_ - 1 : static_cast<std::size_t>(node));
  }
  int sum(const std::vector<int>& counts, int resource) const;
  ResourceHints hints_for(const DeviceState& state, const ReusableDevices& reusable, int resource, int requested) const;
  std::vector<int> order(const DeviceState& state, int resource, std::optional<NodeMask> nodes) const;

  std::size_t columns_ = 1;
  std::vector<std::string> resources_;
  std::vector<int> total_;
};

}   // namespace ebb::core::numa
