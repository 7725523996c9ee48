#pragma once

// What the pods on each node use: disks that only one may write, claims, and the volumes that count
// towards the attach limits of CSI drivers, each once however many pods share it.

#include "core/volumes/storage_objects.h"
#include "model/pod.h"
#include "model/storage.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::core::volumes {

using Slot = std::uint32_t;

class NodeVolumes {
 public:
  // `objects` outlives this.
  explicit NodeVolumes(const StorageObjects& objects) : objects_(objects) {}

  // Claims whose first user came or last user went are appended to `turned`. True where a volume that was only
  // attached is in use now: who wants it too no longer counts it as one more.
  bool add(Slot slot, const model::Pod& pod, std::vector<model::ObjectKey>& turned);
  void remove(Slot slot, const model::Pod& pod, std::vector<model::ObjectKey>& turned);

  // Somebody on the node has the disk in a way that rules the new user out.
  bool conflicts(Slot slot, const model::PodVolume& disk) const;
  // A pod uses it, on whatever node; claims made for one pod alone do not matter here.
  bool in_use(const model::ObjectKey& claim) const { return users_.contains(claim); }

  struct DriverVolume {
    std::string driver;
    std::string handle;

    friend auto operator<=>(const DriverVolume&, const DriverVolume&) = default;
  };
  // By a pod on the node.
  bool has(Slot slot, const DriverVolume& volume) const;
  // Volumes of the driver that pods on the node use or that are attached there.
  int attached(Slot slot, std::string_view driver) const;

  struct Recounted {
    Slot slot = 0;
    bool fewer = false;   // a driver has fewer volumes there than before, or one that was only attached is in use
  };
  // To be called when what stands behind the claim has changed.
  void recount(const model::ObjectKey& claim, std::vector<Recounted>& changed);

  void attach(Slot slot, const DriverVolume& volume) { hold(slot, volume, 0, 1); }
  void detach(Slot slot, const DriverVolume& volume) { hold(slot, volume, 0, -1); }

 private:
  struct DiskUse {
    bool read_only = false;
    std::vector<std::string> monitors;
    int pods = 0;
  };
  using ClaimUse = std::pair<model::ObjectKey, model::Uid>;   // the pod's uid where it was made for that pod alone
  struct Counted {
    int pods = 0;
    std::optional<DriverVolume> as;
  };
  struct Held {
    int pods = 0;
    int attachments = 0;
  };
  struct Node {
    std::map<std::pair<model::VolumeKind, std::string>, std::vector<DiskUse>> disks;
    std::map<ClaimUse, Counted> claims;
    std::map<DriverVolume, Held> held;
    std::map<std::string, int, std::less<>> by_driver;   // how many stand in `held`
  };

  bool change(Slot slot, const model::Pod& pod, int by, std::vector<model::ObjectKey>& turned);
  void use_disk(Node& node, const model::PodVolume& disk, int by);
  // True as `add` is.
  bool use_claim(Slot slot, const ClaimUse& use, int by);
  bool hold(Slot slot, const DriverVolume& volume, int pods, int attachments);
  std::optional<DriverVolume> counted_as(const ClaimUse& use) const;
  Node& at(Slot slot);

  const StorageObjects& objects_;
  std::vector<Node> nodes_;   // by slot
  std::map<model::ObjectKey, int> users_;
  std::map<model::ObjectKey, std::set<Slot>> slots_of_;
};

// The claim that stands behind a volume of the pod; none: the volume needs no claim.
std::optional<model::ObjectKey> claim_of(const model::Pod& pod, const model::PodVolume& volume);
// Only one node, or one writer, may have it at a time.
bool is_exclusive_disk(model::VolumeKind kind);

}   // namespace ebb::core::volumes
