#pragma once

// The accelerators of every node, device by device, and which pods have which of them: shares and whole
// devices in one account. A pod that was given its devices by us, or says which they are, is counted on
// those; one that does not say is counted where it fits best, and moves aside for those that do. Where more
// is taken than there is, because somebody else placed it or because room is kept for a pod before those who
// make it have left, devices are counted as full, and everybody is put right when somebody leaves.
// Beside it stands what the scores expect of the pods to come.

#include "core/accelerators/outlook.h"
#include "core/accelerators/pod_request.h"
#include "model/node.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::core::placement {

class DeviceBook {
 public:
  using Slot = std::uint32_t;
  using PodIndex = std::uint32_t;
  using DeviceSet = accelerators::DeviceSet;
  using DeviceNeed = accelerators::DeviceNeed;

  // Some node has devices.
  bool any() const { return nodes_with_devices_ > 0; }
  std::int64_t total_devices() const { return devices_; }

  // Each: whether scores computed before are void.
  bool node_seen(Slot slot, const model::Node& node);
  bool node_gone(Slot slot);
  bool saw(const accelerators::AcceleratorRequest& request);

  // `stated`: which devices the pod has; empty: nobody said.
  void add_pod(Slot slot, PodIndex pod, const DeviceNeed& need, DeviceSet stated);
  void remove_pod(Slot slot, PodIndex pod);
  // True: it was counted on others before.
  bool restate(Slot slot, PodIndex pod, DeviceSet stated);

  // Trials: what a pod has is free for a while.
  void take_out(Slot slot, PodIndex pod) { count(slot, pod, -1); }
  void put_back(Slot slot, PodIndex pod) { count(slot, pod, 1); }
  // So many thousandths of each of these devices taken for somebody who is not there; below zero: given back.
  void try_on(Slot slot, const DeviceSet& devices, std::int32_t share);

  // The node's devices as it publishes them; count 0 where there are none.
  const accelerators::NodeDevices& at(Slot slot) const;
  accelerators::FreeDevices free(Slot slot) const;
  // nullptr where the node has no devices.
  const accelerators::Outlook* outlook(Slot slot) const;
  // What the pod is counted on; empty where the node has no such devices.
  DeviceSet devices_of(Slot slot, PodIndex pod) const;
  // The devices of that node are those that the need is about.
  bool concerns(Slot slot, accelerators::DeviceKind kind) const;

 private:
  struct Held {
    PodIndex pod = 0;
    DeviceNeed need;
    DeviceSet stated;
    DeviceSet devices;
    bool squeezed = false;   // on devices that had no room
  };
  using Model = std::pair<const std::string, const accelerators::Outlook*>;
  struct OnSlot {
    accelerators::NodeDevices there;
    const Model* model = nullptr;
    std::vector<std::int32_t> used;   // thousandths; above 1000 where more is taken than there is
    std::vector<Held> held;
  };

  void set(Slot slot, accelerators::NodeDevices devices);
  void look_ahead();
  static bool seat(OnSlot& at, Held& held);
  static void recount(OnSlot& at);
  void count(Slot slot, PodIndex pod, std::int32_t times);
  const Held* find(Slot slot, PodIndex pod) const;

  std::vector<OnSlot> slots_;
  std::int64_t devices_ = 0;
  std::size_t nodes_with_devices_ = 0;
  accelerators::Outlooks outlooks_{{.devices = 0, .cpus = 0}};
  std::map<std::string, const accelerators::Outlook*, std::less<>> models_;   // of nodes that were seen
};

}   // namespace ebb::core::placement
