#include "core/volumes/volume_match.h"

#include "base/wide.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace ebb::core::volumes {
namespace {

constexpr std::string_view kNoProvisioner = "kubernetes.io/no-provisioner";

void add(std::uint16_t& reasons, VolumeReason reason) {
  reasons = static_cast<std::uint16_t>(reasons | 1U << static_cast<unsigned>(reason));
}

// What must be right even for a volume that was reserved for the claim by name.
bool suits(const VolumeEntry& volume, const model::VolumeClaim& claim) {
  return volume.object.capacity >= claim.request && volume.object.volume_mode == claim.volume_mode &&
         volume.object.attributes_class == claim.attributes_class && !volume.object.deletion_requested;
}

bool offers_modes(const model::Volume& volume, const model::VolumeClaim& claim) {
  return std::ranges::all_of(claim.access_modes, [&](const std::string& mode) {
    return std::ranges::find(volume.access_modes, mode) != volume.access_modes.end();
  });
}

class Match {
 public:
  Match(const VolumeDemand& demand, const StorageObjects& objects, const NodeView& node)
      : demand_(demand), objects_(objects), node_(node) {}

  VolumeMatch done() {
    check_bound();
    if (!demand_.delayed.empty()) place_delayed();
    return std::move(match_);
  }

 private:
  // The first bound volume that is wrong is the one that is told of.
  void check_bound() {
    for (const VolumeDemand::Bound& bound : demand_.bound) {
      if (bound.volume == nullptr) return add(match_.reasons, VolumeReason::volume_missing);
      if (!reachable_from(*bound.volume, node_)) return add(match_.reasons, VolumeReason::affinity_conflict);
    }
  }

  void place_delayed() {
    std::vector<const ClaimEntry*> to_provision;
    for (const ClaimEntry* claim : demand_.delayed) {
      const std::string& selected = claim->selected_node();
      if (selected.empty()) continue;
      if (selected != node_.name) return add(match_.reasons, VolumeReason::nothing_to_bind);
      to_provision.push_back(claim);
    }
    for (const ClaimEntry* claim : demand_.by_size) {
      if (!claim->selected_node().empty()) continue;
      if (const VolumeEntry* volume = find_volume(*claim)) {
        match_.bindings.push_back({claim, volume});
      } else {
        to_provision.push_back(claim);
      }
    }
    for (const ClaimEntry* claim : to_provision) {
      if (!provide(*claim)) return;
    }
  }

  bool taken(const VolumeEntry* volume) const {
    return std::ranges::any_of(match_.bindings, [&](const VolumeMatch::Binding& binding) { return binding.volume == volume; });
  }

  // One that is reserved for the claim decides, whether it can be reached or not; else the smallest.
  const VolumeEntry* find_volume(const ClaimEntry& claim) const {
    if (const std::set<std::string>* reserved = objects_.volumes_of(claim.object.key)) {
      for (const std::string& name : *reserved) {
        const VolumeEntry* volume = objects_.volume(name);
        if (volume->object.storage_class != claim.storage_class() || taken(volume)) continue;
        if (!volume->belongs_to(claim.object) || !suits(*volume, claim.object)) continue;
        return reachable(volume->object, node_.labels) ? volume : nullptr;
      }
    }
    const StorageObjects::FreeVolumes* free = objects_.free_volumes(claim.storage_class());
    if (free == nullptr) return nullptr;
    const VolumeEntry* smallest = nullptr;
    std::pair<std::int64_t, std::string> smallest_key;
    free->visit(node_.labels, [&](const auto& bucket) {
      for (auto at = bucket.lower_bound({claim.object.request.v, {}}); at != bucket.end(); ++at) {
        if (smallest != nullptr && !(at->first < smallest_key)) return;
        if (!could_take(claim, *at->second)) continue;
        smallest = at->second;
        smallest_key = at->first;
        return;
      }
    });
    return smallest;
  }

  bool could_take(const ClaimEntry& claim, const VolumeEntry& volume) const {
    return suits(volume, claim.object) && offers_modes(volume.object, claim.object) &&
           (!claim.object.selector || claim.object.selector->matches(volume.object.labels)) && !taken(&volume) &&
           reachable(volume.object, node_.labels);
  }

