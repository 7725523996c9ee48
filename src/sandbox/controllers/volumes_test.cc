#include "sandbox/controllers/test_plane.h"

#include "model/scheduling_resources.h"

namespace ebb::sandbox::control {
namespace {

using resources::kStorageClasses;
using resources::kVolumeClaims;
using resources::kVolumes;

class Volumes : public testing::Test {
 protected:
  void storage_class(std::string_view name, std::string_view provisioner, std::string_view mode, bool is_default = false) {
    plane.create(
        kStorageClasses,
        fmt::format(R"({{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{{"name":"{}"{}}},"provisioner":"{}",
                                  "volumeBindingMode":"{}","reclaimPolicy":"Delete"}})",
                    name, is_default ? R"(,"annotations":{"storageclass.kubernetes.io/is-default-class":"true"})" : "", provisioner, mode));
  }
  void claim(std::string_view name, std::string_view more, std::string_view size = "1Gi") {
    plane.create(kVolumeClaims,
                 fmt::format(R"({{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{{"name":"{}","namespace":"default"}},
                                  "spec":{{"accessModes":["ReadWriteOnce"],"resources":{{"requests":{{"storage":"{}"}}}}{}}}}})",
                             name, size, more));
    plane.settle();
  }
  void volume(std::string_view name, std::string_view size, std::string_view more = "") {
    plane.create(kVolumes, fmt::format(R"({{"apiVersion":"v1","kind":"PersistentVolume","metadata":{{"name":"{}"}},
                                  "spec":{{"accessModes":["ReadWriteOnce"],"capacity":{{"storage":"{}"}},"storageClassName":"","hostPath":{{"path":"/x"}}{}}}}})",
                                       name, size, more));
    plane.settle();
  }
  std::string of_claim(std::string_view path, const std::string& name = "c") { return text_at(plane.get(kVolumeClaims, name), path); }
  std::string phase_of(const std::string& volume) { return text_at(plane.get(kVolumes, volume, ""), "status.phase"); }

  TestPlane plane;
};

TEST_F(Volumes, AClaimGetsTheSmallestVolumeThatFits) {
  volume("large", "5Gi");
  volume("small", "2Gi");
  volume("tiny", "512Mi");
  EXPECT_EQ(phase_of("small"), "Available");
  claim("c", R"(,"storageClassName":"")");
  EXPECT_EQ(of_claim("status.phase"), "Bound");
  EXPECT_EQ(of_claim("spec.volumeName"), "small");
  EXPECT_EQ(of_claim("status.capacity.storage"), "2Gi");
  EXPECT_EQ(annotation(plane.get(kVolumeClaims, "c"), "pv.kubernetes.io/bind-completed"), "yes");
  EXPECT_EQ(phase_of("small"), "Bound");
  EXPECT_EQ(text_at(plane.get(kVolumes, "small", ""), "spec.claimRef.name"), "c");
  EXPECT_EQ(phase_of("large"), "Available");
}

TEST_F(Volumes, AClaimWaitsForAVolumeAndGetsItWhenItComes) {
  claim("c", R"(,"storageClassName":"")");
  EXPECT_EQ(of_claim("status.phase"), "Pending");
  EXPECT_EQ(plane.events("FailedBinding", "c"), 1);
  volume("v", "1Gi");
  EXPECT_EQ(of_claim("status.phase"), "Bound");
}

TEST_F(Volumes, AVolumeReservedByNameGoesToNobodyElse) {
  volume("mine", "9Gi", R"(,"claimRef":{"namespace":"default","name":"c"})");
  claim("other", R"(,"storageClassName":"")");
  EXPECT_EQ(of_claim("status.phase", "other"), "Pending");
  claim("c", R"(,"storageClassName":"")");
  EXPECT_EQ(of_claim("spec.volumeName"), "mine");
  EXPECT_EQ(annotation(plane.get(kVolumes, "mine", ""), "pv.kubernetes.io/bound-by-controller"), "") << "a reservation by hand stays one";
}

TEST_F(Volumes, AClassThatDoesNotWaitGetsAVolumeMadeAtOnceAndDeletedWithItsClaim) {
  storage_class("fast", "csi.example.com", "Immediate");
  claim("c", R"(,"storageClassName":"fast")");
  EXPECT_EQ(of_claim("status.phase"), "Bound");
  const std::string name = of_claim("spec.volumeName");
  const json::object made = plane.get(kVolumes, name, "");
  EXPECT_EQ(text_at(made, "spec.csi.driver"), "csi.example.com");
  EXPECT_EQ(value_at(made, "spec.nodeAffinity"), nullptr);
  EXPECT_EQ(plane.events("ProvisioningSucceeded", "c"), 1);
  plane.remove(kVolumeClaims, "c");
  plane.settle();
  EXPECT_FALSE(plane.exists(kVolumes, name, ""));
}

TEST_F(Volumes, AClassThatWaitsGetsItsVolumeOnTheNodeThatTheSchedulerSelects) {
  storage_class("local", "sandbox.ebb/local", "WaitForFirstConsumer");
  claim("c", R"(,"storageClassName":"local")");
  EXPECT_EQ(of_claim("status.phase"), "Pending");
  EXPECT_EQ(plane.events("WaitForFirstConsumer", "c"), 1);
  plane.edit(kVolumeClaims, {"default", "c"},
             [](json::object& object) { child(child(object, "metadata"), "annotations")["volume.kubernetes.io/selected-node"] = "n1"; });
  plane.settle();
  EXPECT_EQ(of_claim("status.phase"), "Bound");
  const json::object made = plane.get(kVolumes, of_claim("spec.volumeName"), "");
  EXPECT_EQ(
      json::serialize(*value_at(made, "spec.nodeAffinity")),
      R"({"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["n1"]}]}]}})");
}

