#pragma once

// A small cluster with storage for tests: objects in one line each, and what the book answers in words.

#include "core/volumes/volume_book.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ebb::core::volumes::testing {

using Texts = std::vector<std::string>;

inline model::ObjectKey key(std::string name) { return {"default", std::move(name)}; }

inline model::NodeSelectorTerm term(std::string label, std::vector<std::string> values,
                                    model::SelectorOperator op = model::SelectorOperator::in) {
  return {{{{std::move(label), op, std::move(values)}}}, {}};
}

inline model::VolumeClaim a_claim(std::string name, std::string storage_class = "slow") {
  model::VolumeClaim claim;
  claim.key = key(name);
  claim.uid = model::Uid("uid-" + name);
  claim.storage_class = std::move(storage_class);
  claim.access_modes = {"ReadWriteOnce"};
  claim.request = gibibytes(1);
  return claim;
}

inline model::VolumeClaim bound_claim(std::string name, std::string volume) {
  model::VolumeClaim claim = a_claim(std::move(name));
  claim.volume_name = std::move(volume);
  claim.bound = true;
  return claim;
}

inline model::Volume a_volume(std::string name, std::string storage_class = "slow") {
  model::Volume volume;
  volume.name = name;
  volume.uid = model::Uid("uid-" + name);
  volume.resource_version = "1";
  volume.storage_class = std::move(storage_class);
  volume.access_modes = {"ReadWriteOnce"};
  volume.capacity = gibibytes(1);
  volume.phase = "Available";
  return volume;
}

inline model::Volume bound_to(model::Volume volume, const model::VolumeClaim& claim) {
  volume.claim = claim.key;
  volume.claim_uid = claim.uid;
  volume.phase = "Bound";
  return volume;
}

inline model::Volume csi_volume(std::string name, std::string driver, std::string handle) {
  model::Volume volume = a_volume(std::move(name));
  volume.csi_driver = std::move(driver);
  volume.csi_handle = std::move(handle);
  return volume;
}

inline model::Volume on_node(model::Volume volume, std::string node) {
  volume.node_terms = {term("kubernetes.io/hostname", {std::move(node)})};
  volume.has_node_affinity = true;
  return volume;
}

inline model::StorageClass waiting_class(std::string name = "slow", std::string provisioner = "csi.example.com") {
  model::StorageClass storage_class;
  storage_class.name = std::move(name);
  storage_class.provisioner = std::move(provisioner);
  storage_class.wait_for_first_consumer = true;
  return storage_class;
}

inline model::PodVolume uses(std::string claim) { return {"v-" + claim, model::VolumeKind::claim, claim, false, {}}; }
inline model::PodVolume disk(model::VolumeKind kind, std::string id, bool read_only = false, std::vector<std::string> monitors = {}) {
  return {"disk", kind, std::move(id), read_only, std::move(monitors)};
}
inline model::PodVolume ephemeral(std::string name) { return {std::move(name), model::VolumeKind::ephemeral, {}, false, {}}; }

inline model::Pod a_pod(std::string name, std::vector<model::PodVolume> volumes) {
  model::Pod pod;
  pod.key = key(name);
  pod.uid = model::Uid("uid-" + name);
  pod.volumes = std::move(volumes);
  return pod;
}

class StorageTest : public ::testing::Test {
 public:
  // Slots in order of first mention; the host name is a label, as the kubelet has it.
  Slot node(const std::string& name, model::Labels labels = {}) {
    const auto slot = slots_.try_emplace(name, static_cast<Slot>(slots_.size())).first->second;
    model::Node& node = nodes_[slot];
    node.name = model::NodeName(name);
    node.labels = std::move(labels);
    node.labels.try_emplace("kubernetes.io/hostname", name);
    book.node_seen(slot, node);
    return slot;
  }
  const model::Node& at(Slot slot) { return nodes_.at(slot); }

  void see(model::VolumeClaim claim) { book.step(model::VolumeClaimSeen{std::move(claim)}); }
  void see(model::Volume volume) { book.step(model::VolumeSeen{std::move(volume)}); }
  void see(model::StorageClass storage_class) { book.step(model::StorageClassSeen{std::move(storage_class)}); }
  void see(model::CsiDriver driver) { book.step(model::CsiDriverSeen{std::move(driver)}); }
  void see(model::CsiNode csi) { book.step(model::CsiNodeSeen{std::move(csi)}); }
  void see(model::CsiStorageCapacity capacity) { book.step(model::CsiStorageCapacitySeen{std::move(capacity)}); }
  void see(model::VolumeAttachment attachment) { book.step(model::VolumeAttachmentSeen{std::move(attachment)}); }

  // A claim with its volume, bound to each other.
  void see_bound(const std::string& claim, model::Volume volume) {
    const model::VolumeClaim bound = bound_claim(claim, volume.name);
    see(bound_to(std::move(volume), bound));
    see(bound);
  }
  // A node that has told of one driver.
  void see_driver_on(const std::string& node, const std::string& driver, std::optional<std::int32_t> limit = {}) {
    see(model::CsiNode{model::NodeName(node), {{driver, limit, {}}}, {}});
  }

  DemandId acquire(const model::Pod& pod, VolumePlugins plugins = kEveryVolumePlugin) {
    const auto demand = book.acquire(pod, plugins);
    EXPECT_TRUE(demand.has_value());
    return demand.value_or(DemandId{});
  }

  // What the default scheduler would say of the node; for a pod that is refused everywhere that one text.
  Texts answer(const model::Pod& pod, Slot slot, VolumePlugins plugins = kEveryVolumePlugin) {
    const auto demand = book.acquire(pod, plugins);
    if (!demand) return {};
    Texts result;
    if (const PodRefusal* everywhere = book.pod_refusal(*demand)) {
      result = {everywhere->text};
    } else if (const auto refusal = book.refusal(*demand, slot, at(slot))) {
      result = texts(*refusal);
    }
    book.release(*demand);
    return result;
  }
  std::optional<VolumeRefusal> refusal(const model::Pod& pod, Slot slot) {
    const DemandId demand = acquire(pod);
    const auto result = book.refusal(demand, slot, at(slot));
    book.release(demand);
    return result;
  }
  std::optional<PodRefusal> everywhere(const model::Pod& pod, VolumePlugins plugins = kEveryVolumePlugin) {
    const DemandId demand = acquire(pod, plugins);
    const PodRefusal* refusal = book.pod_refusal(demand);
    const std::optional<PodRefusal> result = refusal == nullptr ? std::nullopt : std::optional(*refusal);
    book.release(demand);
    return result;
  }

  VolumeBook book;

 private:
  std::map<std::string, Slot> slots_;
  std::map<Slot, model::Node> nodes_;
};

}   // namespace ebb::core::volumes::testing
