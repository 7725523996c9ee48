#include "core/affinity/affinity_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace ebb::core::affinity {
namespace {

using namespace testing;
using Scores = Cluster::Scores;

const model::Labels kFoo{{"foo", ""}};

// Zones of two hosts each: a and b in zone1, x and y in zone2.
class TwoZones : public ::testing::Test {
 protected:
  TwoZones() {
    for (const char* name : {"a", "b", "x", "y"}) {
      const bool first = name[0] < 'c';
      cluster_.host(name, {{"zone", first ? "zone1" : "zone2"}, {"node", name}});
    }
  }
  void pods(std::initializer_list<int> counts, const model::Pod& pod = a_pod(kFoo)) {
    Slot slot = 0;
    for (const int count : counts) cluster_.place(slot++, pod, count);
  }
  static model::Pod asking(std::vector<model::TopologySpreadConstraint> constraints, model::Labels labels = kFoo) {
    model::Pod pod = a_pod(std::move(labels));
    pod.spread_constraints = std::move(constraints);
    return pod;
  }
  // Node affinity or tolerations that hold on these slots.
  static NodePredicate on(std::vector<Slot> slots) {
    std::string text = "on";
    for (const Slot slot : slots) text += " " + std::to_string(slot);
    return {text, [slots](Slot slot) { return std::ranges::find(slots, slot) != slots.end(); }};
  }