TEST_F(Volumes, AVolumeThatTheSchedulerReservedIsBound) {
  storage_class("disks", "kubernetes.io/no-provisioner", "WaitForFirstConsumer");
  plane.create(kVolumes, R"({"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"disk"},
    "spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"2Gi"},"storageClassName":"disks","hostPath":{"path":"/x"}}})");
  claim("c", R"(,"storageClassName":"disks")");
  EXPECT_EQ(of_claim("status.phase"), "Pending") << "it waits, although a volume would fit";
  const std::string uid = uid_of(plane.get(kVolumeClaims, "c"));
  plane.edit(kVolumes, {"", "disk"}, [&](json::object& object) {
    child(object, "spec")["claimRef"] =
        json::object{{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"namespace", "default"}, {"name", "c"}, {"uid", uid}};
  });
  plane.settle();
  EXPECT_EQ(of_claim("spec.volumeName"), "disk");
  EXPECT_EQ(phase_of("disk"), "Bound");
}

TEST_F(Volumes, AClaimWithoutAClassGetsTheDefaultOneAlsoWhenItComesLater) {
  claim("c", "");
  EXPECT_EQ(of_claim("status.phase"), "Pending");
  storage_class("standard", "sandbox.ebb/local", "Immediate", true);
  plane.settle();
  EXPECT_EQ(of_claim("spec.storageClassName"), "standard");
  EXPECT_EQ(of_claim("status.phase"), "Bound");
}

TEST_F(Volumes, WhatIsRetainedIsReleasedAndAClaimWithoutItsVolumeIsLost) {
  volume("v", "1Gi");
  claim("c", R"(,"storageClassName":"")");
  plane.remove(kVolumeClaims, "c");
  plane.settle();
  EXPECT_EQ(phase_of("v"), "Released");
  volume("w", "1Gi");
  claim("d", R"(,"storageClassName":"")");
  ASSERT_EQ(of_claim("spec.volumeName", "d"), "w");
  plane.remove(kVolumes, "w", {}, "");
  plane.settle();
  EXPECT_EQ(of_claim("status.phase", "d"), "Lost");
}

TEST(SchedulingKinds, TheGangsQueuesAndTopologiesOfOtherProjectsCanBeServed) {
  TestPlane plane;
  for (const std::string& text : model::scheduling_resource_definitions()) plane.create(resources::kCustomResourceDefinitions, text);
  plane.settle();
  const ResourceId groups{"scheduling.volcano.sh", "v1beta1", "podgroups"};
  const ResourceId queues{"scheduling.volcano.sh", "v1beta1", "queues"};
  const ResourceId plugins{"scheduling.x-k8s.io", "v1alpha1", "podgroups"};
  const ResourceId topologies{"topology.node.k8s.io", "v1alpha2", "noderesourcetopologies"};
  plane.create(groups, R"({"apiVersion":"scheduling.volcano.sh/v1beta1","kind":"PodGroup","metadata":{"name":"g","namespace":"default"},
    "spec":{"minMember":3,"minTaskMember":{"a":1},"minResources":{"cpu":2,"memory":"1Gi"}}})");
  EXPECT_EQ(text_at(plane.get(groups, "g"), "spec.queue"), "default");
  EXPECT_EQ(number_at(plane.get(groups, "g"), "spec.minTaskMember.a"), 1);
  plane.edit(groups, {"default", "g"}, [](json::object& object) { child(object, "status")["phase"] = "Inqueue"; }, "status");
  EXPECT_EQ(text_at(plane.get(groups, "g"), "status.phase"), "Inqueue");
  plane.create(queues, R"({"apiVersion":"scheduling.volcano.sh/v1beta1","kind":"Queue","metadata":{"name":"q"},
    "spec":{"weight":2,"guarantee":{"resource":{"cpu":"1"}},"capability":{"nvidia.com/gpu":8}}})");
  EXPECT_EQ(number_at(plane.get(queues, "q", ""), "spec.weight"), 2);
  EXPECT_NE(object_at(plane.get(queues, "q", ""), "spec.capability"), nullptr);
  plane.create(plugins, R"({"apiVersion":"scheduling.x-k8s.io/v1alpha1","kind":"PodGroup","metadata":{"name":"g","namespace":"default"},
    "spec":{"minMember":3,"scheduleTimeoutSeconds":10}})");
  EXPECT_EQ(number_at(plane.get(plugins, "g"), "spec.scheduleTimeoutSeconds"), 10);
  plane.create(topologies, R"({"apiVersion":"topology.node.k8s.io/v1alpha2","kind":"NodeResourceTopology","metadata":{"name":"n1"},
    "topologyPolicies":["SingleNUMANodeContainerLevel"],
    "zones":[{"name":"node-0","type":"Node","costs":[{"name":"node-0","value":10}],"resources":[{"name":"cpu","capacity":"8","allocatable":"7","available":"7"}]}]})");
  EXPECT_EQ(array_at(plane.get(topologies, "n1", ""), "zones")->size(), 1U);
}

}   // namespace
}   // namespace ebb::sandbox::control
