#include "core/affinity/affinity_testing.h"

#include <gtest/gtest.h>

#include <memory>

namespace ebb::core::affinity {
namespace {

using namespace testing;

const model::Labels kWeb{{"app", "web"}};

model::Pod apart() {
  model::Pod pod = a_pod(kWeb);
  pod.required_anti_affinity = {term("app=web", "zone")};
  return pod;
}

TEST(CompanyIndex, PodsThatLookTheSameShareAClass) {
  CompanyIndex index;
  const ClassId id = index.acquire_class(apart());
  model::Pod other = apart();
  other.key.name = "other";
  EXPECT_EQ(index.acquire_class(other), id);
  EXPECT_NE(index.acquire_class(a_pod(kWeb)), id);
  EXPECT_EQ(index.size().classes, 2u);
}

TEST(CompanyIndex, RequirementsThatSayTheSameAreOne) {
  CompanyIndex index;
  const RequirementId id = index.acquire(requirement_of(apart()));
  EXPECT_EQ(index.acquire(requirement_of(apart())), id);
  RequirementSpec other = requirement_of(apart());
  other.hard_pod_affinity_weight = 7;
  EXPECT_NE(index.acquire(other), id);
}

TEST(CompanyIndex, ATextOfAPredicateThatNoConstraintHonoursMakesNoDifference) {
  CompanyIndex index;
  RequirementSpec spec = requirement_of(apart());
  const RequirementId id = index.acquire(spec);
  spec.matches_node_affinity = {"disk=ssd", [](Slot) { return true; }};
  EXPECT_EQ(index.acquire(spec), id);
}

TEST(CompanyIndex, NothingIsLeftOfWhatNobodyUses) {
  Cluster cluster;
  cluster.host("a", {{"zone", "z1"}});
  model::Pod pod = apart();
  pod.required_affinity = {term("app", kHost)};
  pod.preferred_affinity = {{3, in_namespaces_with(term("app", "zone"), "team")}};
  pod.spread_constraints = {required(1, "zone", "app"), required(1, kHost, "app"), preferred(1, kHost, "app")};
  const ClassId id = cluster.index.acquire_class(pod);
  cluster.index.add_pod(0, id, false);
  const RequirementId requirement = cluster.index.acquire(requirement_of(pod));
  EXPECT_GT(cluster.index.size().counters, 5u);
  cluster.index.release(requirement);
  cluster.index.remove_pod(0, id, false);
  cluster.index.release_class(id);
  EXPECT_EQ(cluster.index.size(), CompanyIndex::Size{});
}

TEST(CompanyIndex, KeysThatCameAndWentManyTimesAnswerAsBefore) {
  Cluster cluster;
  model::Labels labels;
  for (int i = 0; i < 30; ++i) labels["key" + std::to_string(i)] = "a";
  cluster.node(labels);
  cluster.place(0, a_pod(kWeb));
  for (int i = 0; i < 60; ++i) {
    model::Pod pod = a_pod();
    const std::string key = "key" + std::to_string(i % 31);
    pod.required_anti_affinity = {term("app=web", key)};
    EXPECT_EQ(cluster.refusals(pod), labels.contains(key) ? "a" : ".");
    labels[key] = "b";
    cluster.relabel(0, labels);
    EXPECT_EQ(cluster.refusals(pod), "a");
    EXPECT_EQ(cluster.index.size().topology_keys, 0u);
  }
}

TEST(CompanyIndex, ALaterRequirementKnowsOfPodsThatCameBefore) {
  Cluster cluster;
  cluster.host("a", {{"zone", "z1"}});
  cluster.host("b", {{"zone", "z2"}});
  cluster.place(1, a_pod(kWeb));
  EXPECT_EQ(cluster.refusals(apart()), ".a");
}

TEST(CompanyIndex, PodsCountOnceTheirNodeIsSeen) {
  CompanyIndex index;
  index.add_pod(7, index.acquire_class(a_pod(kWeb)), false);
  const RequirementId id = index.acquire(requirement_of(apart()));
  EXPECT_FALSE(index.constrains(id));
  model::Node node;
  node.labels = {{"zone", "z1"}};
  index.node_seen(7, node);
  EXPECT_EQ(index.refusal(id, 7), CompanyRefusal::anti_affinity);
  index.node_gone(7);
  EXPECT_FALSE(index.constrains(id));
}

TEST(CompanyIndex, ANodeThatMovesToAnotherDomainTakesItsPodsAlong) {
  Cluster cluster;
  cluster.host("a", {{"zone", "z1"}});
  cluster.host("b", {{"zone", "z2"}});
  cluster.place(0, apart());
  EXPECT_EQ(cluster.refusals(a_pod(kWeb)), "x.");
  cluster.relabel(0, {{"zone", "z2"}});
  EXPECT_EQ(cluster.refusals(a_pod(kWeb)), "xx");
}

TEST(CompanyIndex, TheGenerationGrowsWithWhatConcernsTheRequirementAndWithNothingElse) {
  Cluster cluster;
  cluster.host("a", {{"zone", "z1"}});
  const RequirementId id = cluster.index.acquire(requirement_of(apart()));
  std::uint64_t last = cluster.index.generation(id);
  const auto has_grown = [&] { return std::exchange(last, cluster.index.generation(id)) < last; };

  cluster.place(0, a_pod({{"app", "other"}}));
  EXPECT_FALSE(has_grown());
  cluster.relabel(0, {{"zone", "z1"}, {kHost, "a"}, {"colour", "red"}});
  EXPECT_FALSE(has_grown());
  cluster.index.namespace_seen("elsewhere", {{"team", "red"}});
  EXPECT_FALSE(has_grown());

  cluster.place(0, a_pod(kWeb));
  EXPECT_TRUE(has_grown());
  cluster.relabel(0, {{"zone", "z2"}});
  EXPECT_TRUE(has_grown());
  cluster.node({{"zone", "z3"}});
  EXPECT_TRUE(has_grown());
  model::Pod avoids_it = a_pod();
  avoids_it.required_anti_affinity = {term("app", kHost)};
  const ClassId avoids = cluster.index.acquire_class(avoids_it);
  EXPECT_TRUE(has_grown());
  cluster.index.release_class(avoids);
  EXPECT_TRUE(has_grown());
}

TEST(CompanyIndex, ATrialThatIsTakenBackLeavesNoTrace) {
  Cluster cluster;
  cluster.host("a", {{"zone", "z1"}});
  const ClassId id = cluster.index.acquire_class(a_pod(kWeb));
  cluster.index.add_pod(0, id, false);
  const RequirementId requirement = cluster.index.acquire(requirement_of(apart()));
  const std::uint64_t before = cluster.index.generation(requirement);
  cluster.index.take_out(0, id, false);
  EXPECT_EQ(cluster.index.refusal(requirement, 0), CompanyRefusal::none);
  cluster.index.put_back(0, id, false);
  EXPECT_EQ(cluster.index.refusal(requirement, 0), CompanyRefusal::anti_affinity);
  EXPECT_EQ(cluster.index.generation(requirement), before);
}

TEST(CompanyIndex, AClassWithoutTermsNeitherConstrainsNorScores) {
  Cluster cluster;
  cluster.host("a", {{"zone", "z1"}});
  const RequirementId id = cluster.index.acquire(requirement_of(a_pod(kWeb)));
  EXPECT_FALSE(cluster.index.constrains(id));
  EXPECT_FALSE(cluster.index.scores(id));
  cluster.place(0, apart());
  EXPECT_TRUE(cluster.index.constrains(id));
  EXPECT_FALSE(cluster.index.scores(id));
}

TEST(CompanyIndex, SlotsThatWereNeverSeenAreRefusedWhereALabelIsNeeded) {
  CompanyIndex index;
  model::Pod pod = a_pod(kWeb);
  pod.spread_constraints = {required(1, "zone", "app")};
  const RequirementId id = index.acquire(requirement_of(pod));
  std::vector<std::uint8_t> fits(3, 1);
  index.refuse(id, fits);
  EXPECT_EQ(fits, (std::vector<std::uint8_t>{0, 0, 0}));
}

TEST(CompanyRefusal, SaysWhatKubeSchedulerSays) {
  EXPECT_EQ(text(CompanyRefusal::spread_label_missing), "node(s) didn't match pod topology spread constraints (missing required label)");
  EXPECT_EQ(text(CompanyRefusal::spread_skew), "node(s) didn't match pod topology spread constraints");
  EXPECT_EQ(text(CompanyRefusal::affinity), "node(s) didn't match pod affinity rules");
  EXPECT_EQ(text(CompanyRefusal::anti_affinity), "node(s) didn't match pod anti-affinity rules");
  EXPECT_EQ(text(CompanyRefusal::existing_anti_affinity), "node(s) didn't satisfy existing pods anti-affinity rules");
  EXPECT_EQ(plugin(CompanyRefusal::spread_skew), "PodTopologySpread");
  EXPECT_EQ(plugin(CompanyRefusal::existing_anti_affinity), "InterPodAffinity");
}

TEST(CompanyRefusal, EvictingPodsHelpsAgainstSkewAndAntiAffinityOnly) {
  EXPECT_FALSE(resolvable_by_preemption(CompanyRefusal::spread_label_missing));
  EXPECT_TRUE(resolvable_by_preemption(CompanyRefusal::spread_skew));
  EXPECT_FALSE(resolvable_by_preemption(CompanyRefusal::affinity));
  EXPECT_TRUE(resolvable_by_preemption(CompanyRefusal::anti_affinity));
  EXPECT_TRUE(resolvable_by_preemption(CompanyRefusal::existing_anti_affinity));
}

}   // namespace
}   // namespace ebb::core::affinity
