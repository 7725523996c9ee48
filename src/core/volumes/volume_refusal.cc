#include "core/volumes/volume_refusal.h"

#include "base/check.h"

#include <fmt/format.h>

namespace ebb::core::volumes {

std::string_view to_string(VolumePlugin plugin) {
  switch (plugin) {
    case VolumePlugin::restrictions: return "VolumeRestrictions";
    case VolumePlugin::node_limits: return "NodeVolumeLimits";
    case VolumePlugin::binding: return "VolumeBinding";
    case VolumePlugin::zone: return "VolumeZone";
  }
  EBB_UNREACHABLE();
}

std::string_view text(VolumeReason reason) {
  switch (reason) {
    case VolumeReason::disk_conflict: return "node(s) had no available disk";
    case VolumeReason::claim_in_use:
      return "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
    case VolumeReason::driver_missing: return "CSI driver is not installed on the node";
    case VolumeReason::too_many_volumes: return "node(s) exceed max volume count";
    case VolumeReason::affinity_conflict: return "node(s) didn't match PersistentVolume's node affinity";
    case VolumeReason::nothing_to_bind: return "node(s) didn't find available persistent volumes to bind";
    case VolumeReason::not_enough_storage: return "node(s) did not have enough free storage";
    case VolumeReason::volume_missing: return "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
    case VolumeReason::zone_conflict: return "node(s) had no available volume zone";
  }
  EBB_UNREACHABLE();
}

std::vector<std::string> texts(const VolumeRefusal& refusal) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < kVolumeReasonCount; ++i) {
    const auto reason = static_cast<VolumeReason>(i);
    if (!refusal.has(reason)) continue;
    if (reason == VolumeReason::driver_missing) {
      result.push_back(fmt::format("{} {}", refusal.missing_driver, text(reason)));
    } else {
      result.emplace_back(text(reason));
    }
  }
  return result;
}

}   // namespace ebb::core::volumes
