#pragma once

// A pod's volumes, as far as they say where it can go.

#include <string>
#include <vector>

namespace ebb::model {

enum class VolumeKind {
  claim,       // persistentVolumeClaim
  ephemeral,   // a claim made for this pod alone, named POD-VOLUME
  gce_disk,    // the disks of old that only one node can write: id tells which
  aws_disk,
  azure_disk,
  iscsi,
  rbd,
  csi_inline,   // id is the driver
};

struct PodVolume {
  std::string name;
  VolumeKind kind = VolumeKind::claim;
  // The claim's name; or what makes two disks the same one: pdName, volumeID, diskName, iqn, pool and image.
  std::string id;
  bool read_only = false;
  std::vector<std::string> monitors;   // rbd: two images are the same where a monitor is shared

  friend bool operator==(const PodVolume&, const PodVolume&) = default;
};

}   // namespace ebb::model
