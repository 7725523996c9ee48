#include "model/volume_match.h"

#include <algorithm>

namespace ebb::model {

bool reserved_for(const Volume& volume, const VolumeClaim& claim) {
  return volume.claim == claim.key && (volume.claim_uid.empty() || volume.claim_uid == claim.uid);
}

bool can_serve(const Volume& volume, const VolumeClaim& claim) {
  const auto offers = [&](const std::string& mode) { return std::ranges::find(volume.access_modes, mode) != volume.access_modes.end(); };
  if (volume.deletion_requested || volume.capacity < claim.request || volume.volume_mode != claim.volume_mode) return false;
  if (!std::ranges::all_of(claim.access_modes, offers)) return false;
  if (volume.claim) return reserved_for(volume, claim);
  if (volume.phase != "Available" || volume.attributes_class != claim.attributes_class) return false;
  if (claim.selector && !claim.selector->matches(volume.labels)) return false;
  return volume.storage_class == claim.storage_class.value_or("");
}

bool better_match(const Volume& a, const Volume& b, const VolumeClaim& claim) {
  if (const bool reserved = reserved_for(a, claim); reserved != reserved_for(b, claim)) return reserved;
  if (a.capacity != b.capacity) return a.capacity < b.capacity;
  return a.name < b.name;
}

}   // namespace ebb::model
