#include "core/placement/device_check.h"

#include "base/check.h"
#include "core/accelerators/ebb_score.h"

#include <fmt/format.h>

namespace ebb::core::placement {
namespace {

using accelerators::AcceleratorRequest;
using accelerators::FreeDevices;
using accelerators::kWholeDevice;
using accelerators::NodeScore;
using accelerators::PodDevices;
using model::AcceleratorScoring;

constexpr std::int64_t kDeviceValue = 1'000'000;   // a device, in the unit of Ebb's score
constexpr std::int64_t kPointValue = kDeviceValue / 100;

enum class Refusal { none, unreadable, no_devices, model, too_few };

Refusal refusal(const ClusterState& state, const Shape& shape, Slot slot) {
  if (!shape.accelerators) return Refusal::none;
  const PodDevices& wanted = *shape.accelerators;
  if (!wanted.problem.empty()) return Refusal::unreadable;
  if (!state.devices.concerns(slot, wanted.kind)) {
    // What is counted as a resource of the node only is refused as such.
    return wanted.kind == accelerators::kAnyGpu ? Refusal::no_devices : Refusal::none;
  }
  if (!wanted.request.allows(state.devices.at(slot).model)) return Refusal::model;
  return roomy(state.devices.free(slot), wanted.request) < wanted.request.count ? Refusal::too_few : Refusal::none;
}

std::string with_room(const AcceleratorRequest& request) {
  return request.share == kWholeDevice ? std::string() : fmt::format(" with {}/1000 free", request.share.v);
}

std::string too_few(const AcceleratorRequest& request) {
  const bool whole = request.share == kWholeDevice;
  if (request.count == 1) return fmt::format("node(s) had no {}device{}", whole ? "free " : "", with_room(request));
  return fmt::format("node(s) had fewer than {} {}devices{}", request.count, whole ? "free " : "", with_room(request));
}

NodeScore score_of(const ClusterState& state, AcceleratorScoring scoring, const AcceleratorRequest& request, Slot slot) {
  const accelerators::Outlook* outlook = state.devices.outlook(slot);
  if (outlook == nullptr) return {.score = scoring == AcceleratorScoring::fgd ? 50 : 0, .device = -1};   // nothing is lost
  const MilliCpu cpu_free{state.nodes.free(kCpu, slot)};
  const FreeDevices free = state.devices.free(slot);
  return scoring == AcceleratorScoring::fgd ? fgd_score(outlook->demand, cpu_free, free, request)
                                            : ebb_score(*outlook, cpu_free, free, request);
}

bool scored(const ClusterState& state, const Shape& shape) {
  const model::SchedulerProfile& profile = state.rules[shape.rules].profile;
  return state.devices.any() && profile.accelerators.scoring != AcceleratorScoring::none &&
         profile.score_weight(model::Plugin::accelerators) != 0;
}

}   // namespace

bool refused_by_devices(const ClusterState& state, const Shape& shape, Slot slot) { return refusal(state, shape, slot) != Refusal::none; }

std::string devices_refusal(const ClusterState& state, const Shape& shape, Slot slot) {
  switch (refusal(state, shape, slot)) {
    case Refusal::none: return {};
    case Refusal::unreadable: return shape.accelerators->problem;
    case Refusal::no_devices: return "node(s) had no devices to share";
    case Refusal::model: return "node(s) had devices of another model";
    case Refusal::too_few: return too_few(shape.accelerators->request);
  }
  EBB_UNREACHABLE();
}

bool devices_suffice(const ClusterState& state, const Shape& shape, Slot slot) {
  const Refusal refused = refusal(state, shape, slot);
  if (refused != Refusal::too_few) return refused == Refusal::none;
  return static_cast<std::size_t>(shape.accelerators->request.count) <= state.devices.at(slot).count;
}

std::string devices_advice(const ClusterState& state, const Shape& shape, Slot slot) {
  const std::string& node = state.nodes[slot].name.v;
  const PodDevices& wanted = *shape.accelerators;
  switch (refusal(state, shape, slot)) {
    case Refusal::none: return {};
    case Refusal::unreadable: return fmt::format("another wish for devices in the pod: {}", wanted.problem);
    case Refusal::no_devices: return fmt::format("GPUs on a node, e.g. {}", node);
    case Refusal::model:
      return fmt::format("a node with devices of model {} (node {} has {})", fmt::join(wanted.request.models, " or "), node,
                         state.devices.at(slot).model.empty() ? "no label that says its model" : state.devices.at(slot).model);
    case Refusal::too_few: {
      const std::int32_t there = roomy(state.devices.free(slot), wanted.request);
      return fmt::format("{} more device(s){} on node {} ({} of {} would do)", wanted.request.count - there,
                         wanted.request.share == kWholeDevice ? " free" : with_room(wanted.request), node, there,
                         state.devices.at(slot).count);
    }
  }
  EBB_UNREACHABLE();
}

std::optional<DevicePoints> device_points(const ClusterState& state, const Shape& shape, Slot slot) {
  if (!scored(state, shape)) return std::nullopt;
  const AcceleratorScoring scoring = state.rules[shape.rules].profile.accelerators.scoring;
  const bool wants = shape.accelerators && state.devices.concerns(slot, shape.accelerators->kind);
  AcceleratorRequest only_cpu;
  only_cpu.cpu = MilliCpu{amount_of(shape.charge.requests, kCpu)};
  const AcceleratorRequest& request = wants ? shape.accelerators->request : only_cpu;
  if (wants && roomy(state.devices.free(slot), request) < request.count) return DevicePoints{};   // nobody asks for a score there
  const std::int64_t score = score_of(state, scoring, request, slot).score;
  if (scoring == AcceleratorScoring::fgd) return DevicePoints{.points = score, .fraction = 0};
  const std::int64_t value = kDeviceValue + score;
  const std::int64_t fraction = (value % kPointValue + kPointValue) % kPointValue;
  return DevicePoints{.points = (value - fraction) / kPointValue, .fraction = static_cast<std::int32_t>(fraction)};
}

bool packed_by_devices(const ClusterState& state, const Shape& shape) { return shape.accelerators && scored(state, shape); }

accelerators::DeviceSet chosen_devices(const ClusterState& state, const PodDevices& wanted, AcceleratorScoring scoring, Slot slot) {
  if (wanted.request.count == 0 || !state.devices.concerns(slot, wanted.kind)) return {};
  const FreeDevices free = state.devices.free(slot);
  const auto fitting = best_fitting(free, wanted.request);
  if (!fitting || scoring == AcceleratorScoring::none || !wanted.request.shares_a_device())
    return fitting.value_or(accelerators::DeviceSet());
  const std::int32_t device = score_of(state, scoring, wanted.request, slot).device;
  return device < 0 ? *fitting : accelerators::DeviceSet{static_cast<std::size_t>(device)};
}

}   // namespace ebb::core::placement
