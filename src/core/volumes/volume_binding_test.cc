#include "core/volumes/volume_testing.h"

namespace ebb::core::volumes::testing {
namespace {

constexpr const char* kAffinity = "node(s) didn't match PersistentVolume's node affinity";
constexpr const char* kNothing = "node(s) didn't find available persistent volumes to bind";
constexpr const char* kNoSpace = "node(s) did not have enough free storage";
constexpr const char* kNoVolume = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
constexpr const char* kImmediate = "pod has unbound immediate PersistentVolumeClaims";

class RefusedEverywhere : public StorageTest {
 protected:
  void expect(const model::Pod& pod, VolumePlugin plugin, const std::string& text, VolumePlugins plugins = kEveryVolumePlugin) {
    EXPECT_EQ(everywhere(pod, plugins), (PodRefusal{plugin, text}));
  }
};

TEST_F(RefusedEverywhere, ClaimThatDoesNotExist) {
  expect(a_pod("p", {uses("x")}), VolumePlugin::restrictions, "persistentvolumeclaim \"x\" not found");
  expect(a_pod("p", {uses("x")}), VolumePlugin::binding, "persistentvolumeclaim \"x\" not found", bit(VolumePlugin::binding));
  expect(a_pod("p", {uses("x")}), VolumePlugin::zone, "persistentvolumeclaim \"x\" not found", bit(VolumePlugin::zone));
}

TEST_F(RefusedEverywhere, ClaimOfAnotherNamespaceIsAnotherClaim) {
  see_bound("x", a_volume("pv"));
  model::Pod pod = a_pod("p", {uses("x")});
  EXPECT_FALSE(everywhere(pod));
  pod.key.ns = "another";
  expect(pod, VolumePlugin::restrictions, "persistentvolumeclaim \"x\" not found");
}

TEST_F(RefusedEverywhere, EphemeralVolumeWaitsForItsClaim) {
  expect(a_pod("p", {ephemeral("scratch")}), VolumePlugin::binding,
         "waiting for ephemeral volume controller to create the persistentvolumeclaim \"p-scratch\"");
}

TEST_F(RefusedEverywhere, EphemeralVolumeIsNobodyElsesClaim) {
  see_bound("p-scratch", a_volume("pv"));
  expect(a_pod("p", {ephemeral("scratch")}), VolumePlugin::binding,
         "PVC default/p-scratch was not created for pod default/p (pod is not owner)");
  model::VolumeClaim claim = bound_claim("p-scratch", "pv");
  claim.owners = {{"v1", "Pod", "p", model::Uid("uid-p"), false}};
  see(claim);
  EXPECT_TRUE(everywhere(a_pod("p", {ephemeral("scratch")}))) << "an owner that is no controller";
  claim.owners.front().controller = true;
  see(claim);
  EXPECT_FALSE(everywhere(a_pod("p", {ephemeral("scratch")})));
  model::Pod reborn = a_pod("p", {ephemeral("scratch")});
  reborn.uid = model::Uid("another");
  EXPECT_TRUE(everywhere(reborn));
}

TEST_F(RefusedEverywhere, LostClaim) {
  model::VolumeClaim claim = bound_claim("x", "gone");
  claim.lost = true;
  see(claim);
  expect(a_pod("p", {uses("x")}), VolumePlugin::binding, "persistentvolumeclaim \"x\" bound to non-existent persistentvolume \"gone\"");
}

TEST_F(RefusedEverywhere, ClaimBeingDeleted) {
  see_bound("x", a_volume("pv"));
  model::VolumeClaim claim = bound_claim("x", "pv");
  claim.deletion_requested = Instant{};
  see(claim);
  expect(a_pod("p", {uses("x")}), VolumePlugin::binding, "persistentvolumeclaim \"x\" is being deleted");
}

TEST_F(RefusedEverywhere, UnboundClaimThatWaitsForNobody) {
  model::StorageClass immediate = waiting_class("fast");
  immediate.wait_for_first_consumer = false;
  see(immediate);
  see(waiting_class());
  see(a_claim("immediate", "fast"));
  see(a_claim("unknown", "nowhere"));
  see(a_claim("classless", ""));
  model::VolumeClaim none = a_claim("none");
  none.storage_class.reset();
  see(none);
  model::VolumeClaim half = a_claim("half");
  half.volume_name = "pv";
  see(half);
  for (const char* name : {"immediate", "unknown", "classless", "none", "half"}) {
    SCOPED_TRACE(name);
    expect(a_pod("p", {uses(name)}), VolumePlugin::binding, kImmediate);
  }
}

TEST_F(RefusedEverywhere, VolumeOfABoundClaimDoesNotExist) {
  see(bound_claim("x", "gone"));
  expect(a_pod("p", {uses("x")}), VolumePlugin::zone, "persistentvolume \"gone\" not found");
  EXPECT_EQ(answer(a_pod("p", {uses("x")}), node("n"), bit(VolumePlugin::binding)), Texts{kNoVolume});
}

TEST_F(RefusedEverywhere, ZonesAloneNeedAVolumeOrSomethingToWaitFor) {
  const VolumePlugins zone = bit(VolumePlugin::zone);
  model::StorageClass immediate = waiting_class("fast");
  immediate.wait_for_first_consumer = false;
  see(immediate);
  see(waiting_class());
  see(a_claim("classless", ""));
  see(a_claim("unknown", "nowhere"));
  see(a_claim("immediate", "fast"));
  see(a_claim("waiting"));
  expect(a_pod("p", {uses("classless")}), VolumePlugin::zone, "PersistentVolumeClaim had no pv name and storageClass name", zone);
  expect(a_pod("p", {uses("unknown")}), VolumePlugin::zone, "storageclass.storage.k8s.io \"nowhere\" not found", zone);
  expect(a_pod("p", {uses("immediate")}), VolumePlugin::zone, "PersistentVolume had no name", zone);
  EXPECT_FALSE(everywhere(a_pod("p", {uses("waiting")}), zone));
}

TEST_F(RefusedEverywhere, TheFirstPluginInOrderSpeaks) {
  see_bound("x", a_volume("pv"));
  model::VolumeClaim claim = bound_claim("x", "pv");
  claim.deletion_requested = Instant{};
  see(claim);
  expect(a_pod("p", {uses("x"), uses("missing")}), VolumePlugin::restrictions, "persistentvolumeclaim \"missing\" not found");
}

class BoundClaims : public StorageTest {};

TEST_F(BoundClaims, VolumeMustBeReachableFromTheNode) {
  see_bound("x", on_node(a_volume("pv"), "a"));
  EXPECT_EQ(answer(a_pod("p", {uses("x")}), node("a")), Texts{});
  EXPECT_EQ(answer(a_pod("p", {uses("x")}), node("b")), Texts{kAffinity});
  EXPECT_FALSE(refusal(a_pod("p", {uses("x")}), node("b"))->resolvable());
}

TEST_F(BoundClaims, AnyTermOfTheAffinityIsEnoughButAnEmptyOneMatchesNothing) {
  model::Volume volume = on_node(a_volume("pv"), "a");
  volume.node_terms.push_back(term("disk", {}, model::SelectorOperator::exists));
  see_bound("x", volume);
  EXPECT_EQ(answer(a_pod("p", {uses("x")}), node("b", {{"disk", "ssd"}})), Texts{});
  volume.node_terms = {{}};
  see_bound("x", volume);
  EXPECT_EQ(answer(a_pod("p", {uses("x")}), node("b")), Texts{kAffinity});
  volume.node_terms = {};
  see_bound("x", volume);
  EXPECT_EQ(answer(a_pod("p", {uses("x")}), node("b")), Texts{kAffinity}) << "an affinity without terms";
}

TEST_F(BoundClaims, FieldsOfTheAffinitySeeANodeWithoutAName) {
  model::Volume volume = a_volume("pv");
  volume.has_node_affinity = true;
  volume.node_terms = {{{}, {{{"metadata.name", model::SelectorOperator::in, {"a"}}}}}};
  see_bound("x", volume);
  EXPECT_EQ(answer(a_pod("p", {uses("x")}), node("a")), Texts{kAffinity});
}

TEST_F(BoundClaims, MigratedVolumeIsReachedByItsDriversZonesWhereTheNodeHasMigrated) {
  model::Volume volume = csi_volume("pv", "ebs.csi.aws.com", "vol-1");
  volume.in_tree_plugin = "kubernetes.io/aws-ebs";
  volume.has_node_affinity = true;
  volume.node_terms = {term("failure-domain.beta.kubernetes.io/zone", {"z1"})};
  see_bound("x", volume);
  const Slot n = node("n", {{"topology.ebs.csi.aws.com/zone", "z1"}});
  const model::Pod pod = a_pod("p", {uses("x")});
  EXPECT_EQ(answer(pod, n), Texts{kAffinity});
  see(model::CsiNode{model::NodeName("n"), {}, {"kubernetes.io/gce-pd"}});
  EXPECT_EQ(answer(pod, n), Texts{kAffinity});
  book.take_changes();
  see(model::CsiNode{model::NodeName("n"), {}, {"kubernetes.io/gce-pd", "kubernetes.io/aws-ebs"}});
  EXPECT_EQ(answer(pod, n), Texts{});
  EXPECT_EQ(book.take_changes().slots, (std::vector<SlotChange>{{n, true}}));
}

class FreeVolumes : public StorageTest {
 protected:
  void SetUp() override {
    see(waiting_class("slow", "kubernetes.io/no-provisioner"));
    see(a_claim("x"));
    n = node("n");
  }
  // The volume that the claim would get on the node; empty: none.
  std::string chosen(const model::Pod& of, Slot slot) {
    const DemandId demand = acquire(of);
    const auto assumed = book.assume(demand, of.uid, slot, at(slot));
    book.forget(of.uid);
    book.release(demand);
    if (!assumed || assumed->actions.empty()) return {};
    return std::get<model::BindVolume>(assumed->actions.front()).volume;
  }
  const model::Pod pod = a_pod("p", {uses("x")});
  Slot n = 0;
};

TEST_F(FreeVolumes, WithoutAnyTheNodeIsRefused) {
  EXPECT_EQ(answer(pod, n), Texts{kNothing});
  EXPECT_FALSE(refusal(pod, n)->resolvable());
  see(a_volume("pv"));
  EXPECT_EQ(answer(pod, n), Texts{});
}

TEST_F(FreeVolumes, EachPropertyMustFit) {
  struct Case {
    const char* what;
    bool fits;
    void (*change)(model::VolumeClaim&, model::Volume&);
  };
  using Claim = model::VolumeClaim;
  using Volume = model::Volume;
  const Case cases[] = {
      {"as it is", true, [](Claim&, Volume&) {}},
      {"another class", false, [](Claim&, Volume& v) { v.storage_class = "fast"; }},
      {"too small", false, [](Claim&, Volume& v) { v.capacity = gibibytes(1) - Bytes{1}; }},
      {"larger", true, [](Claim&, Volume& v) { v.capacity = gibibytes(5); }},
      {"another mode", false, [](Claim&, Volume& v) { v.volume_mode = "Block"; }},
      {"both block", true,
       [](Claim& c, Volume& v) {
         c.volume_mode = "Block";
         v.volume_mode = "Block";
       }},
      {"not all access modes", false, [](Claim& c, Volume&) { c.access_modes = {"ReadWriteOnce", "ReadOnlyMany"}; }},
      {"more access modes", true, [](Claim&, Volume& v) { v.access_modes = {"ReadWriteMany", "ReadWriteOnce"}; }},
      {"no access modes wanted", true, [](Claim& c, Volume&) { c.access_modes = {}; }},
      {"selector does not match", false, [](Claim& c, Volume&) { c.selector = term("disk", {"ssd"}).match_labels; }},
      {"selector matches", true,
       [](Claim& c, Volume& v) {
         c.selector = term("disk", {"ssd"}).match_labels;
         v.labels = {{"disk", "ssd"}};
       }},
      {"another attributes class", false, [](Claim& c, Volume&) { c.attributes_class = "gold"; }},
      {"the volume's attributes class", false, [](Claim&, Volume& v) { v.attributes_class = "gold"; }},
      {"both attributes classes", true,
       [](Claim& c, Volume& v) {
         c.attributes_class = "gold";
         v.attributes_class = "gold";
       }},
      {"being deleted", false, [](Claim&, Volume& v) { v.deletion_requested = Instant{}; }},
      {"pending", false, [](Claim&, Volume& v) { v.phase = "Pending"; }},
      {"released", false, [](Claim&, Volume& v) { v.phase = "Released"; }},
      {"another node's", false, [](Claim&, Volume& v) { v = on_node(v, "other"); }},
      {"this node's", true, [](Claim&, Volume& v) { v = on_node(v, "n"); }},
      {"another claim's", false, [](Claim&, Volume& v) { v.claim = key("other"); }},
      {"reserved for the claim by name", true, [](Claim&, Volume& v) { v.claim = key("x"); }},
      {"reserved for the claim", true, [](Claim& c, Volume& v) { v = bound_to(v, c); }},
      {"reserved for an earlier claim of that name", false,
       [](Claim& c, Volume& v) {
         v = bound_to(v, c);
         v.claim_uid = model::Uid("earlier");
       }},
      {"reserved, modes and phase and selector do not matter", true,
       [](Claim& c, Volume& v) {
         v.claim = key("x");
         v.phase = "Pending";
         v.access_modes = {};
         c.selector = term("disk", {"ssd"}).match_labels;
       }},
      {"reserved but too small", false,
       [](Claim&, Volume& v) {
         v.claim = key("x");
         v.capacity = Bytes{1};
       }},
      {"reserved but of another class", false,
       [](Claim&, Volume& v) {
         v.claim = key("x");
         v.storage_class = "fast";
       }},
  };
  for (const Case& one : cases) {
    model::VolumeClaim claim = a_claim("x");
    model::Volume volume = a_volume("pv");
    one.change(claim, volume);
    see(claim);
    see(volume);
    EXPECT_EQ(answer(pod, n), one.fits ? Texts{} : Texts{kNothing}) << one.what;
    book.step(model::VolumeGone{"pv"});
    EXPECT_EQ(answer(pod, n), Texts{kNothing}) << one.what << ", gone";
  }
}

TEST_F(FreeVolumes, TheSmallestThatIsLargeEnoughIsChosen) {
  for (const auto& [name, size] : {std::pair{"big", 9}, {"small", 2}, {"middle", 4}}) {
    model::Volume volume = a_volume(name);
    volume.capacity = gibibytes(size);
    see(volume);
  }
  EXPECT_EQ(chosen(pod, n), "small");
  model::VolumeClaim larger = a_claim("x");
  larger.request = gibibytes(3);
  see(larger);
  EXPECT_EQ(chosen(pod, n), "middle");
  see(on_node(a_volume("tight"), "n"));
  see(a_claim("x"));
  EXPECT_EQ(chosen(pod, n), "tight") << "also where it is found by the node's label";
  EXPECT_EQ(chosen(pod, node("other")), "small");
}

TEST_F(FreeVolumes, EqualVolumesAreTakenByName) {
  see(a_volume("b"));
  see(on_node(a_volume("a"), "n"));
  EXPECT_EQ(chosen(pod, n), "a");
}

TEST_F(FreeVolumes, ReservedVolumeIsPreferredAndWhereItCannotBeReachedNoOtherWillDo) {
  see(a_volume("free"));
  model::Volume reserved = on_node(a_volume("reserved"), "n");
  reserved.capacity = gibibytes(7);
  reserved.claim = key("x");
  see(reserved);
  EXPECT_EQ(chosen(pod, n), "reserved");
  EXPECT_EQ(answer(pod, node("other")), Texts{kNothing});
}

TEST_F(FreeVolumes, ReservedVolumeThatDoesNotSuitIsNoObstacle) {
  see(a_volume("free"));
  model::Volume reserved = on_node(a_volume("reserved"), "elsewhere");
  reserved.claim = key("x");
  reserved.capacity = Bytes{1};
  see(reserved);
  EXPECT_EQ(chosen(pod, n), "free");
}

TEST_F(FreeVolumes, EachClaimOfAPodNeedsItsOwn) {
  model::VolumeClaim large = a_claim("large");
  large.request = gibibytes(5);
  see(large);
  const model::Pod both = a_pod("p", {uses("large"), uses("x")});
  model::Volume wide = a_volume("wide");
  wide.capacity = gibibytes(8);
  see(wide);
  EXPECT_EQ(answer(both, n), Texts{kNothing});
  see(a_volume("narrow"));
  EXPECT_EQ(answer(both, n), Texts{}) << "the small claim leaves the large volume to the large claim";
}

TEST_F(FreeVolumes, ClaimThatAPodNamesTwiceNeedsOneVolume) {
  see(a_volume("pv"));
  EXPECT_EQ(answer(a_pod("p", {uses("x"), uses("x")}), n), Texts{});
}

class Provisioning : public StorageTest {
 protected:
  void SetUp() override {
    see(waiting_class());
    see(a_claim("x"));
    n = node("n", {{"zone", "a"}});
    driver.name = "csi.example.com";
    driver.storage_capacity = true;
  }
  static model::CsiStorageCapacity capacity(std::string name, std::optional<Bytes> bytes, std::string zone = "a") {
    return {{"kube-system", std::move(name)}, "slow", bytes, {}, term("zone", {std::move(zone)}).match_labels};
  }
  const model::Pod pod = a_pod("p", {uses("x")});
  model::CsiDriver driver;
  Slot n = 0;
};

TEST_F(Provisioning, ClassThatCanMakeVolumesIsEnough) {
  EXPECT_EQ(answer(pod, n), Texts{});
  see(waiting_class("slow", ""));
  EXPECT_EQ(answer(pod, n), Texts{kNothing});
  see(waiting_class("slow", "kubernetes.io/no-provisioner"));
  EXPECT_EQ(answer(pod, n), Texts{kNothing});
}

TEST_F(Provisioning, AllowedTopologiesSayWhere) {
  model::StorageClass narrow = waiting_class();
  narrow.allowed_topologies = {term("zone", {"b", "c"})};
  see(narrow);
  EXPECT_EQ(answer(pod, n), Texts{kNothing});
  narrow.allowed_topologies.push_back(term("zone", {"a"}));
  see(narrow);
  EXPECT_EQ(answer(pod, n), Texts{}) << "any term is enough";
  narrow.allowed_topologies = {{}};
  see(narrow);
  EXPECT_EQ(answer(pod, n), Texts{kNothing}) << "an empty term matches nothing";
  narrow.allowed_topologies = {term("zone", {"a"})};
  narrow.allowed_topologies.front().match_labels.requirements.push_back({"rack", model::SelectorOperator::in, {"1"}});
  see(narrow);
  EXPECT_EQ(answer(pod, n), Texts{kNothing}) << "all of a term";
}

TEST_F(Provisioning, PublishedCapacityIsLookedAtWhereTheDriverWantsIt) {
  see(capacity("tiny", Bytes{1}));
  EXPECT_EQ(answer(pod, n), Texts{}) << "an unknown driver";
  driver.storage_capacity = false;
  see(driver);
  EXPECT_EQ(answer(pod, n), Texts{}) << "a driver that publishes nothing";
  driver.storage_capacity = true;
  see(driver);
  EXPECT_EQ(answer(pod, n), Texts{kNoSpace});
  EXPECT_FALSE(refusal(pod, n)->resolvable());
  see(capacity("right", gibibytes(1)));
  EXPECT_EQ(answer(pod, n), Texts{});
}

TEST_F(Provisioning, CapacityMustBeForTheClassAndReachTheNode) {
  see(driver);
  model::CsiStorageCapacity other_class = capacity("class", gibibytes(9));
  other_class.storage_class = "fast";
  see(other_class);
  see(capacity("zone", gibibytes(9), "b"));
  model::CsiStorageCapacity nowhere = capacity("nowhere", gibibytes(9));
  nowhere.node_topology.reset();
  see(nowhere);
  see(capacity("unknown", {}));
  EXPECT_EQ(answer(pod, n), Texts{kNoSpace});
  model::CsiStorageCapacity everywhere = capacity("everywhere", gibibytes(9));
  everywhere.node_topology = model::LabelSelector{};
  see(everywhere);
  EXPECT_EQ(answer(pod, n), Texts{});
  book.step(model::CsiStorageCapacityGone{everywhere.key});
  EXPECT_EQ(answer(pod, n), Texts{kNoSpace});
}

TEST_F(Provisioning, MaximumVolumeSizeSaysMoreThanCapacity) {
  see(driver);
  model::CsiStorageCapacity fragmented = capacity("c", gibibytes(100));
  fragmented.maximum_volume_size = mebibytes(1);
  see(fragmented);
  EXPECT_EQ(answer(pod, n), Texts{kNoSpace});
  fragmented.maximum_volume_size = gibibytes(1);
  fragmented.capacity = Bytes{0};
  see(fragmented);
  EXPECT_EQ(answer(pod, n), Texts{});
}

TEST_F(Provisioning, SelectedNodeIsTheOnlyOne) {
  model::VolumeClaim claim = a_claim("x");
  claim.selected_node = "n";
  see(claim);
  see(a_volume("pv"));
  EXPECT_EQ(answer(pod, n), Texts{});
  EXPECT_EQ(answer(pod, node("other")), Texts{kNothing}) << "although a volume is free";
  see(waiting_class("slow", "kubernetes.io/no-provisioner"));
  EXPECT_EQ(answer(pod, n), Texts{kNothing}) << "a claim with a node selected is made there or not at all";
}

TEST_F(Provisioning, FreeVolumeComesBeforeANewOne) {
  see(driver);
  EXPECT_EQ(answer(pod, n), Texts{kNoSpace});
  see(a_volume("pv"));
  EXPECT_EQ(answer(pod, n), Texts{});
}

TEST_F(Provisioning, SeveralReasonsAreTold) {
  see_bound("bound", on_node(a_volume("elsewhere", "other"), "m"));
  see(driver);
  EXPECT_EQ(answer(a_pod("p", {uses("bound"), uses("x")}), n), (Texts{kAffinity, kNoSpace}));
  see(waiting_class("slow", "kubernetes.io/no-provisioner"));
  EXPECT_EQ(answer(a_pod("p", {uses("bound"), uses("x")}), n), (Texts{kAffinity, kNothing}));
}

class StorageScore : public Provisioning {
 protected:
  std::int64_t score(const model::Pod& of, std::vector<model::ShapePoint> shape = {{0, 10}, {100, 0}}) {
    const DemandId demand = acquire(of);
    const std::int64_t result = book.score(demand, n, at(n), shape);
    book.release(demand);
    return result;
  }
};

TEST_F(StorageScore, PublishedCapacityIsScoredByWhatWouldBeUsed) {
  see(driver);
  see(capacity("c", gibibytes(10)));
  EXPECT_EQ(score(pod), 90);
  EXPECT_EQ(score(pod, {{0, 0}, {100, 10}}), 10);
  EXPECT_EQ(score(pod, {{20, 3}, {100, 10}}), 30) << "before the first point";
  EXPECT_EQ(score(pod, {{0, 0}, {5, 10}}), 100) << "after the last";
  EXPECT_EQ(score(pod, {}), 0);
  see(a_claim("y"));
  EXPECT_EQ(score(a_pod("p", {uses("x"), uses("y")})), 80) << "both from one pool";
}

TEST_F(StorageScore, FreeVolumesAreScoredInsteadWhereThereIsOne) {
  model::Volume volume = a_volume("pv");
  volume.capacity = gibibytes(4);
  see(volume);
  EXPECT_EQ(score(pod), 75);
  see(driver);
  see(capacity("c", gibibytes(1)));
  see(a_claim("y"));
  EXPECT_EQ(score(a_pod("p", {uses("x"), uses("y")})), 75);
}

TEST_F(StorageScore, ClassesHaveEqualWeightAndHalvesAreRoundedUp) {
  see(driver);
  see(capacity("c", gibibytes(10)));   // 90
  see(waiting_class("fast"));
  see(a_claim("y", "fast"));
  model::CsiStorageCapacity fast = capacity("f", gibibytes(8));   // 12 of 100 used: 88
  fast.storage_class = "fast";
  see(fast);
  EXPECT_EQ(score(a_pod("p", {uses("x"), uses("y")})), 89);
  fast.capacity = gibibytes(9);   // 11 of 100: 89
  see(fast);
  EXPECT_EQ(score(a_pod("p", {uses("x"), uses("y")})), 90) << "(90 + 89) / 2 is 89.5";
}

TEST_F(StorageScore, NothingToBindOrUncountedScoresNothing) {
  EXPECT_EQ(score(pod), 0);
  see_bound("bound", a_volume("pv"));
  EXPECT_EQ(score(a_pod("p", {uses("bound")})), 0);
}

}   // namespace
}   // namespace ebb::core::volumes::testing
