#pragma once

// Why a pod's volumes keep it away from a node, or from every node: in the words of the default
// scheduler, by the plugin that says so there, and with what preemption can do about it.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::volumes {

// In the order in which the default scheduler asks them.
enum class VolumePlugin : std::uint8_t { restrictions, node_limits, binding, zone };
std::string_view to_string(VolumePlugin plugin);   // "VolumeRestrictions", ...

// Those that a profile has switched on.
using VolumePlugins = std::uint8_t;
constexpr VolumePlugins bit(VolumePlugin plugin) { return static_cast<VolumePlugins>(1U << static_cast<unsigned>(plugin)); }
inline constexpr VolumePlugins kEveryVolumePlugin = 0b1111;

enum class VolumeReason : std::uint8_t {
  disk_conflict,        // a disk that one node can write at a time is in use there
  claim_in_use,         // a ReadWriteOncePod claim that another pod uses, wherever that runs
  driver_missing,       // the CSI driver is not on the node, and says that it must be
  too_many_volumes,     // the attach limit of a CSI driver
  affinity_conflict,    // a bound volume cannot be reached from the node
  nothing_to_bind,      // neither a free volume there nor one that could be made there
  not_enough_storage,   // by the capacity that the driver has published
  volume_missing,       // a claim's volume does not exist
  zone_conflict,
};
inline constexpr std::size_t kVolumeReasonCount = 9;
// The text for one node; the driver's name stands before that of driver_missing.
std::string_view text(VolumeReason reason);

// One plugin's answer: it may have several reasons at once.
struct VolumeRefusal {
  VolumePlugin plugin = VolumePlugin::restrictions;
  std::uint16_t reasons = 0;         // bits of VolumeReason
  std::string_view missing_driver;   // of driver_missing; valid until the next event

  bool has(VolumeReason reason) const { return (reasons >> static_cast<unsigned>(reason) & 1U) != 0; }
  // Pods leaving the node could help. Where not, preemption need not look at it.
  bool resolvable() const { return plugin == VolumePlugin::restrictions || plugin == VolumePlugin::node_limits; }
  friend bool operator==(const VolumeRefusal&, const VolumeRefusal&) = default;
};
// In the order in which the default scheduler names them.
std::vector<std::string> texts(const VolumeRefusal& refusal);

// Refused everywhere, whatever the node; no preemption helps.
struct PodRefusal {
  VolumePlugin plugin = VolumePlugin::binding;
  std::string text;

  friend bool operator==(const PodRefusal&, const PodRefusal&) = default;
};

}   // namespace ebb::core::volumes
