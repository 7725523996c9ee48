#include "core/placement/device_book.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::core::placement {
namespace {

using accelerators::FreeDevices;
using accelerators::kAnyGpu;
using accelerators::kMaxDevices;
using accelerators::kWholeDevice;
using accelerators::NodeDevices;

// What a forecast tells apart; see ForecastExtent.
constexpr std::size_t kMostDevices = 16;
constexpr std::int64_t kMostCpus = 256;

const NodeDevices kNone;

bool concerned(const NodeDevices& there, accelerators::DeviceKind kind) {
  if (there.count == 0) return false;
  if (kind == kAnyGpu) return accelerators::device_resources()[static_cast<std::size_t>(there.kind)].gpu;
  return kind == there.kind;
}

FreeDevices free_of(const std::vector<std::int32_t>& used) {
  std::array<std::int32_t, kMaxDevices> free{};
  for (std::size_t i = 0; i < used.size(); ++i) free[i] = std::max(static_cast<std::int32_t>(kWholeDevice.v) - used[i], 0);
  return FreeDevices(std::span<const std::int32_t>(free.data(), used.size()));
}

// The devices that are left once `chosen` are taken: first those with room, the fullest of them before the others; then
// those without, the fullest first, which nobody else could use.
void fill_up(const std::vector<std::int32_t>& used, const accelerators::DeviceNeed& need, accelerators::DeviceSet& chosen) {
  const auto wanted = std::min(static_cast<std::size_t>(need.count), used.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!std::ranges::binary_search(chosen, i)) order.push_back(i);
  }
  const auto key = [&](std::size_t i) { return std::tuple(used[i] + need.share > kWholeDevice.v, -used[i], i); };
  std::ranges::sort(order, {}, key);
  for (std::size_t i = 0; chosen.size() < wanted; ++i) chosen.push_back(order[i]);
  std::ranges::sort(chosen);
}

}   // namespace

bool DeviceBook::node_seen(Slot slot, const model::Node& node) {
  NodeDevices devices = accelerators::devices_of(node);
  if (devices == at(slot)) return false;
  const bool any_before = any();
  bool wider = false;
  if (devices.count > 0) {
    wider = outlooks_.widen({.devices = std::min(devices.count, kMostDevices), .cpus = std::min(node.allocatable.cpu.v / 1000, kMostCpus)});
    models_.try_emplace(devices.model, nullptr);
    look_ahead();
  }
  set(slot, std::move(devices));
  return wider || any() != any_before;
}

bool DeviceBook::node_gone(Slot slot) {
  if (at(slot).count == 0) return false;
  set(slot, {});
  return !any();
}

void DeviceBook::set(Slot slot, NodeDevices devices) {
  if (slots_.size() <= slot) slots_.resize(slot + 1);
  OnSlot& at = slots_[slot];
  devices_ += static_cast<std::int64_t>(devices.count) - static_cast<std::int64_t>(at.there.count);
  if (at.there.count > 0) --nodes_with_devices_;
  if (devices.count > 0) ++nodes_with_devices_;
  at.model = devices.count > 0 ? &*models_.find(devices.model) : nullptr;
  at.there = std::move(devices);
  recount(at);
}

bool DeviceBook::saw(const accelerators::AcceleratorRequest& request) {
  if (!outlooks_.saw(request)) return false;
  look_ahead();
  return true;
}

// Made now and not when somebody asks: asking changes nothing.
void DeviceBook::look_ahead() {
  for (auto& [model, outlook] : models_) outlook = &outlooks_.of(model);
}

void DeviceBook::add_pod(Slot slot, PodIndex pod, const DeviceNeed& need, DeviceSet stated) {
  if (need.count == 0) return;
  if (slots_.size() <= slot) slots_.resize(slot + 1);
  OnSlot& at = slots_[slot];
  Held& held = at.held.emplace_back();
  held.pod = pod;
  held.need = need;
  held.stated = std::move(stated);
  // Those that do not say where they are may stand in its place.
  if (!seat(at, held) && !held.stated.empty()) recount(at);
}

void DeviceBook::remove_pod(Slot slot, PodIndex pod) {
  if (find(slot, pod) == nullptr) return;
  count(slot, pod, -1);
  OnSlot& at = slots_[slot];
  std::erase_if(at.held, [&](const Held& held) { return held.pod == pod; });
  if (std::ranges::any_of(at.held, &Held::squeezed)) recount(at);
}

bool DeviceBook::restate(Slot slot, PodIndex pod, DeviceSet stated) {
  const Held* held = find(slot, pod);
  if (held == nullptr || held->stated == stated) return false;
  const DeviceNeed need = held->need;
  const DeviceSet before = held->devices;
  remove_pod(slot, pod);
  add_pod(slot, pod, need, std::move(stated));
  return find(slot, pod)->devices != before;
}

// Gives the pod its devices. False: there was no room for it.
bool DeviceBook::seat(OnSlot& at, Held& held) {
  held.devices.clear();
  held.squeezed = false;
  if (!concerned(at.there, held.need.kind)) return true;
  for (const std::size_t device : held.stated) {
    if (device < at.used.size()) held.devices.push_back(device);
  }
  if (held.stated.empty() || held.devices.size() < static_cast<std::size_t>(held.need.count)) fill_up(at.used, held.need, held.devices);
  held.squeezed = held.devices.size() < static_cast<std::size_t>(held.need.count);
  for (const std::size_t device : held.devices) {
    at.used[device] += held.need.share;
    held.squeezed = held.squeezed || at.used[device] > kWholeDevice.v;
  }
  return !held.squeezed;
}

// Everybody anew: first those who say where they are, then the others in the order in which they came.
void DeviceBook::recount(OnSlot& at) {
  at.used.assign(at.there.count, 0);
  for (const bool says : {true, false}) {
    for (Held& held : at.held) {
      if (held.stated.empty() != says) seat(at, held);
    }
  }
}

void DeviceBook::count(Slot slot, PodIndex pod, std::int32_t times) {
  const Held* held = find(slot, pod);
  if (held == nullptr) return;
  for (const std::size_t device : held->devices) {
    slots_[slot].used[device] += times * held->need.share;
    EBB_CHECK(slots_[slot].used[device] >= 0);
  }
}

void DeviceBook::try_on(Slot slot, const DeviceSet& devices, std::int32_t share) {
  for (const std::size_t device : devices) slots_[slot].used[device] += share;
}

const DeviceBook::Held* DeviceBook::find(Slot slot, PodIndex pod) const {
  if (slot >= slots_.size()) return nullptr;
  const auto& all = slots_[slot].held;
  const auto found = std::ranges::find(all, pod, &Held::pod);
  return found == all.end() ? nullptr : &*found;
}

const NodeDevices& DeviceBook::at(Slot slot) const { return slot < slots_.size() ? slots_[slot].there : kNone; }

FreeDevices DeviceBook::free(Slot slot) const { return slot < slots_.size() ? free_of(slots_[slot].used) : FreeDevices(); }

const accelerators::Outlook* DeviceBook::outlook(Slot slot) const {
  return slot < slots_.size() && slots_[slot].model != nullptr ? slots_[slot].model->second : nullptr;
}

DeviceBook::DeviceSet DeviceBook::devices_of(Slot slot, PodIndex pod) const {
  const Held* held = find(slot, pod);
  return held == nullptr ? DeviceSet() : held->devices;
}

bool DeviceBook::concerns(Slot slot, accelerators::DeviceKind kind) const { return concerned(at(slot), kind); }

}   // namespace ebb::core::placement
