#include "core/volumes/in_tree_plugins.h"
#include "core/volumes/reach.h"
#include "core/volumes/volume_testing.h"

namespace ebb::core::volumes::testing {
namespace {

constexpr const char* kNoZone = "node(s) had no available volume zone";
const std::string zone(kZone);
const std::string region(kRegion);
const std::string beta_zone(kBetaZone);
const std::string beta_region(kBetaRegion);

class VolumeZone : public StorageTest {};

TEST_F(VolumeZone, LabelsOfTheVolumeBindTheNode) {
  struct Case {
    const char* what;
    model::Labels volume;
    model::Labels node;
    bool fits;
  };
  const Case cases[] = {
      {"no labels", {}, {{zone, "a"}}, true},
      {"same zone", {{zone, "a"}}, {{zone, "a"}}, true},
      {"another zone", {{zone, "a"}}, {{zone, "b"}}, false},
      {"node without zones", {{zone, "a"}}, {}, true},
      {"node with a region only", {{zone, "a"}}, {{region, "r"}}, false},
      {"one of a set", {{zone, "a__b"}}, {{zone, "b"}}, true},
      {"none of a set", {{zone, "a__b"}}, {{zone, "c"}}, false},
      {"blanks in a set", {{zone, " a __ b "}}, {{zone, "b"}}, true},
      {"an empty one in a set: ignored", {{zone, "a____b"}}, {{zone, "c"}}, true},
      {"empty: ignored", {{zone, ""}}, {{zone, "c"}}, true},
      {"region too", {{zone, "a"}, {region, "r"}}, {{zone, "a"}, {region, "s"}}, false},
      {"both", {{zone, "a"}, {region, "r"}}, {{zone, "a"}, {region, "r"}}, true},
      {"beta on both", {{beta_zone, "a"}}, {{beta_zone, "a"}}, true},
      {"beta on the volume, today's on the node", {{beta_zone, "a"}, {beta_region, "r"}}, {{zone, "a"}, {region, "r"}}, true},
      {"beta on the volume, today's differs", {{beta_zone, "a"}}, {{zone, "b"}}, false},
      {"today's on the volume, beta on the node", {{zone, "a"}}, {{beta_zone, "a"}}, false},
      {"the node's beta label is asked first", {{beta_zone, "a"}}, {{beta_zone, "b"}, {zone, "a"}}, false},
  };
  for (const Case& one : cases) {
    model::Volume volume = a_volume("pv");
    volume.labels = one.volume;
    see_bound("x", volume);
    EXPECT_EQ(answer(a_pod("p", {uses("x")}), node("n", one.node)), one.fits ? Texts{} : Texts{kNoZone}) << one.what;
  }
}

TEST_F(VolumeZone, PreemptionDoesNotHelp) {
  model::Volume volume = a_volume("pv");
  volume.labels = {{zone, "a"}};
  see_bound("x", volume);
  EXPECT_FALSE(refusal(a_pod("p", {uses("x")}), node("n", {{zone, "b"}}))->resolvable());
}

TEST_F(VolumeZone, EveryVolumeMustFit) {
  model::Volume a = a_volume("pv-a");
  a.labels = {{zone, "a"}};
  model::Volume b = a_volume("pv-b");
  b.labels = {{zone, "b"}};
  see_bound("a", a);
  see_bound("b", b);
  const Slot n = node("n", {{zone, "a"}});
  EXPECT_EQ(answer(a_pod("p", {uses("a")}), n), Texts{});
  EXPECT_EQ(answer(a_pod("p", {uses("a"), uses("b")}), n), Texts{kNoZone});
}

TEST_F(VolumeZone, EphemeralVolumesAreNotAsked) {
  model::VolumeClaim claim = bound_claim("p-scratch", "pv");
  claim.owners = {{"v1", "Pod", "p", model::Uid("uid-p"), true}};
  see(claim);
  model::Volume volume = bound_to(a_volume("pv"), claim);
  volume.labels = {{zone, "a"}};
  see(volume);
  EXPECT_EQ(answer(a_pod("p", {ephemeral("scratch")}), node("n", {{zone, "b"}})), Texts{});
}

TEST_F(VolumeZone, LabelThatChangesIsSeen) {
  model::Volume volume = a_volume("pv");
  volume.labels = {{zone, "a"}};
  see_bound("x", volume);
  const Slot n = node("n", {{zone, "b"}});
  const DemandId demand = acquire(a_pod("p", {uses("x")}));
  ASSERT_TRUE(book.refusal(demand, n, at(n)));
  book.take_changes();
  volume.labels = {{zone, "a__b"}};
  see(bound_to(volume, bound_claim("x", "pv")));
  EXPECT_EQ(book.take_changes().demands, (std::vector<DemandChange>{{demand, true}}));
  EXPECT_FALSE(book.refusal(demand, n, at(n)));
}

TEST(InTreeTopology, IsTranslatedAsItsDriverNamesIt) {
  const std::string ebs = "topology.ebs.csi.aws.com/zone";
  const auto translated = [](std::vector<model::NodeSelectorTerm> terms, model::Labels labels,
                             const char* plugin = "kubernetes.io/aws-ebs") {
    model::Volume volume = a_volume("pv");
    volume.node_terms = std::move(terms);
    volume.labels = std::move(labels);
    return migrated_terms(volume, *in_tree_plugin(plugin));
  };
  using Terms = std::vector<model::NodeSelectorTerm>;
  EXPECT_EQ(translated({term(zone, {"a"})}, {}), (Terms{term(ebs, {"a"})}));
  EXPECT_EQ(translated({term(beta_zone, {"a"}), term(beta_region, {"r"})}, {}), (Terms{term(ebs, {"a"}), term(region, {"r"})}));
  EXPECT_EQ(translated({term(zone, {"a"}), term(beta_region, {"r"})}, {}), (Terms{term(ebs, {"a"}), term(beta_region, {"r"})}))
      << "a volume speaks one generation";
  EXPECT_EQ(translated({}, {{zone, "b__a"}}), (Terms{term(ebs, {"a", "b"})})) << "from the label";
  EXPECT_EQ(translated({term("rack", {"1"})}, {{beta_zone, "a"}}).front().match_labels.requirements.size(), 2U) << "added to each term";
  EXPECT_EQ(translated({term(zone, {"a"})}, {{zone, "b"}}), (Terms{term(ebs, {"a"})})) << "the affinity comes before the label";
  EXPECT_EQ(translated({}, {}), Terms{});
  EXPECT_EQ(translated({term(zone, {"a"})}, {}, "kubernetes.io/azure-disk"), (Terms{term(zone, {"a"})})) << "left as it is";
}

TEST(InTreeHandle, OfAGoogleDiskTellsWhereItIs) {
  model::Volume disk = csi_volume("pv", "pd.csi.storage.gke.io", "d");
  disk.in_tree_plugin = "kubernetes.io/gce-pd";
  EXPECT_EQ(driver_handle(disk), "projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d");
  disk.labels = {{zone, "us-1-b"}};
  EXPECT_EQ(driver_handle(disk), "projects/UNSPECIFIED/zones/us-1-b/disks/d");
  disk.labels = {{zone, "us-1-b"}, {beta_zone, "us-1-b__us-1-c"}};
  EXPECT_EQ(driver_handle(disk), "projects/UNSPECIFIED/regions/us-1/disks/d");
  disk.in_tree_plugin = "kubernetes.io/cinder";
  EXPECT_EQ(driver_handle(disk), "d");
}

TEST(ReachIndexes, FindByLabelWhatCanBeReached) {
  ReachIndex<int, int> index;
  index.insert({}, 1, 10);
  index.insert({"rack", {"a", "b"}}, 2, 20);
  index.insert({"zone", {"z"}}, 3, 30);
  const auto found = [&](const model::Labels& labels) {
    std::set<int> keys;
    index.visit(labels, [&](const auto& bucket) {
      for (const auto& [key, value] : bucket) keys.insert(key);
    });
    return keys;
  };
  EXPECT_EQ(found({}), (std::set<int>{1}));
  EXPECT_EQ(found({{"rack", "b"}}), (std::set<int>{1, 2}));
  EXPECT_EQ(found({{"rack", "c"}, {"zone", "z"}}), (std::set<int>{1, 3}));
  index.erase({"rack", {"a", "b"}}, 2);
  index.erase({}, 1);
  EXPECT_EQ(found({{"rack", "b"}}), std::set<int>{});
  index.erase({"zone", {"z"}}, 3);
  EXPECT_TRUE(index.empty());
}

TEST(ReachIndexes, ARequirementWithTheFewestValuesLeads) {
  const Reach reach = reach_of({{"zone", model::SelectorOperator::in, {"a", "b"}},
                                {"host", model::SelectorOperator::in, {"h"}},
                                {"disk", model::SelectorOperator::exists, {}}});
  EXPECT_EQ(reach.label, "host");
  model::Volume volume = a_volume("pv");
  volume.node_terms = {term("host", {"h"}), term("host", {"i"})};
  EXPECT_EQ(reach_of(volume).label, "") << "either term may match";
}

}   // namespace
}   // namespace ebb::core::volumes::testing
