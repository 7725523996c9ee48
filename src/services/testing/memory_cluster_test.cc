// The cluster in memory answers as an API server with its controllers does.

#include "services/testing/memory_cluster.h"

#include <gtest/gtest.h>

namespace ebb::services::testing {
namespace {

template <class Event>
std::vector<Event> take(MemoryCluster& cluster) {
  std::vector<Event> found;
  for (const model::ClusterEvent& event : cluster.take_events(100, {})) {
    if (const auto* match = std::get_if<Event>(&event)) found.push_back(*match);
  }
  return found;
}

std::optional<Error> perform(MemoryCluster& cluster, model::ClusterAction action) {
  cluster.submit(1, std::move(action));
  return cluster.take_results().at(0).error;
}

model::Pod pod() {
  model::Pod made;
  made.key = {"x", "p"};
  made.uid = model::Uid("u");
  made.node = model::NodeName("n");
  return made;
}

model::VolumeClaim claim(std::string storage_class) {
  model::VolumeClaim made;
  made.key = {"x", "c"};
  made.uid = model::Uid("cu");
  made.storage_class = std::move(storage_class);
  made.access_modes = {"ReadWriteOnce"};
  made.request = gibibytes(1);
  return made;
}

model::Volume volume(std::string name, Bytes size) {
  model::Volume made;
  made.name = std::move(name);
  made.access_modes = {"ReadWriteOnce", "ReadOnlyMany"};
  made.capacity = size;
  return made;
}

TEST(MemoryCluster, AnEvictedPodIsSeenUnderDeletionBeforeItIsGone) {
  MemoryCluster cluster;
  cluster.put(pod());
  take<model::PodSeen>(cluster);
  EXPECT_EQ(perform(cluster, model::Evict{.pod = {"x", "p"}, .uid = model::Uid("other"), .reason = "", .message = ""})->code,
            Errc::conflict);
  EXPECT_FALSE(perform(cluster, model::Evict{.pod = {"x", "p"}, .uid = model::Uid("u"), .reason = "", .message = ""}));
  EXPECT_FALSE(cluster.quiet());
  const auto seen = take<model::PodSeen>(cluster);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_TRUE(seen[0].pod.deletion_requested);
  EXPECT_EQ(take<model::PodGone>(cluster).size(), 1U);
  EXPECT_TRUE(cluster.pods().empty());
  EXPECT_EQ(cluster.evicted.size(), 1U);
}

TEST(MemoryCluster, AVolumeIsBoundOnceAndThenTheClaimHasIt) {
  MemoryCluster cluster;
  cluster.put_object(
      model::StorageClassSeen{{.name = "local", .provisioner = "kubernetes.io/no-provisioner", .wait_for_first_consumer = true}});
  model::Volume disk = volume("disk", gibibytes(2));
  disk.storage_class = "local";
  cluster.put_object(model::VolumeSeen{disk});
  cluster.put_object(model::VolumeClaimSeen{claim("local")});
  const auto* seen = cluster.objects().find<model::VolumeSeen>("PersistentVolume", {"", "disk"});
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->volume.phase, "Available") << "the claim waits for its consumer";
  const model::BindVolume bind{
      .volume = "disk", .resource_version = seen->volume.resource_version, .claim = {"x", "c"}, .claim_uid = model::Uid("cu")};
  EXPECT_FALSE(perform(cluster, bind));
  const auto* bound = cluster.objects().find<model::VolumeClaimSeen>("PersistentVolumeClaim", {"x", "c"});
  EXPECT_TRUE(bound->claim.bound);
  EXPECT_EQ(bound->claim.volume_name, "disk");
  model::BindVolume stolen = bind;
  stolen.claim.name = "d";
  EXPECT_EQ(perform(cluster, stolen)->code, Errc::conflict);
}

TEST(MemoryCluster, AClaimWithoutAWaitingClassGetsTheSmallestThatFits) {
  MemoryCluster cluster;
  cluster.put_object(model::VolumeSeen{volume("large", gibibytes(4))});
  cluster.put_object(model::VolumeSeen{volume("small", gibibytes(2))});
  cluster.put_object(model::VolumeSeen{volume("tiny", mebibytes(1))});
  cluster.put_object(model::VolumeClaimSeen{claim("")});
  EXPECT_EQ(cluster.objects().find<model::VolumeClaimSeen>("PersistentVolumeClaim", {"x", "c"})->claim.volume_name, "small");
}

TEST(MemoryCluster, AListTellsEveryObjectAgain) {
  MemoryCluster cluster;
  model::PodGroup group;
  group.dialect = model::PodGroupDialect::kubernetes;
  group.key = {"x", "g"};
  cluster.put_object(model::PodGroupSeen{group});
  cluster.put_object(model::QueueSeen{{.name = "q"}});
  EXPECT_FALSE(perform(cluster, model::SetPodGroupStatus{.dialect = model::PodGroupDialect::kubernetes,
                                                         .group = {"x", "g"},
                                                         .condition_type = "PodGroupInitiallyScheduled",
                                                         .condition = true,
                                                         .reason = "Scheduled"}));
  cluster.relist();
  const auto groups = take<model::PodGroupSeen>(cluster);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].group.condition, "PodGroupInitiallyScheduled/True/Scheduled");
  EXPECT_TRUE(cluster.remove_object("Queue", {"", "q"}));
  EXPECT_FALSE(cluster.remove_object("Queue", {"", "q"}));
  EXPECT_EQ(take<model::QueueGone>(cluster).size(), 1U);
}

}   // namespace
}   // namespace ebb::services::testing
