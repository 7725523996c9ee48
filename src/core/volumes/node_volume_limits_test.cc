#include "core/volumes/volume_testing.h"

namespace ebb::core::volumes::testing {
namespace {

using model::VolumeKind;

constexpr const char* kTooMany = "node(s) exceed max volume count";
constexpr const char* kDriver = "csi.example.com";

class NodeVolumeLimits : public StorageTest {
 protected:
  void SetUp() override {
    for (const char* one : {"a", "b", "c", "d"}) see_bound(one, csi_volume(std::string("pv-") + one, kDriver, std::string("h-") + one));
    n = node("n");
  }
  Slot n = 0;
};

TEST_F(NodeVolumeLimits, VolumesCountUpToTheLimitOfTheDriver) {
  see_driver_on("n", kDriver, 2);
  book.add_pod(n, a_pod("p1", {uses("a")}));
  EXPECT_EQ(answer(a_pod("p2", {uses("b")}), n), Texts{});
  EXPECT_EQ(answer(a_pod("p2", {uses("b"), uses("c")}), n), Texts{kTooMany});
  book.add_pod(n, a_pod("p2", {uses("b")}));
  EXPECT_EQ(answer(a_pod("p3", {uses("c")}), n), Texts{kTooMany});
  EXPECT_TRUE(refusal(a_pod("p3", {uses("c")}), n)->resolvable());
  book.remove_pod(n, a_pod("p1", {uses("a")}));
  EXPECT_EQ(answer(a_pod("p3", {uses("c")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, VolumeThatPodsShareCountsOnce) {
  see_driver_on("n", kDriver, 1);
  book.add_pod(n, a_pod("p1", {uses("a")}));
  book.add_pod(n, a_pod("p2", {uses("a")}));
  EXPECT_EQ(answer(a_pod("p3", {uses("a")}), n), Texts{}) << "it is there already";
  book.remove_pod(n, a_pod("p1", {uses("a")}));
  EXPECT_EQ(answer(a_pod("p3", {uses("b")}), n), Texts{kTooMany}) << "p2 still has it";
  book.remove_pod(n, a_pod("p2", {uses("a")}));
  EXPECT_EQ(answer(a_pod("p3", {uses("b")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, TwoClaimsOnOneHandleCountOnce) {
  see_driver_on("n", kDriver, 1);
  see_bound("twin", csi_volume("pv-twin", kDriver, "h-a"));
  EXPECT_EQ(answer(a_pod("p", {uses("a"), uses("twin")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, NodeOrDriverWithoutLimitTakesAny) {
  const model::Pod pod = a_pod("p", {uses("a"), uses("b")});
  EXPECT_EQ(answer(pod, n), Texts{}) << "no CSINode";
  see_driver_on("n", kDriver);
  EXPECT_EQ(answer(pod, n), Texts{}) << "no count";
  see_driver_on("n", "another.example.com", 0);
  EXPECT_EQ(answer(pod, n), Texts{}) << "another driver's count";
  see_driver_on("n", kDriver, 0);
  EXPECT_EQ(answer(pod, n), Texts{kTooMany});
  book.step(model::CsiNodeGone{model::NodeName("n")});
  EXPECT_EQ(answer(pod, n), Texts{});
}

TEST_F(NodeVolumeLimits, EachDriverHasItsOwnLimit) {
  see_bound("other", csi_volume("pv-other", "another.example.com", "h"));
  see(model::CsiNode{model::NodeName("n"), {{kDriver, 1, {}}, {"another.example.com", 1, {}}}, {}});
  book.add_pod(n, a_pod("p1", {uses("a")}));
  EXPECT_EQ(answer(a_pod("p2", {uses("other")}), n), Texts{});
  EXPECT_EQ(answer(a_pod("p2", {uses("other"), uses("b")}), n), Texts{kTooMany});
}

TEST_F(NodeVolumeLimits, UnboundClaimCountsForTheDriverOfItsClass) {
  see(waiting_class());
  see(a_claim("new"));
  see_driver_on("n", kDriver, 1);
  book.add_pod(n, a_pod("p1", {uses("new")}));
  EXPECT_EQ(answer(a_pod("p2", {uses("a")}), n), Texts{kTooMany});
  EXPECT_EQ(answer(a_pod("p2", {uses("new")}), n), Texts{}) << "the same claim is the same volume";
  // Its volume comes to be: still one.
  see_bound("new", csi_volume("pv-new", kDriver, "h-new"));
  EXPECT_EQ(answer(a_pod("p2", {uses("a")}), n), Texts{kTooMany});
  EXPECT_EQ(answer(a_pod("p2", {uses("new")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, ClaimOfNoClassOrUnknownClassCountsNowhere) {
  see_driver_on("n", kDriver, 0);
  see(a_claim("unknown", "nowhere"));
  const VolumePlugins limits = bit(VolumePlugin::node_limits);
  EXPECT_EQ(answer(a_pod("p", {uses("unknown")}), n, limits), Texts{});
  model::StorageClass late = waiting_class("nowhere");
  see(late);
  EXPECT_EQ(answer(a_pod("p", {uses("unknown")}), n, limits), Texts{kTooMany}) << "the class came later";
}

TEST_F(NodeVolumeLimits, InTreePluginsCountForTheDriverThatReplacedThem) {
  struct Case {
    const char* plugin;
    const char* driver;
    bool counted;
  };
  const Case cases[] = {
      {"kubernetes.io/aws-ebs", "ebs.csi.aws.com", true},
      {"kubernetes.io/gce-pd", "pd.csi.storage.gke.io", true},
      {"kubernetes.io/cinder", "cinder.csi.openstack.org", true},
      {"kubernetes.io/azure-disk", "disk.csi.azure.com", true},
      {"kubernetes.io/portworx-volume", "pxd.portworx.com", true},
      {"kubernetes.io/azure-file", "file.csi.azure.com", false},
      {"kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com", false},
  };
  for (const Case& one : cases) {
    model::Volume volume = csi_volume("pv", one.driver, "h");
    volume.in_tree_plugin = one.plugin;
    see_bound("old", volume);
    see(waiting_class("old", one.plugin));
    see(a_claim("young", "old"));
    see_driver_on("n", one.driver, 0);
    const Texts expected = one.counted ? Texts{kTooMany} : Texts{};
    EXPECT_EQ(answer(a_pod("p", {uses("old")}), n), expected) << one.plugin;
    EXPECT_EQ(answer(a_pod("p", {uses("young")}), n), expected) << one.plugin << " of a class";
  }
}

TEST_F(NodeVolumeLimits, DisksThatPodsNameThemselvesCountToo) {
  struct Case {
    model::PodVolume disk;
    const char* driver;
  };
  const Case cases[] = {
      {disk(VolumeKind::aws_disk, "aws://zone-a/vol-1"), "ebs.csi.aws.com"},
      {disk(VolumeKind::gce_disk, "d"), "pd.csi.storage.gke.io"},
      {disk(VolumeKind::azure_disk, "/uri"), "disk.csi.azure.com"},
  };
  for (const Case& one : cases) {
    see_driver_on("n", one.driver, 0);
    EXPECT_EQ(answer(a_pod("p", {one.disk}), n), Texts{kTooMany}) << one.driver;
    see_driver_on("n", one.driver, 1);
    EXPECT_EQ(answer(a_pod("p", {one.disk}), n), Texts{}) << one.driver;
  }
}

TEST_F(NodeVolumeLimits, DiskNamedByAPodAndByAVolumeIsOneDisk) {
  model::Volume volume = csi_volume("pv-e", "ebs.csi.aws.com", "vol-1");
  see_bound("e", volume);
  see_driver_on("n", "ebs.csi.aws.com", 1);
  book.add_pod(n, a_pod("p1", {disk(VolumeKind::aws_disk, "aws:///vol-1")}));
  EXPECT_EQ(answer(a_pod("p2", {uses("e")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, AttachmentsNobodyUsesYetCount) {
  see_driver_on("n", kDriver, 1);
  see(model::VolumeAttachment{"va", kDriver, model::NodeName("n"), "pv-a"});
  EXPECT_EQ(answer(a_pod("p", {uses("b")}), n), Texts{kTooMany});
  EXPECT_EQ(answer(a_pod("p", {uses("a")}), n), Texts{kTooMany}) << "as in the default scheduler: attached, but no pod's yet";
  book.add_pod(n, a_pod("p0", {uses("a")}));
  EXPECT_EQ(answer(a_pod("p", {uses("a")}), n), Texts{}) << "not counted twice";
  book.remove_pod(n, a_pod("p0", {uses("a")}));
  book.step(model::VolumeAttachmentGone{"va"});
  EXPECT_EQ(answer(a_pod("p", {uses("b")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, AttachmentCountsWhereItsNodeAndVolumeAreKnown) {
  see(model::VolumeAttachment{"va", kDriver, model::NodeName("late"), "pv-late"});
  see_driver_on("late", kDriver, 1);
  const Slot late = node("late");
  const model::Pod pod = a_pod("p", {uses("a")});
  EXPECT_EQ(answer(pod, late), Texts{}) << "its volume is not known";
  see(csi_volume("pv-late", kDriver, "h-late"));
  EXPECT_EQ(answer(pod, late), Texts{kTooMany});
  book.node_gone(late);
  node("late");
  EXPECT_EQ(answer(pod, late), Texts{kTooMany}) << "the node is back, and so is what is attached to it";
  book.step(model::VolumeGone{"pv-late"});
  EXPECT_EQ(answer(pod, late), Texts{});
}

TEST_F(NodeVolumeLimits, AttachmentOfAnInTreeVolumeDoesNotCount) {
  model::Volume old = csi_volume("pv-old", kDriver, "h-old");
  old.in_tree_plugin = "kubernetes.io/aws-ebs";
  see(old);
  see_driver_on("n", kDriver, 1);
  see(model::VolumeAttachment{"va", kDriver, model::NodeName("n"), "pv-old"});
  EXPECT_EQ(answer(a_pod("p", {uses("a")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, DriverThatMustBeThereRefusesNodesWithoutIt) {
  model::CsiDriver driver;
  driver.name = kDriver;
  see(driver);
  EXPECT_EQ(answer(a_pod("p", {uses("a")}), n), Texts{});
  driver.required_on_node = true;
  see(driver);
  const Texts missing{"csi.example.com CSI driver is not installed on the node"};
  EXPECT_EQ(answer(a_pod("p", {uses("a")}), n), missing) << "no CSINode";
  see_driver_on("n", "another.example.com");
  EXPECT_EQ(answer(a_pod("p", {uses("a")}), n), missing);
  EXPECT_TRUE(refusal(a_pod("p", {uses("a")}), n)->resolvable());
  see_driver_on("n", kDriver);
  EXPECT_EQ(answer(a_pod("p", {uses("a")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, InTreeVolumeAsksForItsDriverOnlyWhereTheNodeHasToldOfDrivers) {
  model::CsiDriver driver;
  driver.name = "ebs.csi.aws.com";
  driver.required_on_node = true;
  see(driver);
  const model::Pod pod = a_pod("p", {disk(VolumeKind::aws_disk, "vol-1")});
  EXPECT_EQ(answer(pod, n), Texts{});
  see_driver_on("n", kDriver);
  EXPECT_EQ(answer(pod, n), Texts{"ebs.csi.aws.com CSI driver is not installed on the node"});
}

TEST_F(NodeVolumeLimits, EphemeralVolumeCountsOnlyForThePodItWasMadeFor) {
  model::VolumeClaim made = bound_claim("p1-scratch", "pv-s");
  made.owners = {{"v1", "Pod", "p1", model::Uid("uid-p1"), true}};
  see(made);
  see(bound_to(csi_volume("pv-s", kDriver, "h-s"), made));
  see_driver_on("n", kDriver, 1);
  book.add_pod(n, a_pod("p1", {ephemeral("scratch")}));
  EXPECT_EQ(answer(a_pod("p2", {uses("a")}), n), Texts{kTooMany});
  // The claim is replaced by somebody else's of that name.
  made.uid = model::Uid("another");
  made.owners = {};
  see(made);
  EXPECT_EQ(answer(a_pod("p2", {uses("a")}), n), Texts{});
  book.remove_pod(n, a_pod("p1", {ephemeral("scratch")}));
}

TEST_F(NodeVolumeLimits, ClaimThatIsNotThereCountsAsSoonAsItComes) {
  see_driver_on("n", kDriver, 1);
  book.add_pod(n, a_pod("p1", {uses("late")}));
  EXPECT_EQ(answer(a_pod("p2", {uses("a")}), n), Texts{});
  see_bound("late", csi_volume("pv-late", kDriver, "h-late"));
  EXPECT_EQ(answer(a_pod("p2", {uses("a")}), n), Texts{kTooMany});
  book.step(model::VolumeClaimGone{key("late")});
  EXPECT_EQ(answer(a_pod("p2", {uses("a")}), n), Texts{});
}

TEST_F(NodeVolumeLimits, WithoutTheOtherPluginsAMissingClaimIsStillRefused) {
  const auto refusal = everywhere(a_pod("p", {uses("gone")}), bit(VolumePlugin::node_limits));
  EXPECT_EQ(refusal, (PodRefusal{VolumePlugin::node_limits, "looking up PVC default/gone: persistentvolumeclaim \"gone\" not found"}));
}

TEST_F(NodeVolumeLimits, NodeIsWorthAnotherTryWhenItCanTakeMore) {
  see_driver_on("n", kDriver, 1);
  book.take_changes();
  see_driver_on("n", kDriver, 1);
  EXPECT_TRUE(book.take_changes().empty()) << "the same again";
  see_driver_on("n", kDriver, 2);
  EXPECT_EQ(book.take_changes().slots, (std::vector<SlotChange>{{n, true}}));
  see_driver_on("n", kDriver, 1);
  EXPECT_EQ(book.take_changes().slots, (std::vector<SlotChange>{{n, false}})) << "answers change, but none for the better";
  see_driver_on("n", kDriver);
  EXPECT_EQ(book.take_changes().slots, (std::vector<SlotChange>{{n, true}})) << "no limit any more";
  see(model::VolumeAttachment{"va", kDriver, model::NodeName("n"), "pv-a"});
  EXPECT_EQ(book.take_changes().slots, (std::vector<SlotChange>{{n, false}}));
  book.step(model::VolumeAttachmentGone{"va"});
  EXPECT_EQ(book.take_changes().slots, (std::vector<SlotChange>{{n, true}}));
  book.add_pod(n, a_pod("p", {uses("a")}));
  EXPECT_EQ(book.take_changes().slots, (std::vector<SlotChange>{{n, false}}));
  book.remove_pod(n, a_pod("p", {uses("a")}));
  EXPECT_EQ(book.take_changes().slots, (std::vector<SlotChange>{{n, true}}));
}

}   // namespace
}   // namespace ebb::core::volumes::testing