  bool provide(const ClaimEntry& claim) {
    const model::StorageClass* of = objects_.storage_class(claim.storage_class());
    if (of == nullptr || of->provisioner.empty() || of->provisioner == kNoProvisioner || !provides_for(*of, node_.labels)) {
      add(match_.reasons, VolumeReason::nothing_to_bind);
      return false;
    }
    const model::CsiDriver* driver = objects_.driver(of->provisioner);
    const bool counts = driver != nullptr && driver->storage_capacity;
    const model::CsiStorageCapacity* capacity = counts ? find_capacity(claim) : nullptr;
    if (counts && capacity == nullptr) {
      add(match_.reasons, VolumeReason::not_enough_storage);
      return false;
    }
    match_.provisions.push_back({&claim, capacity});
    return true;
  }

  // The first by name that is large enough.
  const model::CsiStorageCapacity* find_capacity(const ClaimEntry& claim) const {
    const StorageObjects::Capacities* capacities = objects_.capacities(claim.storage_class());
    if (capacities == nullptr) return nullptr;
    const model::CsiStorageCapacity* first = nullptr;
    capacities->visit(node_.labels, [&](const auto& bucket) {
      for (const auto& [key, capacity] : bucket) {
        if (first != nullptr && !(key < first->key)) return;
        const std::optional<Bytes> limit = volume_limit(*capacity);
        if (!limit || *limit < claim.object.request || !capacity->node_topology->matches(node_.labels)) continue;
        first = capacity;
        return;
      }
    });
    return first;
  }

  const VolumeDemand& demand_;
  const StorageObjects& objects_;
  const NodeView& node_;
  VolumeMatch match_;
};

struct Use {
  std::int64_t requested = 0;
  std::int64_t capacity = 0;
};

// Straight lines between the shape's points, in whole numbers as the default scheduler has them.
std::int64_t on_shape(std::span<const model::ShapePoint> shape, std::int64_t utilization) {
  constexpr std::int64_t kScale = 10;   // points of a shape go to 10, scores to 100
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (utilization > shape[i].utilization) continue;
    const std::int64_t high = shape[i].score * kScale;
    if (i == 0) return high;
    const std::int64_t low = shape[i - 1].score * kScale;
    return low + (high - low) * (utilization - shape[i - 1].utilization) / (shape[i].utilization - shape[i - 1].utilization);
  }
  return shape.back().score * kScale;
}

std::int64_t utilization(const Use& use) {
  constexpr std::int64_t kFull = 100;
  if (use.capacity == 0 || use.requested > use.capacity) return kFull;
  return static_cast<std::int64_t>(static_cast<Int128>(use.requested) * kFull / use.capacity);
}

}   // namespace

VolumeMatch match_volumes(const VolumeDemand& demand, const StorageObjects& objects, const NodeView& node) {
  return Match(demand, objects, node).done();
}

bool reachable_from(const VolumeEntry& volume, const NodeView& node) {
  const std::string& plugin = volume.object.in_tree_plugin;
  if (!plugin.empty() && node.csi != nullptr && std::ranges::find(node.csi->migrated_plugins, plugin) != node.csi->migrated_plugins.end()) {
    if (!volume.migrated_terms.empty()) return any_matches(volume.migrated_terms, node.labels);
  }
  return reachable(volume.object, node.labels);
}

std::int64_t storage_score(const VolumeMatch& match, std::span<const model::ShapePoint> shape) {
  std::map<std::string_view, Use> by_class;
  for (const auto& [claim, volume] : match.bindings) {
    Use& use = by_class[volume->object.storage_class];
    use.requested += claim->object.request.v;
    use.capacity += volume->object.capacity.v;
  }
  if (match.bindings.empty()) {
    for (const auto& [claim, capacity] : match.provisions) {
      if (capacity == nullptr) continue;
      Use& use = by_class[claim->storage_class()];
      use.requested += claim->object.request.v;
      use.capacity = capacity->capacity.value_or(Bytes{}).v;   // one pool for all of them
    }
  }
  if (by_class.empty() || shape.empty()) return 0;
  std::int64_t sum = 0;
  for (const auto& [name, use] : by_class) sum += on_shape(shape, utilization(use));
  const auto classes = static_cast<std::int64_t>(by_class.size());
  return (2 * sum + classes) / (2 * classes);
}

}   // namespace ebb::core::volumes