  Cluster cluster_;
};

TEST_F(TwoZones, WithoutPodsEveryNodeFits) { EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo")})), "...."); }

TEST_F(TwoZones, APodThatDoesNotMatchItselfCountsOneLess) {
  pods({2, 1, 0, 3});
  EXPECT_EQ(cluster_.refusals(asking({required(1, kHost, "foo")})), "ss.s");
  EXPECT_EQ(cluster_.refusals(asking({required(1, kHost, "foo")}, {{"bar", ""}})), "s..s");
}

TEST_F(TwoZones, ALargerSkewLetsMoreNodesFit) {
  pods({2, 1, 0, 3});
  EXPECT_EQ(cluster_.refusals(asking({required(2, kHost, "foo")})), "s..s");
}

TEST_F(TwoZones, PodsOfAnotherNamespaceDoNotCount) {
  pods({0, 0, 1, 0});
  pods({2, 0, 0, 0}, a_pod(kFoo, "elsewhere"));
  EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo")})), "..ss");
}

TEST_F(TwoZones, TerminatingPodsDoNotCount) {
  cluster_.place_terminating(0, a_pod(kFoo));
  pods({0, 0, 0, 1});
  EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo")})), "..ss");
}

TEST_F(TwoZones, WithoutASelectorNoPodCounts) {
  pods({3, 0, 0, 0});
  auto constraint = required(1, "zone", "foo");
  constraint.selector.reset();
  EXPECT_EQ(cluster_.refusals(asking({constraint})), "....");
}

TEST_F(TwoZones, AnEmptySelectorCountsNobodyButThePodItself) {
  pods({3, 0, 0, 0});
  auto constraint = required(1, "zone", "foo");
  constraint.selector = model::LabelSelector{};
  EXPECT_EQ(cluster_.refusals(asking({constraint})), "....");
  constraint.min_domains = 3;
  EXPECT_EQ(cluster_.refusals(asking({constraint})), "....");
  constraint.max_skew = 0;
  EXPECT_EQ(cluster_.refusals(asking({constraint})), "ssss");
}

TEST_F(TwoZones, ANodeWithoutTheLabelIsRefusedForThat) {
  cluster_.relabel(1, {{kHost, "b"}});
  pods({1, 5, 2, 0});
  EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo")})), ".lss");
  EXPECT_EQ(cluster_.refusals(asking({required(1, "rack", "foo")})), "llll");
}

TEST_F(TwoZones, ANodeCountsOnlyIfItHasTheLabelsOfAllRequiredConstraints) {
  cluster_.relabel(2, {{"zone", "zone2"}, {kHost, "x"}});
  pods({1, 0, 5, 1});
  // The five pods on x, which has no label "node", are not in zone2's sum: the zones stand at 1 and 1.
  EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo"), required(1, "node", "foo")})), "s.ls");
}

TEST_F(TwoZones, ConstraintsAreAskedInTheirOrder) {
  cluster_.relabel(0, {{"zone", "zone1"}, {kHost, "a"}});
  pods({0, 4, 0, 0});
  EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo"), required(1, "node", "foo")})), "ss..");
  EXPECT_EQ(cluster_.refusals(asking({required(1, "node", "foo"), required(1, "zone", "foo")})), "ls..");
}

TEST_F(TwoZones, BothOfTwoConstraintsMustHold) {
  pods({2, 1, 0, 3});
  EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo"), required(1, "node", "foo")})), "ss.s");
  pods({0, 0, 1, 0});   // 3 against 4 in the zones: zone2 is full, and the hosts of zone1 are fuller than x was
  EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo"), required(1, "node", "foo")})), "s.ss");
}

TEST_F(TwoZones, EachConstraintHasItsOwnSelector) {
  pods({1, 0, 0, 0});
  pods({0, 0, 0, 1}, a_pod({{"bar", ""}}));
  EXPECT_EQ(cluster_.refusals(asking({required(1, "zone", "foo"), required(1, "node", "bar")}, {{"foo", ""}, {"bar", ""}})), "ss.s");
}

TEST_F(TwoZones, FewerDomainsThanDemandedMakeTheLowestCountZero) {
  pods({2, 0, 1, 0});
  auto constraint = required(2, "zone", "foo");
  constraint.min_domains = 3;
  EXPECT_EQ(cluster_.refusals(asking({constraint})), "ss..");
  constraint.min_domains = 2;
  EXPECT_EQ(cluster_.refusals(asking({constraint})), "....");
}

TEST_F(TwoZones, NodesThatThePodsAffinityRefusesAreNotLookedAtUnlessThePolicySaysSo) {
  pods({2, 1, 0, 3});
  RequirementSpec spec = requirement_of(asking({required(1, kHost, "foo")}));
  spec.matches_node_affinity = on({0, 3});
  EXPECT_EQ(cluster_.refusals(spec), "...s");   // the lowest count is 2, and the other hosts count as empty
  spec.spread_constraints[0].max_skew = 2;
  EXPECT_EQ(cluster_.refusals(spec), "....");
  spec.spread_constraints[0].honor_node_affinity = false;
  EXPECT_EQ(cluster_.refusals(spec), "s..s");
}

TEST_F(TwoZones, TaintedNodesAreLookedAtUnlessThePolicySaysOtherwise) {
  pods({1, 1, 0, 1});
  RequirementSpec spec = requirement_of(asking({required(1, kHost, "foo")}));
  spec.tolerates_node = on({0, 1, 3});
  EXPECT_EQ(cluster_.refusals(spec), "ss.s");
  spec.spread_constraints[0].honor_node_taints = true;
  EXPECT_EQ(cluster_.refusals(spec), "....");
}

TEST_F(TwoZones, ANodeThatBecomesEligibleIsLookedAtFromThen) {
  pods({1, 1, 0, 1});
  auto tainted = std::make_shared<bool>(true);
  RequirementSpec spec = requirement_of(asking({required(1, kHost, "foo")}));
  spec.spread_constraints[0].honor_node_taints = true;
  spec.tolerates_node = {"tolerates", [tainted](Slot slot) { return slot != 2 || !*tainted; }};
  const RequirementId id = cluster_.index.acquire(spec);
  EXPECT_EQ(cluster_.index.refusal(id, 0), CompanyRefusal::none);
  const std::uint64_t before = cluster_.index.generation(id);
  *tainted = false;
  cluster_.relabel(2, {{"zone", "zone2"}, {"node", "x"}, {kHost, "x"}});
  EXPECT_EQ(cluster_.index.refusal(id, 0), CompanyRefusal::spread_skew);
  EXPECT_GT(cluster_.index.generation(id), before);
}

TEST_F(TwoZones, MatchLabelKeysNarrowTheSelectorToThePodsOwnValue) {
  pods({0, 1, 0, 0}, a_pod({{"foo", ""}, {"version", "1"}}));
  pods({0, 0, 1, 1}, a_pod({{"foo", ""}, {"version", "2"}}));
  auto constraint = required(1, "zone", "foo");
  constraint.match_label_keys = {"version", "absent"};
  EXPECT_EQ(cluster_.refusals(asking({constraint}, {{"foo", ""}, {"version", "1"}})), "ss..");
  EXPECT_EQ(cluster_.refusals(asking({constraint}, {{"foo", ""}, {"version", "2"}})), "..ss");
  constraint.selector = model::LabelSelector{};   // with a key it is not empty any more
  EXPECT_EQ(cluster_.refusals(asking({constraint}, {{"foo", ""}, {"version", "1"}})), "ss..");
  constraint.selector.reset();
  EXPECT_EQ(cluster_.refusals(asking({constraint}, {{"foo", ""}, {"version", "1"}})), "....");
}

TEST_F(TwoZones, PreferredConstraintsRefuseNothing) {
  pods({5, 0, 0, 0});
  EXPECT_EQ(cluster_.refusals(asking({preferred(1, "zone", "foo")})), "....");
}

TEST_F(TwoZones, DefaultConstraintsCountThePodsThatAllSelectorsMatch) {
  pods({2, 0, 0, 0}, a_pod({{"foo", ""}, {"hash", "1"}}));
  pods({0, 0, 3, 0}, a_pod({{"foo", ""}, {"hash", "2"}}));
  RequirementSpec spec = requirement_of(a_pod({{"foo", ""}, {"hash", "1"}}));
  spec.default_constraints = {required(1, "zone", "unused")};
  spec.default_constraints[0].selector.reset();
  EXPECT_EQ(cluster_.refusals(spec), "....");   // no service and no controller
  spec.default_selectors = {selecting("foo"), selecting("hash=1")};
  EXPECT_EQ(cluster_.refusals(spec), "ss..");
  spec.spread_constraints = {preferred(1, "zone", "foo")};   // a pod with its own has no defaults
  EXPECT_EQ(cluster_.refusals(spec), "....");
}

TEST_F(TwoZones, ANodeThatGoesTakesItsDomainAlong) {
  pods({1, 1, 0, 1});
  const model::Pod pod = asking({required(1, kHost, "foo")});
  EXPECT_EQ(cluster_.refusals(pod), "ss.s");
  cluster_.index.node_gone(2);
  EXPECT_EQ(cluster_.refusals(pod), "..l.");
}

// Scores.

TEST_F(TwoZones, WithoutPodsAllNodesScoreFull) {
  EXPECT_EQ(cluster_.spread(asking({preferred(1, kHost, "foo")})), (Scores{100, 100, 100, 100}));
}

TEST_F(TwoZones, ASingleCandidateScoresFull) {
  pods({2, 1, 0, 0});
  EXPECT_EQ(cluster_.spread(asking({preferred(1, kHost, "foo")}), {0}), (Scores{100}));
}

TEST_F(TwoZones, FewerMatchingPodsScoreMore) {
  pods({2, 1, 0, 3});
  EXPECT_EQ(cluster_.spread(asking({preferred(1, kHost, "foo")})), (Scores{20, 60, 100, 0}));
  EXPECT_EQ(cluster_.spread(asking({preferred(2, kHost, "foo")})), (Scores{33, 66, 100, 16}));
}

TEST_F(TwoZones, ALargerSkewWatersDifferencesDown) {
  pods({4, 3, 2, 1});
  EXPECT_EQ(cluster_.spread(asking({preferred(3, kHost, "foo")})), (Scores{44, 66, 77, 100}));
}

TEST_F(TwoZones, NodesThatAreNoCandidatesCountInTheirZoneButNotAsHosts) {
  pods({4, 2, 1, 3});
  EXPECT_EQ(cluster_.spread(asking({preferred(1, kHost, "foo")}), {0, 1, 2}), (Scores{33, 83, 100}));
  EXPECT_EQ(cluster_.spread(asking({preferred(1, "zone", "foo")}), {0, 1, 2}), (Scores{75, 75, 100}));
}

TEST_F(TwoZones, ACandidateWithoutTheLabelScoresNothing) {
  cluster_.relabel(1, {{"n", "b"}});
  pods({4, 2, 1, 3});
  EXPECT_EQ(cluster_.spread(asking({preferred(1, kHost, "foo")}), {0, 1, 2}), (Scores{16, 0, 100}));
}

TEST_F(TwoZones, ZonesAndHostsAddUp) {
  pods({2, 1, 2, 4});
  EXPECT_EQ(cluster_.spread(asking({preferred(1, "zone", "foo"), preferred(1, kHost, "foo")}), {0, 2}), (Scores{100, 63}));
}

const model::Labels kFooBar{{"foo", ""}, {"bar", ""}};
const model::Labels kBar{{"bar", ""}};

TEST_F(TwoZones, TwoConstraintsOnOneKeyAddUp) {
  pods({1, 1, 0, 1}, a_pod(kFooBar));
  pods({1, 0, 0, 2});
  EXPECT_EQ(cluster_.spread(asking({preferred(1, "zone", "foo"), preferred(1, "zone", "bar")}, kFooBar), {0, 2}), (Scores{85, 100}));
}

TEST_F(TwoZones, EachPreferredConstraintHasItsOwnSelector) {
  const model::Pod pod = asking({preferred(1, "zone", "foo"), preferred(1, kHost, "bar")}, kFooBar);
  pods({1, 0, 0, 1});
  pods({0, 1, 0, 0}, a_pod(kFooBar));
  pods({0, 0, 0, 1}, a_pod(kBar));
  EXPECT_EQ(cluster_.spread(pod), (Scores{60, 20, 100, 60}));
  EXPECT_EQ(cluster_.spread(pod, {0, 1, 2}), (Scores{50, 25, 100}));
}

TEST_F(TwoZones, ZonesWithoutPodsAreTheBest) {
  const model::Pod pod = asking({preferred(1, "zone", "foo"), preferred(1, kHost, "bar")}, kFooBar);
  pods({0, 1, 0, 0}, a_pod(kBar));
  pods({0, 0, 1, 0});
  pods({0, 0, 0, 1}, a_pod(kFooBar));
  EXPECT_EQ(cluster_.spread(pod), (Scores{100, 60, 40, 0}));
}

TEST_F(TwoZones, NeitherOtherNamespacesNorTerminatingPodsCountInScores) {
  pods({1, 2, 0, 0});
  pods({1, 0, 0, 0}, a_pod(kFoo, "ns1"));
  cluster_.place_terminating(0, a_pod(kFoo));
  EXPECT_EQ(cluster_.spread(asking({preferred(1, kHost, "foo")}), {0, 1}), (Scores{100, 33}));
}

TEST_F(TwoZones, ZonesCountNodesByThePoliciesAndHostsCountAnyway) {
  pods({1, 0, 2, 0});
  RequirementSpec spec = requirement_of(asking({preferred(1, "zone", "foo")}));
  spec.matches_node_affinity = on({0, 1, 3});
  EXPECT_EQ(cluster_.spread(spec), (Scores{0, 0, 100, 100}));
  spec.spread_constraints[0].honor_node_affinity = false;
  EXPECT_EQ(cluster_.spread(spec), (Scores{100, 100, 33, 33}));
  spec.spread_constraints = {preferred(1, kHost, "foo")};
  EXPECT_EQ(cluster_.spread(spec), (Scores{50, 100, 0, 100}));
}

TEST_F(TwoZones, WithoutPreferredConstraintsTheScoreIsZero) {
  pods({4, 2, 1, 3});
  EXPECT_EQ(cluster_.spread(asking({required(1, kHost, "foo")})), (Scores{0, 0, 0, 0}));
}

class SystemDefaults : public ::testing::Test {
 protected:
  static RequirementSpec asking() {
    RequirementSpec spec = requirement_of(a_pod(kFoo));
    spec.default_constraints = system_default_constraints();
    spec.default_selectors = {selecting("foo")};
    spec.system_defaulted = true;
    return spec;
  }
  Cluster cluster_;
};

TEST_F(SystemDefaults, NodesWithoutZonesAreSpreadOverAsHosts) {
  for (const char* name : {"a", "b", "c", "d"}) cluster_.host(name);
  for (Slot slot = 0; slot < 4; ++slot) cluster_.place(slot, a_pod(kFoo), 4 - static_cast<int>(slot));
  EXPECT_EQ(cluster_.spread(asking()), (Scores{44, 66, 77, 100}));
}

TEST_F(SystemDefaults, TheSameConstraintsFromAConfigurationNeedAllLabels) {
  for (const char* name : {"a", "b"}) cluster_.host(name);
  cluster_.place(0, a_pod(kFoo));
  RequirementSpec spec = asking();
  spec.system_defaulted = false;
  EXPECT_EQ(cluster_.spread(spec), (Scores{0, 0}));
}

}   // namespace
}   // namespace ebb::core::affinity
