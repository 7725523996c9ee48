#include "core/volumes/volume_testing.h"

namespace ebb::core::volumes::testing {
namespace {

using model::VolumeKind;

constexpr const char* kNoDisk = "node(s) had no available disk";
constexpr const char* kClaimInUse =
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";

class VolumeRestrictions : public StorageTest {};

TEST_F(VolumeRestrictions, PodWithoutVolumesAsksForNothing) {
  EXPECT_FALSE(book.acquire(a_pod("p", {})));
  EXPECT_FALSE(book.acquire(a_pod("p", {disk(VolumeKind::csi_inline, "driver")})));
}

TEST_F(VolumeRestrictions, DisksOfOldConflictByTheirOwnRules) {
  struct Case {
    const char* what;
    model::PodVolume there;
    model::PodVolume wanted;
    bool conflict;
  };
  const Case cases[] = {
      {"gce, both write", disk(VolumeKind::gce_disk, "d"), disk(VolumeKind::gce_disk, "d"), true},
      {"gce, one writes", disk(VolumeKind::gce_disk, "d", true), disk(VolumeKind::gce_disk, "d"), true},
      {"gce, the other writes", disk(VolumeKind::gce_disk, "d"), disk(VolumeKind::gce_disk, "d", true), true},
      {"gce, both read", disk(VolumeKind::gce_disk, "d", true), disk(VolumeKind::gce_disk, "d", true), false},
      {"gce, another disk", disk(VolumeKind::gce_disk, "d"), disk(VolumeKind::gce_disk, "e"), false},
      {"aws, both write", disk(VolumeKind::aws_disk, "d"), disk(VolumeKind::aws_disk, "d"), true},
      {"aws, both read", disk(VolumeKind::aws_disk, "d", true), disk(VolumeKind::aws_disk, "d", true), true},
      {"aws, another disk", disk(VolumeKind::aws_disk, "d"), disk(VolumeKind::aws_disk, "e"), false},
      {"another kind of the same name", disk(VolumeKind::aws_disk, "d"), disk(VolumeKind::gce_disk, "d"), false},
      {"iscsi, one writes", disk(VolumeKind::iscsi, "iqn", true), disk(VolumeKind::iscsi, "iqn"), true},
      {"iscsi, both read", disk(VolumeKind::iscsi, "iqn", true), disk(VolumeKind::iscsi, "iqn", true), false},
      {"rbd, one monitor shared", disk(VolumeKind::rbd, "p/i", false, {"a", "b"}), disk(VolumeKind::rbd, "p/i", false, {"b", "c"}), true},
      {"rbd, no monitor shared", disk(VolumeKind::rbd, "p/i", false, {"a"}), disk(VolumeKind::rbd, "p/i", false, {"b"}), false},
      {"rbd, both read", disk(VolumeKind::rbd, "p/i", true, {"a"}), disk(VolumeKind::rbd, "p/i", true, {"a"}), false},
      {"rbd, another image", disk(VolumeKind::rbd, "p/i", false, {"a"}), disk(VolumeKind::rbd, "p/j", false, {"a"}), false},
      {"azure never conflicts", disk(VolumeKind::azure_disk, "d"), disk(VolumeKind::azure_disk, "d"), false},
  };
  for (const Case& one : cases) {
    const Slot n = node("n");
    const Slot other = node("other");
    const model::Pod there = a_pod("there", {one.there});
    const model::Pod wanted = a_pod("wanted", {one.wanted});
    book.add_pod(n, there);
    EXPECT_EQ(answer(wanted, n), one.conflict ? Texts{kNoDisk} : Texts{}) << one.what;
    EXPECT_EQ(answer(wanted, other), Texts{}) << one.what;
    book.remove_pod(n, there);
    EXPECT_EQ(answer(wanted, n), Texts{}) << one.what;
  }
}

TEST_F(VolumeRestrictions, DiskStaysInUseUntilItsLastUserIsGone) {
  const Slot n = node("n");
  const model::Pod reader = a_pod("a", {disk(VolumeKind::gce_disk, "d", true)});
  book.add_pod(n, reader);
  book.add_pod(n, a_pod("b", {disk(VolumeKind::gce_disk, "d", true)}));
  book.remove_pod(n, reader);
  EXPECT_EQ(answer(a_pod("writer", {disk(VolumeKind::gce_disk, "d")}), n), Texts{kNoDisk});
}

TEST_F(VolumeRestrictions, PreemptionCanFreeADisk) {
  const Slot n = node("n");
  const model::Pod user = a_pod("a", {disk(VolumeKind::aws_disk, "d")});
  const model::Pod wanted = a_pod("b", {disk(VolumeKind::aws_disk, "d")});
  book.add_pod(n, user);
  ASSERT_TRUE(refusal(wanted, n));
  EXPECT_TRUE(refusal(wanted, n)->resolvable());
  EXPECT_EQ(refusal(wanted, n)->plugin, VolumePlugin::restrictions);
  book.take_out(n, user);
  EXPECT_FALSE(refusal(wanted, n));
  book.put_back(n, user);
  EXPECT_TRUE(refusal(wanted, n));
}

class ReadWriteOncePod : public StorageTest {
 protected:
  void SetUp() override {
    for (const char* name : {"one", "other"}) {
      model::VolumeClaim claim = bound_claim(name, std::string("pv-") + name);
      claim.access_modes = {"ReadWriteOncePod"};
      see(bound_to(a_volume(claim.volume_name), claim));
      see(claim);
    }
  }
};

TEST_F(ReadWriteOncePod, ClaimInUseIsRefusedOnEveryNode) {
  const Slot here = node("here");
  const Slot there = node("there");
  const model::Pod wanted = a_pod("wanted", {uses("one")});
  EXPECT_EQ(answer(wanted, here), Texts{});
  book.add_pod(there, a_pod("user", {uses("one")}));
  EXPECT_EQ(answer(wanted, here), Texts{kClaimInUse});
  EXPECT_EQ(answer(wanted, there), Texts{kClaimInUse});
  EXPECT_TRUE(refusal(wanted, here)->resolvable());
}

TEST_F(ReadWriteOncePod, OnlyItsOwnUsersCount) {
  const Slot n = node("n");
  model::Pod elsewhere = a_pod("user", {uses("one")});
  elsewhere.key.ns = "another";
  book.add_pod(n, elsewhere);
  book.add_pod(n, a_pod("user", {uses("other")}));
  EXPECT_EQ(answer(a_pod("wanted", {uses("one")}), n), Texts{});
}

TEST_F(ReadWriteOncePod, OtherModesMayBeShared) {
  const Slot n = node("n");
  see_bound("shared", a_volume("pv"));
  book.add_pod(n, a_pod("user", {uses("shared")}));
  EXPECT_EQ(answer(a_pod("wanted", {uses("shared")}), n), Texts{});
}

TEST_F(ReadWriteOncePod, TakingTheUserOutForATrialFreesTheClaim) {
  const Slot n = node("n");
  const model::Pod user = a_pod("user", {uses("one")});
  const model::Pod wanted = a_pod("wanted", {uses("one")});
  const DemandId demand = acquire(wanted);
  book.add_pod(n, user);
  book.take_changes();
  const std::uint64_t generation = book.generation(demand);
  book.take_out(n, user);
  EXPECT_EQ(answer(wanted, n), Texts{});
  book.put_back(n, user);
  EXPECT_EQ(answer(wanted, n), Texts{kClaimInUse});
  EXPECT_TRUE(book.take_changes().empty()) << "a trial wakes nobody";
  EXPECT_EQ(book.generation(demand), generation);
}

TEST_F(ReadWriteOncePod, ItsDepartureWakesThoseWhoWaitForTheClaim) {
  const Slot n = node("n");
  const model::Pod user = a_pod("user", {uses("one")});
  book.add_pod(n, user);
  const DemandId waiting = acquire(a_pod("wanted", {uses("one")}));
  const DemandId unconcerned = acquire(a_pod("wanted", {uses("other")}));
  book.take_changes();
  const std::uint64_t before = book.generation(waiting);
  const std::uint64_t unconcerned_before = book.generation(unconcerned);
  book.remove_pod(n, user);
  EXPECT_EQ(book.take_changes().demands, (std::vector<DemandChange>{{waiting, true}}));
  EXPECT_GT(book.generation(waiting), before);
  EXPECT_EQ(book.generation(unconcerned), unconcerned_before);
}

TEST_F(ReadWriteOncePod, ProfileWithoutThePluginDoesNotCare) {
  const Slot n = node("n");
  book.add_pod(n, a_pod("user", {uses("one"), disk(VolumeKind::aws_disk, "d")}));
  const model::Pod wanted = a_pod("wanted", {uses("one"), disk(VolumeKind::aws_disk, "d")});
  EXPECT_EQ(answer(wanted, n), Texts{kNoDisk});
  EXPECT_EQ(answer(wanted, n, kEveryVolumePlugin & static_cast<VolumePlugins>(~bit(VolumePlugin::restrictions))), Texts{});
}

}   // namespace
}   // namespace ebb::core::volumes::testing
